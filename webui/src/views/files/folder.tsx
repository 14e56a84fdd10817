// A folder: its rows, and what can be done with them.
import { type ChangeEvent, type KeyboardEvent, type RefObject, Suspense, lazy, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '../../api/errors';
import type { Sort } from '../../api/nodes';
import type { Item } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { AskName, Sheet } from '../../components/dialog';
import { type Column, type GridHandle, VirtualGrid } from '../../components/grid';
import { FileIcon, Icon, familyOf } from '../../components/icon';
import { ContextMenu, type MenuEntry, MenuButton, type Spot } from '../../components/menu';
import { BidiName } from '../../components/name';
import { When } from '../../components/parts';
import { type Selection, count, isSelected, none, only, without } from '../../components/selection';
import { EmptyState, ErrorState, NoAccess, Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { say } from '../../state/announce';
import { useLost } from '../../state/connection';
import { chosen } from '../../state/entries';
import { explain, sentence } from '../../state/explain';
import { useCreateFolder, useListing, useTrail } from '../../state/folder';
import { useLive } from '../../state/live';
import type { Target } from '../../state/queue';
import { at, navigate, useQueryValue, withQuery } from '../../state/router';
import { useShare } from '../../state/shares';
import { useMe } from '../../state/signin';
import { downloads, queue } from '../../state/transfers';
import { Page } from '../shell/page';
import { useDropTarget } from './drop';
import { useTrashing } from './trashing';

const Panel = lazy(() => import('../panel'));
const sorts: readonly string[] = ['name', 'size', 'modified_at', 'type'] satisfies Sort[];

export function FolderView({ share: shareID, folder, title: named }: { share: string; folder: string | null; title?: string }) {
  const t = useTexts('files');
  const common = useTexts('common');
  const f = useFormat();
  const me = useMe();
  const lost = useLost();
  const [sort, setSort] = useQueryValue('sort');
  const [order, setOrder] = useQueryValue('order');
  const [dialog, setDialog] = useQueryValue('dialog', { push: true });
  const sorted = (sorts.includes(sort) ? sort : 'name') as Sort;
  const [panel, setPanel] = useQueryValue('panel');
  const [focusedID, setFocusedID] = useState('');
  useLive(shareID);
  const share = useShare(shareID);
  const trail = useTrail(shareID, folder);
  const list = useListing({ share: shareID, folder, sort: sorted, order: order === 'desc' ? 'desc' : 'asc' });
  const create = useCreateFolder(shareID, folder);
  const grid = useRef<GridHandle>(null);
  const files = useRef<HTMLInputElement>(null);
  const dirs = useRef<HTMLInputElement>(null);
  const [selection, setSelection] = useState<Selection>(none);
  const [menu, setMenu] = useState<{ row: Item; spot: Spot } | null>(null);
  const wanted = useRef<string | null>(null);
  useEffect(() => setSelection(none), [shareID, folder]);

  const steps = trail.data ?? [];
  const here = folder ? steps.at(-1)?.name : (named ?? share.data?.name);
  const target = useMemo<Target | null>(() => (here ? { share: shareID, folder, name: here } : null), [shareID, folder, here]);
  useDropTarget(target);
  const trashing = useTrashing(shareID, share.data?.name ?? '', (back) => { wanted.current = back; });

  const { rows } = list;
  useEffect(() => { // what was just made gets the focus
    const i = wanted.current ? rows.indexOf(wanted.current) : -1;
    if (i < 0) return;
    const id = wanted.current;
    wanted.current = null;
    if (id) setSelection(only(id));
    grid.current?.focusRow(i);
  }, [rows]);
  const total = list.total;
  const told = useRef('');
  useEffect(() => {
    if (!list.isSuccess || !here || told.current === `${shareID}/${folder}`) return;
    told.current = `${shareID}/${folder}`;
    say(`${visible(here)}, ${common.items(total)}`);
  }, [list.isSuccess, here, shareID, folder, total, common]);

  const columns = useMemo<Column<Item>[]>(() => [
    {
      id: 'name', title: t.columns.name, sortable: true,
      cell: (it) => (
        <span className="row">
          <FileIcon family={it.type === 'folder' ? 'folder' : familyOf(it.name)} />
          <span className="grow cut">
            {it.type === 'folder' ? <a className="cut name" href={at.folder(shareID, it.id)} tabIndex={-1}><BidiName>{it.name}</BidiName></a> : <span className="cut name"><BidiName>{it.name}</BidiName></span>}
            <span className="sub">{it.type === 'folder' ? '' : `${f.size(it.size ?? 0)}, `}{it.modified_at ? <When at={it.modified_at} /> : null}</span>
          </span>
        </span>
      ),
    },
    { id: 'modified_at', title: t.columns.modified, width: 8.5, from: 'phone', sortable: true, cell: (it) => (it.modified_at ? <When at={it.modified_at} /> : null) },
    { id: 'size', title: t.columns.size, width: 6.5, from: 'phone', end: true, sortable: true, cell: (it) => (it.type === 'folder' ? '' : f.size(it.size ?? 0)) },
    {
      id: 'more', title: t.columns.more, hideTitle: true, width: 3, end: true,
      cell: (it) => <button className="btn icon sm quiet rowmore" type="button" tabIndex={-1} aria-haspopup="menu" aria-label={common.moreFor(visible(it.name))} onClick={(e) => {
        const r = e.currentTarget.getBoundingClientRect();
        if (!isSelected(selectionNow.current, it.id)) setSelection(only(it.id));
        setMenu({ row: it, spot: { x: r.left, y: r.bottom, from: e.currentTarget.closest<HTMLElement>('[role=row]') } });
      }}><Icon name="more" /></button>,
    },
  ], [t, common, f, shareID]);
  const selectionNow = useRef(selection);
  selectionNow.current = selection;

  const selected = () => [...rows].filter((it) => isSelected(selectionNow.current, it.id));
  const open = (it: Item) => { if (it.type === 'folder') navigate(at.folder(shareID, it.id)); else navigate(withQuery({ dialog: '' }, { path: at.preview(it.id), search: window.location.search })); };
  const trash = (items: Item[]) => {
    setSelection((s) => without(s, items.map((i) => i.id)));
    trashing(items);
  };
  const download = (items: Item[]) => { for (const it of items) if (it.type === 'file') void downloads.start(it); };

  const up = steps.length > 1 ? at.folder(shareID, steps.at(-2)?.id) : folder ? at.folder(shareID) : '/';
  const onKey = (e: KeyboardEvent, row: Item | undefined) => {
    if (e.key === 'Backspace' || (e.altKey && e.key === 'ArrowUp')) navigate(up);
    else if (e.key === 'Delete' && row) trash(selection.all || selection.keys.size ? selected() : [row]);
    else if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 's' && row) download(selection.all || selection.keys.size ? selected() : [row]);
    else if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'i') setPanel(panel ? '' : 'info');
    else return false;
    return true;
  };
  const closePanel = () => {
    setPanel('');
    grid.current?.focusRow(Math.max(0, rows.indexOf(focusedID)));
  };

  const entriesFor = (items: Item[]): MenuEntry[] => {
    const one = items.length === 1 ? items[0] : undefined;
    const entries: MenuEntry[] = [];
    if (one?.type === 'folder') entries.push({ id: 'open', text: t.open, icon: 'folder', keys: 'Enter', run: () => open(one) });
    if (items.every((it) => it.type === 'file')) entries.push({ id: 'download', text: t.download, icon: 'download', keys: 'Ctrl S', run: () => download(items) });
    entries.push('line', { id: 'trash', text: t.toTrash, icon: 'trash', keys: 'Del', danger: true, run: () => trash(items) });
    return entries;
  };
  const add: MenuEntry[] = [
    { id: 'files', text: t.uploadFiles, icon: 'upload', run: () => files.current?.click() },
    { id: 'folder', text: t.uploadFolder, icon: 'folder', run: () => dirs.current?.click() },
    'line',
    { id: 'new', text: t.newFolder, icon: 'plus', run: () => setDialog('new-folder') },
  ];

  const problem = [share.error, trail.error, list.error].find((e) => e instanceof ApiError && [403, 404, 410, 422].includes(e.status));
  if (problem) return <Page title={common.gone} bare><NoAccess email={me.email} /></Page>;
  const chosenCount = count(selection, total);
  return (
    <Page
      title={here ?? ''} name
      crumbs={[{ text: t.shares, href: '/' }, ...(folder && share.data ? [{ text: named ?? share.data.name, href: at.folder(shareID), name: true }] : []), ...steps.slice(0, -1).map((s) => ({ text: s.name, href: at.folder(shareID, s.id), name: true }))]}
      actions={<><Button icon="plus" className="onwide" onPress={() => setDialog('new-folder')}>{t.newFolder}</Button><IconButton icon="panel" label={t.detailsKey} pressed={panel !== ''} onPress={() => setPanel(panel ? '' : 'info')} /></>}
      {...(panel ? { details: <Suspense fallback={<Skeleton rows={4} />}><Panel share={shareID} folder={folder} item={rows.at(rows.indexOf(focusedID)) ?? null} tab={panel} onTab={setPanel} onClose={closePanel} /></Suspense> } : {})}
      top={(
        <span className="split">
          <Button kind="primary" icon="upload" onPress={() => files.current?.click()}>{t.upload}</Button>
          <MenuButton label={t.moreWays} entries={add} button={<IconButton kind="primary" icon="down" label={t.moreWays} />} />
        </span>
      )}
      toolbar={chosenCount > 0 && (
        <div className="selbar" role="toolbar" aria-label={t.selectionActions(chosenCount)}>
          <IconButton small icon="x" label={common.clearSelection} onPress={() => setSelection(none)} /><span className="say">{common.selected(chosenCount)}</span><span className="vr" />
          <Button small kind="quiet" icon="download" reason={selected().some((i) => i.type === 'folder') ? t.onlyFiles : undefined} onPress={() => download(selected())}>{t.download}</Button>
          <Button small kind="quiet" icon="trash" onPress={() => trash(selected())}>{t.toTrash}</Button>
        </div>
      )}
      {...(list.isSuccess ? { status: <Status list={list} /> } : {})}
    >
      <Pick ref={files} target={target} /><Pick ref={dirs} target={target} folder />
      {!list.data && list.error ? (
        <ErrorState title={lost || !(list.error instanceof ApiError) ? common.noConnection : t.folderFailed} text={lost ? common.noConnectionText : common.filesFine} art={lost ? 'offline' : 'trouble'}
          request={list.error instanceof ApiError ? list.error.requestId : ''} onRetry={() => void list.refetch()} />
      ) : !list.data ? <Skeleton rows={10} /> : rows.length === 0 && !list.hasNextPage ? (
        <EmptyState title={t.emptyTitle} text={t.emptyText}>
          <Button kind="primary" icon="upload" onPress={() => files.current?.click()}>{t.uploadFiles}</Button>
          <Button icon="plus" onPress={() => setDialog('new-folder')}>{t.newFolder}</Button>
        </EmptyState>
      ) : (
        <VirtualGrid ref={grid} label={t.filesIn(visible(here ?? ''))} columns={columns} length={total} exact={list.totalExact} rowAt={(i) => rows.at(i)} keyOf={(it) => it.id} nameOf={(it) => visible(it.name)}
          selection={selection} onSelection={setSelection} onOpen={open} onKey={onKey} onFocusRow={(it) => setFocusedID(it.id)} onNeed={list.need} onMenu={(row, spot) => setMenu({ row, spot })}
          order={{ column: sorted, descending: order === 'desc' }} onOrder={(o) => { setSort(o.column === 'name' ? '' : o.column); setOrder(o.descending ? 'desc' : ''); }}
          selectLabel={common.select} selectAllLabel={common.selectAll(total)}
          foot={list.isFetchNextPageError ? <p className="err foot"><Icon name="alert" size="s" />{t.restFailed}<Button small onPress={() => void list.fetchNextPage()}>{common.tryAgain}</Button></p> : null} />
      )}
      <Fab label={t.add} entries={add} />
      <ContextMenu spot={menu?.spot ?? null} label={menu ? common.actionsFor(visible(menu.row.name)) : ''} onClose={() => setMenu(null)}
        entries={menu ? entriesFor(isSelected(selection, menu.row.id) ? selected() : [menu.row]) : []} />
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

function Status({ list }: { list: ReturnType<typeof useListing> }) {
  const t = useTexts('files');
  const common = useTexts('common');
  const f = useFormat();
  const bytes = useMemo(() => { let n = 0; for (const it of list.rows) n += it.size ?? 0; return n; }, [list.rows]);
  const items = list.totalExact ? common.items(list.total) : t.atLeast(list.total);
  return <span>{bytes && !list.hasNextPage ? t.sum(items, f.size(bytes)) : items}</span>;
}

function Pick({ ref, target, folder = false }: { ref: RefObject<HTMLInputElement | null>; target: Target | null; folder?: boolean }) {
  const take = (e: ChangeEvent<HTMLInputElement>) => {
    const list = e.target.files;
    if (list?.length && target) void queue.add(chosen(list), target);
    e.target.value = '';
  };
  return <input ref={ref} id={folder ? 'pick-folder' : 'pick-files'} type="file" multiple hidden tabIndex={-1} aria-hidden="true" onChange={take} {...(folder ? { webkitdirectory: '' } : {})} />;
}

// On phones the ways to add come from below.
function Fab({ label, entries }: { label: string; entries: readonly MenuEntry[] }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" className="fab" icon="plus" onPress={() => setOpen(true)}>{label}</Button>
      {open && (
        <Sheet edge="bottom" label={label} onClose={() => setOpen(false)}>
          <div className="ways">{entries.map((e) => (e === 'line' || 'options' in e ? null : (
            <button key={e.id} type="button" onClick={() => { setOpen(false); e.run?.(); }}>{e.icon && <Icon name={e.icon} />}{e.text}</button>
          )))}</div>
        </Sheet>
      )}
    </>
  );
}
