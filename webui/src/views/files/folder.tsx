// A folder: its rows, and what can be done with them.
import { Suspense, lazy, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { ApiError } from '../../api/errors';
import type { ListingQuery, Sort } from '../../api/nodes';
import type { Item } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { AskName } from '../../components/dialog';
import { type GridHandle, VirtualGrid } from '../../components/grid';
import { Icon } from '../../components/icon';
import { ContextMenu, type MenuEntry, MenuButton, type Spot } from '../../components/menu';
import { type Selection, count, isSelected, none, only, without } from '../../components/selection';
import { EmptyState, ErrorState, NoAccess, Skeleton } from '../../components/states';
import { useTexts, visible } from '../../i18n';
import { say, toast } from '../../state/announce';
import { getClip, setClip, useClip } from '../../state/clipboard';
import { useLost } from '../../state/connection';
import { useMarked } from '../../state/desk';
import { explain, sentence } from '../../state/explain';
import { useCreateFolder, useListing, useTrail } from '../../state/folder';
import { useLive } from '../../state/live';
import { usePending } from '../../state/pending';
import type { Target } from '../../state/queue';
import { may, rights } from '../../state/rights';
import { at, navigate, useQueryValue, withQuery } from '../../state/router';
import { useShare } from '../../state/shares';
import { useMe } from '../../state/signin';
import { undoLast } from '../../state/undo';
import { Page } from '../shell/page';
import { chosenOf, useActions } from './actions';
import { useColumns } from './columns';
import { startDrag } from './drag';
import { useDropTarget } from './drop';
import { Fab, FilterBar, Pick, Status } from './furniture';
import { FolderPicker } from './picker';
import { usePlacing } from './placing';
import { RenameField, type Renaming } from './rename';
import { useTrashing } from './trashing';
import './files.css';

const Panel = lazy(() => import('../panel'));
const sorts: readonly string[] = ['name', 'size', 'modified_at', 'type'] satisfies Sort[];

export function FolderView({ share: shareID, folder, title: named }: { share: string; folder: string | null; title?: string }) {
  const t = useTexts('files');
  const w = useTexts('work');
  const common = useTexts('common');
  const sharing = useTexts('sharing');
  const me = useMe();
  const lost = useLost();
  const [sort, setSort] = useQueryValue('sort');
  const [order, setOrder] = useQueryValue('order');
  const [filter, setFilter] = useQueryValue('filter');
  const [dialog, setDialog] = useQueryValue('dialog', { push: true });
  const [panel, setPanel] = useQueryValue('panel');
  const [focusedID, setFocusedID] = useState('');
  const [selection, setSelection] = useState<Selection>(none);
  const [menu, setMenu] = useState<{ row: Item; spot: Spot } | null>(null);
  const [renaming, setRenaming] = useState<Renaming | null>(null);
  const [picked, setPicked] = useState<Item[]>([]); // what move or copy is about
  const sorted = (sorts.includes(sort) ? sort : 'name') as Sort;
  const query: ListingQuery = { share: shareID, folder, sort: sorted, order: order === 'desc' ? 'desc' : 'asc', ...(filter ? { filter } : {}) };
  useLive(shareID);
  const share = useShare(shareID);
  const trail = useTrail(shareID, folder);
  const list = useListing(query);
  const create = useCreateFolder(shareID, folder);
  const marked = useMarked();
  const pending = usePending();
  const clip = useClip();
  const place = usePlacing();
  const grid = useRef<GridHandle>(null);
  const files = useRef<HTMLInputElement>(null);
  const dirs = useRef<HTMLInputElement>(null);
  const [item] = useQueryValue('item'); // what to show of the folder
  const wanted = useRef<string | null>(item || null);
  const selectionNow = useRef(selection);
  selectionNow.current = selection;
  useEffect(() => setSelection(none), [shareID, folder, filter]);

  const steps = trail.data ?? [];
  const here = folder ? steps.at(-1)?.name : (named ?? share.data?.name);
  const target = useMemo<Target | null>(() => (here ? { share: shareID, folder, name: here } : null), [shareID, folder, here]);
  useDropTarget(target);
  const trashing = useTrashing(shareID, share.data?.name ?? '', (back) => { wanted.current = back; });

  const { rows } = list;
  const total = list.total;
  useEffect(() => { // what was just made gets the focus
    const i = wanted.current ? rows.indexOf(wanted.current) : -1;
    if (i < 0) return;
    const id = wanted.current;
    wanted.current = null;
    if (id) setSelection(only(id));
    grid.current?.focusRow(i);
  }, [rows]);
  const told = useRef('');
  useEffect(() => {
    if (!list.isSuccess || !here || told.current === `${shareID}/${folder}`) return;
    told.current = `${shareID}/${folder}`;
    say(`${visible(here)}, ${common.items(total)}`);
  }, [list.isSuccess, here, shareID, folder, total, common]);

  const chosen = (): Promise<Item[]> => chosenOf(query, rows, !list.hasNextPage, selectionNow.current.all, selectionNow.current.keys);
  const loaded = () => [...rows].filter((it) => isSelected(selectionNow.current, it.id));
  const paste = async () => {
    const c = getClip();
    if (!c || !target) return;
    if (c.how === 'move') setClip(null);
    await place(c.how, c.items, target);
  };
  const refocus = () => requestAnimationFrame(() => grid.current?.focusRow(Math.max(0, rows.indexOf(focusedNow.current))));
  const focusedNow = useRef('');
  focusedNow.current = focusedID;
  const act = useActions({
    query, marked,
    onRename: (r) => {
      if (r) {
        const i = rows.indexOf(r.id);
        setFocusedID(r.id);
        setSelection(only(r.id));
        if (i >= 0) grid.current?.focusRow(i);
      }
      setRenaming(r);
    },
    onTrash: (items) => {
      setSelection((s) => (s.all ? none : without(s, items.map((i) => i.id))));
      trashing(items);
    },
    onPick: (how, items) => { setPicked(items); setDialog(how); },
    onDetails: (it) => { setFocusedID(it.id); setPanel(panel || 'info'); },
    paste: clip ? () => void paste() : null,
  });
  const failed = (e: unknown) => void toast(sentence(explain(e, common)), { kind: 'alert' });
  const withChosen = (run: (items: Item[]) => void) => void chosen().then(run, failed);

  // Pasting and undoing work wherever the focus is, but in fields and dialogs.
  useEffect(() => {
    const onKey = (e: globalThis.KeyboardEvent) => {
      if (!(e.ctrlKey || e.metaKey) || e.shiftKey || e.altKey || document.querySelector('.scrim') || (e.target as Element).closest?.('input:not(.check), textarea, select, [contenteditable]')) return;
      const letter = e.key.toLowerCase();
      if (letter === 'v' && getClip()) void paste();
      else if (letter === 'z') { if (!undoLast()) toast(w.nothingToUndo); } else return;
      e.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });

  const editor = useCallback((it: Item) => (renaming?.id === it.id ? (
    <RenameField key={`${it.id} ${renaming.error ?? ''}`} name={it.name} folder={it.type === 'folder'} state={renaming}
      onCancel={(back) => { setRenaming(null); if (back) refocusNow.current(); }}
      onDone={(name) => { setRenaming(null); refocusNow.current(); void actNow.current.rename(it, name); }} />
  ) : null), [renaming]);
  const actNow = useRef(act);
  actNow.current = act;
  const refocusNow = useRef(refocus);
  refocusNow.current = refocus;
  const onMore = useCallback((it: Item, spot: Spot) => {
    if (!isSelected(selectionNow.current, it.id)) setSelection(only(it.id));
    setMenu({ row: it, spot });
  }, []);
  const columns = useColumns({ share: shareID, marked, editor, onMore });

  const up = steps.length > 1 ? at.folder(shareID, steps.at(-2)?.id) : folder ? at.folder(shareID) : '/';
  const onKey = (e: KeyboardEvent, row: Item | undefined) => {
    if (e.key === 'Backspace' || (e.altKey && e.key === 'ArrowUp')) navigate(up);
    else if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'i') setPanel(panel ? '' : 'info');
    else return act.key(e, row, async () => (selection.all || selection.keys.size ? chosen() : row ? [row] : []));
    return true;
  };
  const closePanel = () => {
    setPanel('');
    grid.current?.focusRow(Math.max(0, rows.indexOf(focusedID)));
  };
  const add: MenuEntry[] = [
    { id: 'files', text: t.uploadFiles, icon: 'upload', run: () => files.current?.click() },
    { id: 'folder', text: t.uploadFolder, icon: 'folder', run: () => dirs.current?.click() },
    'line',
    { id: 'new', text: t.newFolder, icon: 'plus', run: () => setDialog('new-folder') },
    ...(clip ? [{ id: 'paste', text: w.paste(clip.items.length), icon: 'check' as const, keys: 'Ctrl V', run: () => void paste() }] : []),
  ];
  // A menu about a selection with rows that are not loaded fetches them when something is chosen.
  const menuEntries = (row: Item): MenuEntry[] => {
    const whole = isSelected(selection, row.id) && selection.all && list.hasNextPage;
    if (!whole) return act.entries(isSelected(selection, row.id) ? loaded() : [row]);
    const seen = loaded();
    return act.entries(seen).map((e) => (e === 'line' || !('run' in e) ? e : { ...e, run: () => withChosen((items) => { const same = act.entries(items).find((x) => x !== 'line' && x.id === e.id); if (same && same !== 'line' && 'run' in same) same.run?.(); }) }));
  };

  const problem = [share.error, trail.error, list.error].find((e) => e instanceof ApiError && [403, 404, 410, 422].includes(e.status));
  if (problem) return <Page title={common.gone} bare><NoAccess email={me.email} /></Page>;
  const chosenCount = count(selection, total);
  const seen = chosenCount > 0 ? loaded() : [];
  const movable = may(seen, rights.delete) ? undefined : w.mayNotMove;
  return (
    <Page
      title={here ?? ''} name
      crumbs={[{ text: t.shares, href: '/' }, ...(folder && share.data ? [{ text: named ?? share.data.name, href: at.folder(shareID), name: true }] : []), ...steps.slice(0, -1).map((s) => ({ text: s.name, href: at.folder(shareID, s.id), name: true }))]}
      actions={<><Button icon="useradd" onPress={() => navigate(withQuery({ share: folder ?? shareID }))}>{sharing.button}</Button><Button icon="plus" className="onwide" onPress={() => setDialog('new-folder')}>{t.newFolder}</Button><IconButton icon="panel" label={t.detailsKey} pressed={panel !== ''} onPress={() => setPanel(panel ? '' : 'info')} /></>}
      {...(panel ? { details: <Suspense fallback={<Skeleton rows={4} />}><Panel share={shareID} folder={folder} item={rows.at(rows.indexOf(focusedID)) ?? null} tab={panel} onTab={setPanel} onClose={closePanel} /></Suspense> } : {})}
      top={(
        <span className="split">
          <Button kind="primary" icon="upload" onPress={() => files.current?.click()}>{t.upload}</Button>
          <MenuButton label={t.moreWays} entries={add} button={<IconButton kind="primary" icon="down" label={t.moreWays} />} />
        </span>
      )}
      toolbar={chosenCount > 0 ? (
        <div className="selbar" role="toolbar" aria-label={t.selectionActions(chosenCount)}>
          <IconButton small icon="x" label={common.clearSelection} onPress={() => setSelection(none)} /><span className="say">{common.selected(chosenCount)}</span><span className="vr" />
          <Button small kind="quiet" icon="download" onPress={() => withChosen(act.download)}>{t.download}</Button>
          <Button small kind="quiet" icon="move" reason={movable} onPress={() => withChosen((items) => { setPicked(items); setDialog('move'); })}>{w.move}</Button>
          <Button small kind="quiet" icon="copy" className="onwide" onPress={() => withChosen((items) => { setPicked(items); setDialog('copy'); })}>{w.copy}</Button>
          <IconButton small icon="star" label={seen.every((i) => marked.has(i.id)) ? w.unfavourite : w.favourite} onPress={() => withChosen(act.favourite)} />
          <Button small kind="quiet" icon="trash" reason={may(seen, rights.delete) ? undefined : w.mayNotTrash} onPress={() => withChosen((items) => { setSelection(none); trashing(items); })}>{t.toTrash}</Button>
        </div>
      ) : (total > 0 || filter) && <FilterBar value={filter} onChange={setFilter} />}
      {...(list.isSuccess ? { status: <Status list={list} /> } : {})}
    >
      <Pick ref={files} target={target} /><Pick ref={dirs} target={target} folder />
      {!list.data && list.error ? (
        <ErrorState title={lost || !(list.error instanceof ApiError) ? common.noConnection : t.folderFailed} text={lost ? common.noConnectionText : common.filesFine} art={lost ? 'offline' : 'trouble'}
          request={list.error instanceof ApiError ? list.error.requestId : ''} onRetry={() => void list.refetch()} />
      ) : !list.data ? <Skeleton rows={10} /> : rows.length === 0 && !list.hasNextPage ? (filter ? (
        <EmptyState title={w.noMatch(filter)}><Button onPress={() => setFilter('')}>{w.clearFilter}</Button></EmptyState>
      ) : (
        <EmptyState title={t.emptyTitle} text={t.emptyText}>
          <Button kind="primary" icon="upload" onPress={() => files.current?.click()}>{t.uploadFiles}</Button>
          <Button icon="plus" onPress={() => setDialog('new-folder')}>{t.newFolder}</Button>
        </EmptyState>
      )) : (
        <VirtualGrid ref={grid} label={t.filesIn(visible(here ?? ''))} columns={columns} length={total} exact={list.totalExact} rowAt={(i) => rows.at(i)} keyOf={(it) => it.id} nameOf={(it) => visible(it.name)}
          selection={selection} onSelection={setSelection} onOpen={act.open} onKey={onKey} onFocusRow={(it) => setFocusedID(it.id)} onNeed={list.need} onMenu={(row, spot) => setMenu({ row, spot })}
          rowClass={(it) => [pending.has(it.id) && 'pending', renaming?.id === it.id && 'renaming', clip?.how === 'move' && clip.items.some((c) => c.id === it.id) && 'cutout'].filter(Boolean).join(' ')}
          rowProps={(it) => ({
            draggable: renaming?.id !== it.id, ...(it.type === 'folder' ? { 'data-drop': `${shareID}/${it.id}` } : {}),
            onDragStart: (e) => {
              const items = isSelected(selectionNow.current, it.id) ? loaded() : [it];
              startDrag(e, items, w.dragCount(items.length));
            },
          })}
          order={{ column: sorted, descending: order === 'desc' }} onOrder={(o) => { setSort(o.column === 'name' ? '' : o.column); setOrder(o.descending ? 'desc' : ''); }}
          selectLabel={common.select} selectAllLabel={common.selectAll(total)}
          foot={list.isFetchNextPageError ? <p className="err foot"><Icon name="alert" size="s" />{t.restFailed}<Button small onPress={() => void list.fetchNextPage()}>{common.tryAgain}</Button></p> : null} />
      )}
      <Fab label={t.add} entries={add} />
      <ContextMenu spot={menu?.spot ?? null} label={menu ? common.actionsFor(visible(menu.row.name)) : ''} onClose={() => setMenu(null)} entries={menu ? menuEntries(menu.row) : []} />
      {(dialog === 'move' || dialog === 'copy') && picked.length > 0 && (
        <FolderPicker how={dialog} items={picked} from={{ share: shareID, folder }} onClose={() => setDialog('')}
          onPick={(to) => { setDialog(''); setSelection(none); void place(dialog, picked, to); }} />
      )}
      {dialog === 'new-folder' && (
        <AskName title={t.newFolder} label={t.folderName} action={t.createFolder} missing={t.nameMissing} onClose={() => setDialog('')}
          explain={(e) => (e instanceof ApiError && e.status === 409 ? t.nameTaken : sentence(explain(e, common)))}
          use={async (name) => {
            const made = await create.mutateAsync(name);
            wanted.current = made.id;
            say(t.folderCreated(made.name));
          }} />
      )}
    </Page>
  );
}
