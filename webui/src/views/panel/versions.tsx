import type { Item, Version } from '../../api/types_gen';
import { IconButton } from '../../components/button';
import { BidiName } from '../../components/name';
import { Badge, When } from '../../components/parts';
import { ErrorState, Skeleton } from '../../components/states';
import { useFormat, useTexts } from '../../i18n';
import { downloadVersion, useRestoreVersion, useVersions } from '../../state/annotate';
import { toast } from '../../state/announce';
import { explain } from '../../state/explain';
import { useNames } from '../../state/sharing';

export function Versions({ share, file }: { share: string; file: Item }) {
  const t = useTexts('panel');
  const common = useTexts('common');
  const f = useFormat();
  const { data, error, refetch } = useVersions(file.id);
  const restore = useRestoreVersion(file.id);
  const names = useNames(share);
  const may = ((file.permissions ?? 63) & 2) !== 0;
  const back = async (v: Version, current: Version) => {
    try {
      const made = await restore.mutateAsync({ version: v.version_number, seen: current.id });
      toast(t.restored(file.name, v.version_number, made.version), { kind: 'done' });
    } catch (e) {
      toast(t.restoreFailed(file.name, explain(e, common)), { kind: 'alert' });
    }
  };
  const save = async (v: Version) => {
    const dot = file.name.lastIndexOf('.');
    const [stem, ending] = dot > 0 ? [file.name.slice(0, dot), file.name.slice(dot)] : [file.name, ''];
    try {
      await downloadVersion(file.id, v, t.versionName(stem, v.version_number, ending));
    } catch (e) {
      toast(t.downloadFailed(explain(e, common)), { kind: 'alert' });
    }
  };
  if (!data) return <div className="paneldata">{error ? <ErrorState level={3} title={t.versionsFailed} text={common.filesFine} onRetry={() => void refetch()} /> : <Skeleton rows={4} />}</div>;
  const current = data[0];
  if (!current) return <p className="paneldata muted">{t.noVersions}</p>;
  return (
    <ol className="timeline paneldata" aria-label={t.tabs.versions}>
      {data.map((v, i) => (
        <li key={v.id}>
          <span className={`pt${i === 0 ? ' now' : ''}`} aria-hidden="true" />
          <div className="grow">
            <p className="row"><span className="strong">{t.versionNumber(v.version_number)}</span>{i === 0 && <Badge kind="info">{t.current}</Badge>}</p>
            <p className="tiny muted"><When at={v.created_at} />, {f.size(v.size)}{names(v.created_by) ? <> <BidiName>{t.by(names(v.created_by))}</BidiName></> : null}</p>
          </div>
          <span className="row gap-1">
            <IconButton small icon="download" label={t.downloadOf(v.version_number)} onPress={() => void save(v)} />
            {i > 0 && <IconButton small icon="undo" label={t.restoreOf(v.version_number)} reason={may ? undefined : t.noWrite} isDisabled={restore.isPending} onPress={() => void back(v, current)} />}
          </span>
        </li>
      ))}
    </ol>
  );
}
