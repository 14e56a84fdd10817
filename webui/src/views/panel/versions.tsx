import type { Item } from '../../api/types_gen';
import { IconButton } from '../../components/button';
import { Icon } from '../../components/icon';
import { BidiName } from '../../components/name';
import { Badge, When } from '../../components/parts';
import { ErrorState, Skeleton } from '../../components/states';
import { useFormat, useTexts } from '../../i18n';
import { useVersions } from '../../state/annotate';
import { at } from '../../state/router';
import { useNames } from '../../state/sharing';
import { useVersionActs } from '../versions/acts';

export function Versions({ share, file }: { share: string; file: Item }) {
  const t = useTexts('panel');
  const common = useTexts('common');
  const v = useTexts('versions');
  const f = useFormat();
  const { data, error, refetch } = useVersions(file.id);
  const now = data?.find((one) => one.id === file.version_id) ?? data?.[0];
  const acts = useVersionActs(file, now);
  const names = useNames(share);
  if (!data) return <div className="paneldata">{error ? <ErrorState level={3} title={t.versionsFailed} text={common.filesFine} onRetry={() => void refetch()} /> : <Skeleton rows={4} />}</div>;
  if (!data.length) return <p className="paneldata muted">{t.noVersions}</p>;
  return (
    <>
      <p className="paneldata panelmore"><a className="btn sm" href={at.versions(file.id)}><Icon name="compare" size="s" />{v.lookAndCompare}</a></p>
      <ol className="timeline paneldata" aria-label={t.tabs.versions}>
        {data.map((one) => (
          <li key={one.id}>
            <span className={`pt${one === now ? ' now' : ''}`} aria-hidden="true" />
            <div className="grow">
              <p className="row"><a className="strong plain" href={`${at.versions(file.id)}?v=${one.version_number}`}>{t.versionNumber(one.version_number)}</a>{one === now && <Badge kind="info">{t.current}</Badge>}</p>
              <p className="tiny muted"><When at={one.created_at} />, {f.size(one.size)}{names(one.created_by) ? <> <BidiName>{t.by(names(one.created_by))}</BidiName></> : null}</p>
            </div>
            <span className="row gap-1">
              <IconButton small icon="download" label={t.downloadOf(one.version_number)} onPress={() => void acts.save(one)} />
              {one !== now && <IconButton small icon="undo" label={t.restoreOf(one.version_number)} reason={acts.may ? undefined : t.noWrite} isDisabled={acts.busy} onPress={() => void acts.restore(one)} />}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
