// Moving to the trash, with a way back: a few by calls of their own, many as a job.
import type { Node } from '../../api/nodes';
import type { Item } from '../../api/types_gen';
import { useTexts } from '../../i18n';
import { toast } from '../../state/announce';
import { explain } from '../../state/explain';
import { useRestore, useTrash } from '../../state/folder';
import { undoable } from '../../state/undo';
import { useBulk } from './bulk';

const few = 20; // up to here each has a call of its own

/** Gives what moves items to the trash; focus is told of what came back. */
export function useTrashing(share: string, shareName: string, focus: (id: string) => void): (items: Item[]) => void {
  const t = useTexts('files');
  const work = useTexts('work');
  const common = useTexts('common');
  const trash = useTrash(share);
  const restore = useRestore(share);
  const bulk = useBulk();
  const back = async (nodes: Node[], items: Item[]) => {
    const name = (id: string) => items.find((i) => i.id === id)?.name ?? '';
    const r = await restore.mutateAsync(nodes);
    for (const x of r.failed) toast(t.restoreFailed(name(x.node.id), explain(x.error, common)), { kind: 'alert' });
    const first = r.answers[0] as { id: string; name: string } | undefined;
    if (!first) return;
    const was = name(first.id);
    focus(first.id);
    toast(first.name === was ? t.restored(was) : t.restoredAs(was, first.name), { kind: 'undo' });
  };
  const one = async (items: Item[]) => {
    const r = await trash.mutateAsync(items);
    for (const x of r.failed.slice(0, 3)) toast(t.trashFailed(items.find((i) => i.id === x.node.id)?.name ?? '', explain(x.error, common)), { kind: 'alert' });
    if (!r.done.length) return;
    const single = r.done.length === 1 ? items.find((i) => i.id === r.done[0]?.id) : undefined;
    const text = single ? t.trashed(single.name, shareName) : t.trashedMany(r.done.length, shareName);
    const undo = undoable(text, () => void back(r.done, items));
    toast(text, { kind: 'done', action: { label: common.undo, run: undo } });
  };
  return (items) => void (items.length <= few ? one(items) : bulk({ kind: 'delete' }, items.map((i) => ({ id: i.id })), [share], {
    going: work.trashing, done: (n) => t.trashedMany(n, shareName), undone: work.movedBack,
  }));
}
