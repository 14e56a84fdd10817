// A folder: its rows, and what can be done with them.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { ApiError } from '../../api/errors';
import type { ListingQuery, Sort } from '../../api/nodes';
import type { Item } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { AskName } from '../../components/dialog';
import type { GridHandle } from '../../components/grid';
import { later } from '../../components/later';
import { ContextMenu, type MenuEntry, MenuButton, type Spot } from '../../components/menu';
import { Segments } from '../../components/parts';
import { type Selection, count, isSelected, none, only, without } from '../../components/selection';
import { EmptyState, ErrorState, NoAccess, Skeleton } from '../../components/states';
import { useTexts, visible } from '../../i18n';
import { say, toast } from '../../state/announce';
import { getClip, setClip, useClip } from '../../state/clipboard';
import { useLost } from '../../state/connection';
import { useMarked } from '../../state/desk';
import { explain, sentence } from '../../state/explain';
import { useCreateFolder, useTrail } from '../../state/folder';
import { holdLive } from '../../state/hold';
import { useListing } from '../../state/listing';
import { useLive } from '../../state/live';
import type { Target } from '../../state/uploaditem';
import { at, navigate, useQueryValue, withQuery } from '../../state/router';
import { setSettings, settings, useSettings } from '../../state/settings';
import { useShare } from '../../state/shares';
import { useMe } from '../../state/signin';
import type { Rows } from '../../state/rows';
import { isCommand } from '../shell/commands';
import { Page } from '../shell/page';
import { chosenOf, useActions } from './actions';
import { SelectionBar, SortMenu } from './bars';
import { useBulk } from './bulk';
import { startDrag } from './drag';
import { useDropTarget } from './drop';
import { Entries } from './entries';
import { Fab, FilterBar, Pick, Status } from './furniture';
import { FolderPicker } from './picker';
import { usePlacing } from './placing';
import { usePrint } from './print';
import { RenameField, type Renaming } from './rename';
import { RenameMany } from './renames';
import { useTrashing } from './trashing';
import './files.css';

const Panel = later(() => import('../panel'), <Skeleton rows={4} />);
const sorts: readonly string[] = ['name', 'size', 'modified_at', 'type'] satisfies Sort[];

// What is selected, as far as it was ever here.
function itemsOf(rows: Rows, s: Selection): Item[] {
  if (s.all) return [...rows].filter((it) => isSelected(s, it.id));
  return [...s.keys].flatMap((id) => rows.get(id) ?? []);
}

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
  const [asked, setAsked] = useQueryValue('view');
  const { layout } = useSettings();
  const tiles = (asked || layout) === 'grid';
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
  const moment = useTexts('moment');
  const trail = useTrail(shareID, folder);
  const list = useListing(query);
  const create = useCreateFolder(shareID, folder);
  const marked = useMarked();
  const clip = useClip();
  const place = usePlacing();
  const bulk = useBulk();
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

  const { rows, load } = list;
  const { total } = rows;
  const complete = list.data !== undefined && rows.complete;
  useEffect(() => setSelection((s) => (s.all ? s : without(s, [...s.keys].filter((id) => !rows.get(id))))), [rows]); // what vanished leaves it
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
    if (!list.data || !here || told.current === `${shareID}/${folder}`) return;
    told.current = `${shareID}/${folder}`;
    say(`${visible(here)}, ${common.items(total)}`);
  }, [list.data, here, shareID, folder, total, common]);

  const chosen = (): Promise<Item[]> => chosenOf(query, rows, complete, selectionNow.current.all, selectionNow.current.keys);
  const loaded = () => itemsOf(rows, selectionNow.current);
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
    onComment: (it) => { setFocusedID(it.id); setPanel('activity'); },
    paste: clip ? () => void paste() : null,
  });
  const failed = (e: unknown) => void toast(sentence(explain(e, common)), { kind: 'alert' });
  const withChosen = (run: (items: Item[]) => void) => void chosen().then(run, failed);

  // Pasting works wherever the focus is, but in fields and dialogs.
  useEffect(() => {
    const onKey = (e: globalThis.KeyboardEvent) => {
      if (!isCommand(e, 'v') || !getClip()) return;
      e.preventDefault();
      void paste();
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
  useEffect(() => (menu ? holdLive() : undefined), [menu]);
  const print = usePrint({ title: here ?? '', rows, complete, load });

  const up = steps.length > 1 ? at.folder(shareID, steps.at(-2)?.id) : folder ? at.folder(shareID) : '/';
  const onKey = (e: KeyboardEvent, row: Item | undefined) => {
    if (e.key === 'Backspace' || (e.altKey && e.key === 'ArrowUp')) navigate(up);
    else if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'i') setPanel(panel ? '' : 'info');
    else if ('*:>/?'.includes(e.key) && !settings().singleKeys) return false;
    else if (e.key === '/') { // the filter stands where the bar is
      setSelection(none);
      requestAnimationFrame(() => document.querySelector<HTMLElement>('.namefilter input')?.focus());
    } else return act.key(e, row, async () => (selection.all || selection.keys.size ? chosen() : row ? [row] : []));
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
  const show = (how: string) => { setSettings({ layout: how as 'list' | 'grid' }); setAsked(how === 'grid' ? how : ''); };
  const sortBy = (column: string, descending: boolean) => { setSort(column === 'name' ? '' : column); setOrder(descending ? 'desc' : ''); };
  // A menu about a selection with rows that are not loaded fetches them when something is chosen.
  const menuEntries = (row: Item): MenuEntry[] => {
    const whole = isSelected(selection, row.id) && selection.all && !complete;
    if (!whole) return act.entries(isSelected(selection, row.id) ? loaded() : [row]);
    const seen = loaded();
    return act.entries(seen).map((e) => (e === 'line' || !('run' in e) ? e : { ...e, run: () => withChosen((items) => { const same = act.entries(items).find((x) => x !== 'line' && x.id === e.id); if (same && same !== 'line' && 'run' in same) same.run?.(); }) }));
  };

  const problem = [share.error, trail.error, list.error].find((e) => e instanceof ApiError && [403, 404, 410, 422].includes(e.status));
  if (problem) return <Page title={common.gone} bare><NoAccess email={me.email} /></Page>;
  const chosenCount = count(selection, total);
  return (
    <Page
      title={here ?? (list.error ? t.aFolder : '')} name
      crumbs={[{ text: t.shares, href: '/' }, ...(folder && share.data ? [{ text: named ?? share.data.name, href: at.folder(shareID), name: true }] : []), ...steps.slice(0, -1).map((s) => ({ text: s.name, href: at.folder(shareID, s.id), name: true }))]}
      actions={<><Button icon="useradd" onPress={() => navigate(withQuery({ share: folder ?? shareID }))}>{sharing.button}</Button><Button icon="plus" className="onwide" onPress={() => setDialog('new-folder')}>{t.newFolder}</Button><Segments label={w.look} value={tiles ? 'grid' : 'list'} onChange={show} options={[{ id: 'list', text: w.asList, icon: 'list' }, { id: 'grid', text: w.asGrid, icon: 'grid' }]} /><IconButton icon="history" label={moment.open} className="onwide" onPress={() => navigate(at.moment(folder ?? shareID))} /><IconButton icon="panel" label={t.detailsKey} pressed={panel !== ''} onPress={() => setPanel(panel ? '' : 'info')} /></>}
      {...(panel ? { details: <Panel share={shareID} folder={folder} item={rows.at(rows.indexOf(focusedID)) ?? null} tab={panel} onTab={setPanel} onClose={closePanel} /> } : {})}
      top={(
        <span className="split">
          <Button kind="primary" icon="upload" onPress={() => files.current?.click()}>{t.upload}</Button>
          <MenuButton label={t.moreWays} entries={add} button={<IconButton kind="primary" icon="down" label={t.moreWays} />} />
        </span>
      )}
      toolbar={chosenCount > 0 ? (
        <SelectionBar count={chosenCount} seen={loaded()} marked={marked} onClear={() => setSelection(none)} download={() => withChosen(act.download)} favourite={() => withChosen(act.favourite)}
          place={(how) => withChosen((items) => { setPicked(items); setDialog(how); })} trash={() => withChosen((items) => { setSelection(none); trashing(items); })} />
      ) : <FilterBar value={filter} onChange={setFilter}><span className={`push${tiles ? '' : ' only-phone'}`}><SortMenu by={sorted} descending={order === 'desc'} onChange={sortBy} /></span></FilterBar>}
      {...(list.data ? { status: <Status rows={rows} complete={complete} onPrint={print.start} /> } : {})}
    >
      <Pick ref={files} target={target} /><Pick ref={dirs} target={target} of="folder" />
      {!list.data && list.error ? (
        <ErrorState title={lost || !(list.error instanceof ApiError) ? common.noConnection : t.folderFailed} text={lost ? common.noConnectionText : common.filesFine} art={lost ? 'offline' : 'trouble'}
          request={list.error instanceof ApiError ? list.error.requestId : ''} onRetry={() => void list.refetch()} />
      ) : !list.data ? <Skeleton rows={10} /> : total === 0 && complete ? (filter ? (
        <EmptyState title={w.noMatch(filter)}><Button onPress={() => setFilter('')}>{w.clearFilter}</Button></EmptyState>
      ) : (
        <EmptyState title={t.emptyTitle} text={t.emptyText}>
          <Button icon="upload" onPress={() => files.current?.click()}>{t.uploadFiles}</Button>
          <Button icon="plus" onPress={() => setDialog('new-folder')}>{t.newFolder}</Button>
        </EmptyState>
      )) : (
        <Entries ref={grid} tiles={tiles} list={list} label={t.filesIn(visible(here ?? ''))} share={shareID} marked={marked} editor={editor} onMore={onMore} renaming={renaming?.id ?? ''}
          selection={selection} onSelection={setSelection} onOpen={act.open} onKey={onKey} onFocusRow={(it) => setFocusedID(it.id)} onMenu={(row, spot) => setMenu({ row, spot })}
          onDrag={(e, it) => {
            const items = isSelected(selectionNow.current, it.id) ? loaded() : [it];
            startDrag(e, items, w.dragCount(items.length));
          }}
          order={{ column: sorted, descending: order === 'desc' }} onOrder={(o) => sortBy(o.column, o.descending)} />
      )}
      {print.sheet}
      <Fab label={t.add} entries={add} target={target} />
      <ContextMenu spot={menu?.spot ?? null} label={menu ? common.actionsFor(visible(menu.row.name)) : ''} onClose={() => setMenu(null)} entries={menu ? menuEntries(menu.row) : []} />
      {(dialog === 'move' || dialog === 'copy') && picked.length > 0 && (
        <FolderPicker how={dialog} items={picked} from={{ share: shareID, folder }} onClose={() => setDialog('')}
          onPick={(to) => { setDialog(''); setSelection(none); void place(dialog, picked, to); }} />
      )}
      {dialog === 'rename' && picked.length > 0 && <RenameMany items={picked} onClose={() => setDialog('')} onRename={(changes) => {
        setDialog('');
        void bulk({ kind: 'rename' }, changes, [shareID], { going: w.renaming, done: w.renamedMany, undone: w.undone });
      }} />}
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
