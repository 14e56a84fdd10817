// Moving and copying, with a way back. One thing goes by a call of its own, many as
// a job on the server.
import { ApiError } from '../../api/errors';
import type { Goal, Node } from '../../api/nodes';
import type { Item } from '../../api/types_gen';
import { useTexts } from '../../i18n';
import { numbered } from '../../i18n/names';
import { toast } from '../../state/announce';
import { explain } from '../../state/explain';
import { placeItem, trashItem } from '../../state/folder';
import { undoable } from '../../state/undo';
import { useBulk } from './bulk';

export interface Destination extends Goal {
  name: string;
}

const most = 50; // copies beside their originals that get a free name one by one

/** Gives what moves or copies items into a folder, and says whether that came about. */
export function usePlacing(): (how: 'move' | 'copy', items: readonly Item[], to: Destination) => Promise<boolean> {
  const t = useTexts('work');
  const common = useTexts('common');
  const bulk = useBulk();
  const because = (e: unknown) => (e instanceof ApiError && e.status === 409 ? t.nameTakenThere : explain(e, common));

  // A copy beside its original gets the next free name.
  const copyBeside = async (item: Item, to: Destination) => {
    for (let n = 2; ; n++) {
      try {
        return await placeItem('copy', item, to, numbered(item.name, n));
      } catch (e) {
        if (!(e instanceof ApiError && e.status === 409) || n >= 30) throw e;
      }
    }
  };

  const one = async (how: 'move' | 'copy', item: Item, to: Destination, beside: boolean) => {
    try {
      const now = await (beside ? copyBeside(item, to) : placeItem(how, item, to));
      const failed = (e: unknown) => void toast(t.undoFailed(because(e)), { kind: 'alert' });
      const text = (how === 'move' ? t.moved : t.copied)(now.name, to.name);
      const back = undoable(text, how === 'move'
        ? () => void placeItem('move', { ...item, share_id: to.share }, { share: item.share_id, folder: item.parent_id }, item.name).then(() => toast(t.movedBack(1), { kind: 'undo' }), failed)
        : () => void trashItem({ id: now.id, type: item.type }, to.share).then(() => toast(t.copiesGone(1), { kind: 'undo' }), failed));
      toast(text, { kind: 'done', action: { label: common.undo, run: back } });
      return true;
    } catch (e) {
      toast(t.stays(item.name, because(e)), { kind: 'alert' });
      return false;
    }
  };

  return async (how, items, to) => {
    const here = (i: Item) => i.share_id === to.share && (i.parent_id ?? null) === to.folder;
    const going = how === 'move' ? items.filter((i) => !here(i)) : [...items];
    const [first] = going;
    if (!first) {
      if (items.length) toast(t.already(to.name));
      return false;
    }
    const beside = how === 'copy' && here(first);
    if (going.length === 1) return one(how, first, to, beside);
    if (beside && going.length <= most) {
      const made: Node[] = [];
      for (const i of going) {
        try {
          made.push({ id: (await copyBeside(i, to)).id, type: i.type });
        } catch (e) {
          toast(t.stays(i.name, because(e)), { kind: 'alert' });
        }
      }
      if (!made.length) return false;
      const text = t.copiedMany(made.length, to.name);
      const back = undoable(text, () => void Promise.all(made.map((m) => trashItem(m, to.share))).then(() => toast(t.copiesGone(made.length), { kind: 'undo' }), (e: unknown) => toast(t.undoFailed(because(e)), { kind: 'alert' })));
      toast(text, { kind: 'done', action: { label: common.undo, run: back } });
      return true;
    }
    const r = await bulk({ kind: how, target: to.folder ?? to.share }, going.map((i) => ({ id: i.id, ...(beside ? { name: numbered(i.name, 2) } : {}) })), [first.share_id, to.share], {
      going: how === 'move' ? t.moving : t.copying,
      done: (n) => (how === 'move' ? t.movedMany : t.copiedMany)(n, to.name),
      undone: how === 'move' ? t.movedBack : t.copiesGone,
    });
    return Boolean(r?.done);
  };
}
