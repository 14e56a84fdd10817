// One conflict: the two sides, and the ways to settle it.
import { type ReactNode, useEffect } from 'react';
import type { Conflict } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import { Badge, Fact, When } from '../../components/parts';
import { ErrorState, Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { useFile } from '../../state/annotate';
import { toast } from '../../state/announce';
import { type Resolution, useResolve, useSides } from '../../state/conflicts';
import { explain } from '../../state/explain';
import { useLive } from '../../state/live';
import { at, navigate } from '../../state/router';
import { useSettings } from '../../state/settings';
import { useShares } from '../../state/shares';
import { Page } from '../shell/page';
import { nameOf } from './index';
import { Pictures, Texts, isPicture, isText, largestPicture, largestText } from './sides';

const ways: readonly { resolution: Resolution; key: string }[] = [{ resolution: 'CLIENT_WINS', key: '1' }, { resolution: 'SERVER_WINS', key: '2' }, { resolution: 'KEEP_BOTH', key: '3' }];

export function One({ conflict: c, list, next }: { conflict: Conflict; list: ReactNode; next: string }) {
  const t = useTexts('conflicts');
  const common = useTexts('common');
  const shares = useShares();
  const { singleKeys } = useSettings();
  const share = shares.data?.find((s) => s.id === c.share_id);
  useLive(c.share_id);
  const resolve = useResolve();
  const name = nameOf(c) || t.unnamed;
  const contents = c.resource_type === 'file' && c.conflict_type === 'edit_edit' && c.client_change.size !== undefined;
  const reader = share?.role === 'reader' ? t.reader : undefined;
  const settle = async (resolution: Resolution) => {
    if (resolve.isPending || reader) return;
    try {
      await resolve.mutateAsync({ conflict: c, resolution });
      toast(t.settled(name), { kind: 'done' });
      navigate(next ? `/conflicts/${next}` : '/conflicts');
    } catch (e) {
      toast(t.notSettled(name, explain(e, common)), { kind: 'alert' });
    }
  };
  useEffect(() => {
    if (!singleKeys) return undefined;
    const onKey = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.altKey || e.metaKey || e.defaultPrevented || (e.target as Element).closest('input, textarea, select, [role=dialog], [role=menu]')) return;
      const way = ways.find((w) => w.key === e.key);
      if (way) void settle(way.resolution);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  const words = {
    CLIENT_WINS: [t.keepMine, contents ? t.mineHelp : t.mineHelpOther], SERVER_WINS: [t.keepTheirs, contents ? t.theirsHelp : t.theirsHelpOther], KEEP_BOTH: [t.keepBoth, t.bothHelp],
  } as const;
  const folder = c.client_change.parent_id;
  return (
    <Page title={name} name crumbs={[{ text: t.title, href: '/conflicts' }, ...(share ? [{ text: share.name, href: at.folder(share.id), name: true }] : [])]}
      actions={<a className="btn onwide" href={at.folder(c.share_id, folder)}>{t.show}</a>}
      details={list} detailsLabel={t.title}>
      <div className="scroll cf">
        <p className="row wrap"><Badge kind="danger" icon="conflict">{t.types[c.conflict_type]}</Badge><span className="small muted"><When at={c.created_at} />{c.device_id ? `, ${t.device(visible(c.device_id))}` : ''}</span></p>
        <p className="soft small cfabout">{contents ? t.about : t.aboutOther}</p>
        {contents ? <Contents conflict={c} name={name} /> : <Change conflict={c} />}
        <div className="picks" role="group" aria-label={t.settle}>
          {ways.map(({ resolution, key }) => (
            <Button key={resolution} className="pick" reason={reader} isDisabled={resolve.isPending} onPress={() => void settle(resolution)}>
              <span className="grow"><span className="strong">{words[resolution][0]}</span><span className="small soft">{words[resolution][1]}</span></span>{singleKeys && <kbd aria-hidden="true">{key}</kbd>}
            </Button>
          ))}
        </div>
      </div>
    </Page>
  );
}

function Change({ conflict: c }: { conflict: Conflict }) {
  const t = useTexts('conflicts');
  return (
    <dl className="dl">
      <Fact name={t.change}>{t.changes[c.client_change.change_type]}</Fact>
      {c.client_change.name && <Fact name={t.newName}>{visible(c.client_change.name)}</Fact>}
    </dl>
  );
}

function Contents({ conflict: c, name }: { conflict: Conflict; name: string }) {
  const t = useTexts('conflicts');
  const common = useTexts('common');
  const f = useFormat();
  const file = useFile(c.resource_id);
  const size = Math.max(file.data?.size ?? 0, c.client_change.size ?? 0);
  const text = isText(name, file.data?.mime_type ?? '');
  const picture = isPicture(file.data?.mime_type ?? '');
  const small = size <= (picture ? largestPicture : largestText);
  const sides = useSides(c, file.isSuccess && (text || picture) && small);
  const facts = (
    <div className="cols">
      {([['theirs', t.theirs, file.data?.size, file.data?.modified_at], ['mine', t.mine, c.client_change.size, c.client_change.modified_at]] as const).map(([id, title, bytes, moment]) => (
        <div key={id} className="side-facts"><h2>{title}</h2><p className="tiny muted">{bytes === undefined ? '' : f.size(bytes)}{moment ? <>, <When at={moment} /></> : null}</p></div>
      ))}
    </div>
  );
  return (
    <>
      {facts}
      {file.error ? <ErrorState title={t.sidesFailed} text={common.filesFine} onRetry={() => void file.refetch()} />
        : !file.data ? <Skeleton rows={4} />
          : !text && !picture ? <p className="note"><Icon name="info" />{t.notText}</p>
            : !small ? <p className="note"><Icon name="info" />{t.tooLarge}</p>
              : sides.error ? <ErrorState title={t.sidesFailed} text={common.filesFine} onRetry={() => void sides.refetch()} />
                : !sides.data ? <Skeleton rows={4} />
                  : picture ? <Pictures theirs={sides.data.theirs} mine={sides.data.mine} type={file.data.mime_type} /> : <Texts theirs={sides.data.theirs} mine={sides.data.mine} />}
    </>
  );
}
