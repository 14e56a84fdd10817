// What can be done with the items of a listing: the same in menus, in the bar, by
// keys.
import type { KeyboardEvent } from 'react';
import { ApiError } from '../../api/errors';
import type { ListingQuery } from '../../api/nodes';
import type { Item } from '../../api/types_gen';
import type { MenuEntry } from '../../components/menu';
import { useTexts } from '../../i18n';
import { say, toast } from '../../state/announce';
import { type Clip, setClip } from '../../state/clipboard';
import { setMarked } from '../../state/desk';
import { explain, sentence } from '../../state/explain';
import { downloadArchive, everythingIn, renameItem } from '../../state/folder';
import { may, rights } from '../../state/rights';
import { at, navigate, withQuery } from '../../state/router';
import type { Rows } from '../../state/rows';
import { downloads } from '../../state/transfers';
import { undoable } from '../../state/undo';
import type { Renaming } from './rename';

export interface ActionsOptions {
  query: ListingQuery;
  marked: ReadonlySet<string>;
  onRename: (r: Renaming | null) => void;
  onTrash: (items: Item[]) => void;
  onPick: (how: 'move' | 'copy' | 'rename', items: Item[]) => void;
  onDetails: (it: Item) => void;
  onComment: (it: Item) => void;
  paste: (() => void) | null;
}

export function useActions(o: ActionsOptions) {
  const t = useTexts('files');
  const w = useTexts('work');
  const common = useTexts('common');
  const sharing = useTexts('sharing');
  const moment = useTexts('moment');
  const versions = useTexts('versions');
  const { share, folder } = o.query;

  const rename = async (it: Item, name: string) => {
    const why = (e: unknown) => (e instanceof ApiError && e.status === 409 ? t.nameTaken : sentence(explain(e, common)));
    try {
      await renameItem(share, it, name);
      const text = w.renamed(it.name, name);
      const back = undoable(text, () => void renameItem(share, { ...it, name }, it.name).then(
        () => toast(w.renamed(name, it.name), { kind: 'undo' }), (e: unknown) => toast(w.undoFailed(why(e)), { kind: 'alert' })));
      toast(text, { kind: 'done', action: { label: common.undo, run: back } });
    } catch (e) {
      if (e instanceof ApiError && [409, 422].includes(e.status)) o.onRename({ id: it.id, tried: name, error: why(e) });
      else toast(w.renameFailed(it.name, why(e)), { kind: 'alert' });
    }
  };
  const open = (it: Item) => { if (it.type === 'folder') navigate(at.folder(share, it.id)); else navigate(withQuery({ dialog: '' }, { path: at.preview(it.id), search: window.location.search })); };
  const zip = async (ids: readonly string[]) => {
    try {
      await downloadArchive(ids);
      say(w.archiveStarted);
    } catch (e) {
      toast(w.archiveFailed(explain(e, common)), { kind: 'alert' });
    }
  };
  const download = (items: Item[]) => {
    const [one] = items;
    if (one && items.length === 1 && one.type === 'file') void downloads.start(one);
    else if (one) void zip(items.map((i) => i.id));
  };
  const favourite = (items: Item[]) => {
    const on = !items.every((i) => o.marked.has(i.id));
    setMarked(items.filter((i) => o.marked.has(i.id) !== on), on).catch((e: unknown) => toast(w.markFailed(explain(e, common)), { kind: 'alert' }));
  };
  const clip = (how: Clip['how'], items: Item[]) => {
    setClip({ how, share, folder, items });
    say((how === 'move' ? w.cutSaid : w.copiedSaid)(items.length));
  };

  const entries = (items: Item[]): MenuEntry[] => {
    const one = items.length === 1 ? items[0] : undefined;
    const list: MenuEntry[] = [];
    const movable = may(items, rights.delete) ? undefined : w.mayNotMove;
    if (one?.type === 'folder') list.push({ id: 'open', text: t.open, icon: 'folder', keys: 'Enter', run: () => open(one) });
    list.push({ id: 'download', text: t.download, icon: 'download', keys: 'Ctrl S', run: () => download(items) }, 'line');
    if (one) list.push({ id: 'share', text: sharing.open, icon: 'useradd', run: () => navigate(withQuery({ share: one.id })) }, 'line');
    if (one) list.push({ id: 'rename', text: w.rename, icon: 'edit', keys: 'F2', reason: may([one], rights.write) ? undefined : w.mayNotRename, run: () => o.onRename({ id: one.id }) });
    else list.push({ id: 'rename', text: w.renameMany, icon: 'edit', reason: may(items, rights.write) ? undefined : w.mayNotRenameAll, run: () => o.onPick('rename', items) });
    list.push(
      { id: 'move', text: w.move, icon: 'move', keys: '>', reason: movable, run: () => o.onPick('move', items) },
      { id: 'copy', text: w.copy, icon: 'copy', run: () => o.onPick('copy', items) },
      { id: 'cut', text: w.cut, icon: 'cut', keys: 'Ctrl X', reason: movable, run: () => clip('move', items) },
      { id: 'clip', text: w.copyKeys, icon: 'copy', keys: 'Ctrl C', run: () => clip('copy', items) },
      { id: 'mark', text: items.every((i) => o.marked.has(i.id)) ? w.unfavourite : w.favourite, icon: 'star', keys: '*', run: () => favourite(items) },
    );
    if (one?.type === 'folder' && !one.bare) list.push({ id: 'moment', text: moment.open, icon: 'history', run: () => navigate(at.moment(one.id)) });
    if (one?.type === 'file') list.push({ id: 'versions', text: versions.open, icon: 'history', run: () => navigate(at.versions(one.id)) });
    if (one) list.push({ id: 'details', text: w.details, icon: 'panel', keys: 'Ctrl I', run: () => o.onDetails(one) });
    list.push('line', { id: 'trash', text: t.toTrash, icon: 'trash', keys: 'Del', danger: true, reason: may(items, rights.delete) ? undefined : w.mayNotTrash, run: () => o.onTrash(items) });
    return list;
  };

  /** Runs what a key does to the items that chosen gives; false: nothing. */
  const key = (e: KeyboardEvent, row: Item | undefined, chosen: () => Promise<Item[]>): boolean => {
    if (!row) return false;
    const refused = (reason: string) => void toast(reason, { kind: 'alert' });
    const withAll = (right: number, reason: string, run: (items: Item[]) => void) => void chosen().then((items) => (may(items, right) ? run(items) : refused(reason)), (err: unknown) => refused(sentence(explain(err, common))));
    if (e.ctrlKey || e.metaKey) {
      switch (e.key.toLowerCase()) {
        case 's': withAll(0, '', download); break;
        case 'x': withAll(rights.delete, w.mayNotMove, (items) => clip('move', items)); break;
        case 'c': withAll(0, '', (items) => clip('copy', items)); break;
        default: return false;
      }
      return true;
    }
    switch (e.key) {
      case 'Delete': withAll(rights.delete, w.mayNotTrash, o.onTrash); break;
      case 'F2': if (may([row], rights.write)) o.onRename({ id: row.id }); else refused(w.mayNotRename); break;
      case '>': withAll(rights.delete, w.mayNotMove, (items) => o.onPick('move', items)); break;
      case '*': withAll(0, '', favourite); break;
      case ':': o.onComment(row); break;
      default: return false;
    }
    return true;
  };

  return { rename, open, download, zip, favourite, entries, key };
}

/** Gives all that a selection means, also what is not loaded. */
export async function chosenOf(query: ListingQuery, rows: Rows, complete: boolean, all: boolean, keys: ReadonlySet<string>): Promise<Item[]> {
  if (all && !complete) return everythingIn(query, keys);
  return all ? [...rows].filter((it) => !keys.has(it.id)) : [...keys].flatMap((id) => rows.get(id) ?? []);
}
