// What can be done with a version: bring it back, with undo, and save it.
import type { File as Stored, Version } from '../../api/types_gen';
import { useTexts } from '../../i18n';
import { downloadVersion, useRestoreVersion } from '../../state/annotate';
import { toast } from '../../state/announce';
import { explain } from '../../state/explain';
import { fileNow, useMayWrite } from '../../state/preview';
import { undoable } from '../../state/undo';

export function useVersionActs(f: Pick<Stored, 'id' | 'name'>, current: Version | undefined) {
  const t = useTexts('panel');
  const v = useTexts('versions');
  const common = useTexts('common');
  const run = useRestoreVersion(f.id);
  const may = useMayWrite(f.id, true);
  const failed = (e: unknown) => toast(t.restoreFailed(f.name, explain(e, common)), { kind: 'alert' });
  const restore = async (to: Version) => {
    if (!current || run.isPending) return;
    try {
      const made = await run.mutateAsync({ version: to.version_number, seen: current.id });
      const now = await fileNow(f.id);
      const seen = now.version === made.version ? now.version_id : current.id; // the latter is refused: someone was there
      const text = t.restored(f.name, to.version_number, made.version);
      const undo = undoable(text, () => void run.mutateAsync({ version: current.version_number, seen }).then(() => toast(v.undone(f.name, current.version_number), { kind: 'undo' }), failed));
      toast(text, { kind: 'done', action: { label: common.undo, run: undo } });
    } catch (e) {
      failed(e);
    }
  };
  const save = async (of: Version) => {
    const dot = f.name.lastIndexOf('.');
    const [stem, ending] = dot > 0 ? [f.name.slice(0, dot), f.name.slice(dot)] : [f.name, ''];
    try {
      await downloadVersion(f.id, of, t.versionName(stem, of.version_number, ending));
    } catch (e) {
      toast(t.downloadFailed(explain(e, common)), { kind: 'alert' });
    }
  };
  return { may, busy: run.isPending, restore, save };
}
