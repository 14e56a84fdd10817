// One conflict: what stands against what, and the ways to settle it.
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { Conflict } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Badge, Fact, When } from '../../components/parts';
import { useTexts, visible } from '../../i18n';
import { useFile } from '../../state/annotate';
import { toast } from '../../state/announce';
import { useCompared } from '../../state/compare';
import { type Resolution, useResolve } from '../../state/conflicts';
import { explain } from '../../state/explain';
import { at, useQueryValue } from '../../state/router';
import { useSettings } from '../../state/settings';
import { useEffective } from '../../state/sharing';
import { useShares } from '../../state/shares';
import { Page } from '../shell/page';
import { Contents, type Texts, useWaiter } from './contents';
import { nameOf } from './index';
import { Merging } from './merging';

const ways: readonly { resolution: Resolution; key: string }[] = [{ resolution: 'CLIENT_WINS', key: '1' }, { resolution: 'SERVER_WINS', key: '2' }, { resolution: 'KEEP_BOTH', key: '3' }];

/** onSettled is called before the conflict goes from the list. */
export function One({ conflict: c, list, onSettled }: { conflict: Conflict; list: ReactNode; onSettled: () => void }) {
  const t = useTexts('conflicts');
  const common = useTexts('common');
  const shares = useShares();
  const share = shares.data?.find((s) => s.id === c.share_id);
  const resolve = useResolve();
  const name = nameOf(c) || t.unnamed;
  const contents = c.resource_type === 'file' && c.conflict_type === 'edit_edit' && c.client_change.size !== undefined;
  const file = useFile(c.resource_id, contents);
  const rights = useEffective(c.resource_id, '', c.path !== null);
  const reader = (rights.data ? !rights.data.can_write : share?.role === 'reader') ? t.reader : undefined;
  const [settling, setSettling] = useState(false); // what waits is not asked for any more
  const settle = async (resolution: Resolution) => {
    if (settling || reader) return;
    setSettling(true);
    try {
      onSettled();
      await resolve.mutateAsync({ conflict: c, resolution });
      toast(t.settled(name), { kind: 'done' });
    } catch (e) {
      setSettling(false);
      toast(t.notSettled(name, explain(e, common)), { kind: 'alert' });
    }
  };
  const folder = c.client_change.parent_id;
  return (
    <Page title={name} name crumbs={[{ text: t.title, href: '/conflicts' }, ...(share ? [{ text: share.name, href: at.folder(share.id), name: true }] : [])]}
      actions={<a className="btn onwide" href={at.folder(c.share_id, file.data?.folder_id ?? folder)}>{t.show}</a>}
      details={list} detailsLabel={t.title}>
      <div className="scroll cf">
        <p className="row wrap"><Badge kind="danger" icon="conflict">{t.types[c.conflict_type]}</Badge><span className="small muted"><When at={c.created_at} />{c.device_id ? `, ${t.device(visible(c.device_name))}` : ''}</span></p>
        <p className="soft small cfabout">{contents ? t.about : t.aboutOther}</p>
        {contents ? (
          <Contents conflict={c} settling={settling} file={file.data} error={file.error} onRetry={() => void file.refetch()}>
            {(texts) => <Ways conflict={c} contents reader={reader} busy={settling} onBusy={setSettling} texts={texts} onChoose={(r) => void settle(r)} onSettled={onSettled} />}
          </Contents>
        ) : <><Change conflict={c} /><Ways conflict={c} contents={false} reader={reader} busy={settling} onBusy={setSettling} texts={null} onChoose={(r) => void settle(r)} onSettled={onSettled} /></>}
      </div>
    </Page>
  );
}

interface WaysProps {
  conflict: Conflict;
  contents: boolean;
  reader: string | undefined;
  busy: boolean;
  onBusy: (busy: boolean) => void;
  /** null: they can't be merged. */
  texts: Texts | null;
  onChoose: (r: Resolution) => void;
  onSettled: () => void;
}

function Ways({ conflict, contents, reader, busy, onBusy, texts, onChoose, onSettled }: WaysProps) {
  const t = useTexts('conflicts');
  const { singleKeys } = useSettings();
  const [dialog, setDialog] = useQueryValue('dialog', { push: true });
  const mine = useWaiter(conflict) === '';
  const ask = useMemo(() => (texts && contents ? { how: 'merge' as const, ...texts.texts } : null), [texts, contents]);
  const merged = useCompared(ask);
  useEffect(() => {
    if (!singleKeys) return undefined;
    const onKey = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.altKey || e.metaKey || e.defaultPrevented || (e.target as Element).closest('input, textarea, select, [role=dialog], [role=menu]')) return;
      const way = ways.find((w) => w.key === e.key);
      if (way) onChoose(way.resolution);
      else if (e.key === '4' && merged && !reader) setDialog('merge');
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  const words = {
    CLIENT_WINS: [mine ? t.keepMine : t.keepWaiting, contents ? (mine ? t.mineHelp : t.waitingKept) : t.mineHelpOther],
    SERVER_WINS: [t.keepTheirs, contents ? (mine ? t.theirsHelp : t.waitingLost) : t.theirsHelpOther], KEEP_BOTH: [t.keepBoth, mine ? t.bothHelp : t.waitingBoth],
  } as const;
  return (
    <>
      <div className="picks" role="group" aria-label={t.settle}>
        {ways.map(({ resolution, key }) => <Pick key={key} title={words[resolution][0]} help={words[resolution][1]} shortcut={singleKeys ? key : ''} reason={reader} busy={busy} onPress={() => onChoose(resolution)} />)}
        {merged && <Pick title={t.merge} help={t.mergeHint(merged.clear, merged.open)} shortcut={singleKeys ? '4' : ''} reason={reader} busy={busy} onPress={() => setDialog('merge')} />}
      </div>
      {dialog === 'merge' && merged && texts && !reader && (
        <Merging conflict={conflict} file={texts.file} merged={merged} crlf={texts.texts.theirs.includes('\r\n')} onBusy={onBusy} onClose={() => setDialog('')} onDone={() => { onSettled(); setDialog(''); }} />
      )}
    </>
  );
}

function Pick({ title, help, shortcut, reason, busy, onPress }: { title: string; help: string; shortcut: string; reason: string | undefined; busy: boolean; onPress: () => void }) {
  return (
    <Button className="pick" reason={reason} isDisabled={busy} onPress={onPress}>
      <span className="grow"><span className="strong">{title}</span><span className="small soft">{help}</span></span>{shortcut && <kbd aria-hidden="true">{shortcut}</kbd>}
    </Button>
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
