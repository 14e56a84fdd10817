// The trash of a share: what was deleted, back to its place or away for good.
import { type KeyboardEvent, useEffect, useMemo, useState } from 'react';
import { ApiError } from '../../api/errors';
import type { TrashItem } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { Confirm } from '../../components/dialog';
import { type Column, VirtualGrid } from '../../components/grid';
import { FileIcon, Icon, familyOf } from '../../components/icon';
import { ContextMenu, type MenuEntry, type Spot } from '../../components/menu';
import { BidiName } from '../../components/name';
import { When } from '../../components/parts';
import { type Selection, count, isSelected, none, only } from '../../components/selection';
import { EmptyState, ErrorState, NoAccess, Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { toast } from '../../state/announce';
import { useLost } from '../../state/connection';
import { explain } from '../../state/explain';
import { useLive } from '../../state/live';
import { useQueryValue } from '../../state/router';
import { useShares } from '../../state/shares';
import { useMe } from '../../state/signin';
import { emptyAll, everythingTrashed, purgeAll, useTrashList } from '../../state/trash';
import { useBulk } from '../files/bulk';
import { FilterBar } from '../files/furniture';
import { Page } from '../shell/page';
import './trash.css';

export default function Trash() {
  const t = useTexts('desk');
  const files = useTexts('files');
  const common = useTexts('common');
  const f = useFormat();
  const me = useMe();
  const lost = useLost();
  const bulk = useBulk();
  const shares = useShares();
  const [chosenShare, setShare] = useQueryValue('in');
  const [word, setWord] = useQueryValue('q');
  const [dialog, setDialog] = useQueryValue('dialog', { push: true });
  const [selection, setSelection] = useState<Selection>(none);
  const [menu, setMenu] = useState<{ row: TrashItem; spot: Spot } | null>(null);
  const [going, setGoing] = useState<TrashItem[]>([]); // what the question is about
  const id = chosenShare || shares.data?.[0]?.id || '';
  const share = shares.data?.find((s) => s.id === id);
  useLive(id || null);
  const list = useTrashList(id);
  useEffect(() => setSelection(none), [id, word]);
  const { need, items, hasNextPage } = list;
  useEffect(() => { if (word && hasNextPage) need(items.length); }, [word, hasNextPage, need, items.length]);
  const rows = useMemo(() => (word ? items.filter((i) => i.name.toLocaleLowerCase().includes(word.toLocaleLowerCase())) : items), [items, word]);
  const total = word ? rows.length : list.total;

  const columns = useMemo<Column<TrashItem>[]>(() => {
    const where = (it: TrashItem) => it.path.split('/').filter(Boolean).slice(0, -1).join(' / ') || '/';
    return [
      {
        id: 'name', title: files.columns.name,
        cell: (it) => (
          <span className="row">
            <FileIcon family={it.type === 'folder' ? 'folder' : familyOf(it.name)} />
            <span className="grow cut"><span className="cut name"><BidiName>{it.name}</BidiName></span><span className="sub"><When at={it.deleted_at} /></span></span>
          </span>
        ),
      },
      { id: 'where', title: t.columns.where, width: 14, from: 'opt', cell: (it) => <BidiName>{where(it)}</BidiName> },
      { id: 'deleted', title: t.columns.deleted, width: 8.5, from: 'phone', cell: (it) => <When at={it.deleted_at} /> },
      { id: 'size', title: files.columns.size, width: 6.5, from: 'phone', end: true, cell: (it) => (it.type === 'folder' ? '' : f.size(it.size ?? 0)) },
      {
        id: 'more', title: files.columns.more, hideTitle: true, width: 3, end: true,
        cell: (it) => <button className="btn icon sm quiet rowmore" type="button" tabIndex={-1} aria-haspopup="menu" aria-label={common.moreFor(visible(it.name))} onClick={(e) => {
          const r = e.currentTarget.getBoundingClientRect();
          setSelection((s) => (isSelected(s, it.id) ? s : only(it.id)));
          setMenu({ row: it, spot: { x: r.left, y: r.bottom, from: e.currentTarget.closest<HTMLElement>('[role=row]') } });
        }}><Icon name="more" /></button>,
      },
    ];
  }, [t, files, common, f]);

  const selected = () => rows.filter((r) => isSelected(selection, r.id));
  const withChosen = (run: (what: TrashItem[]) => void) => {
    if (!selection.all || word || !list.hasNextPage) run(selected());
    else everythingTrashed(id, selection.keys).then(run, (e: unknown) => toast(`${t.failed}: ${explain(e, common)}`, { kind: 'alert' }));
  };
  const restore = (what: TrashItem[]) => {
    setSelection(none);
    void bulk({ kind: 'restore' }, what.map((i) => ({ id: i.id })), [id], {
      going: t.restoring, undone: t.restoredUndone, done: (n) => (n === 1 && what.length === 1 ? files.restored(what[0]?.name ?? '') : t.restored(n)),
    });
  };
  const ask = (what: TrashItem[]) => { setGoing(what); setDialog('purge'); };
  const purge = async () => {
    setDialog('');
    setSelection(none);
    const r = await purgeAll(id, going);
    for (const x of r.failed.slice(0, 3)) toast(t.notPurged(going.find((i) => i.id === x.id)?.name ?? '', explain(x.error, common)), { kind: 'alert' });
    if (r.done) toast(t.purged(r.done), { kind: 'done' });
  };
  const empty = () => {
    setDialog('');
    setSelection(none);
    emptyAll(id).then(() => toast(t.emptied(share?.name ?? ''), { kind: 'done' }), (e: unknown) => toast(t.notEmptied(explain(e, common)), { kind: 'alert' }));
  };
  const onKey = (e: KeyboardEvent, row: TrashItem | undefined) => {
    if (e.key !== 'Delete' || !row) return false;
    if (selection.all || selection.keys.size) withChosen(ask);
    else ask([row]);
    return true;
  };
  // What one deletion took away can come back together.
  const groupOf = (what: TrashItem[]) => (what.length === 1 ? what[0]?.group_id : null);
  const restoreGroup = (group: string) => everythingTrashed(id, new Set()).then(
    (all) => restore(all.filter((it) => it.group_id === group)), (e: unknown) => toast(`${t.failed}: ${explain(e, common)}`, { kind: 'alert' }));
  const entries = (what: TrashItem[]): MenuEntry[] => [
    { id: 'restore', text: t.restore, icon: 'undo', run: () => restore(what) },
    ...withGroup(groupOf(what)),
    'line',
    { id: 'purge', text: t.purge, icon: 'trash', keys: 'Del', danger: true, run: () => ask(what) },
  ];

  function withGroup(group: string | null | undefined): MenuEntry[] {
    const alone = !list.hasNextPage && list.items.filter((it) => it.group_id === group).length < 2;
    return group && !alone ? [{ id: 'restore-group', text: t.restoreGroup, icon: 'undo', run: () => void restoreGroup(group) }] : [];
  }

  const problem = list.error instanceof ApiError && [403, 404, 410, 422].includes(list.error.status);
  if (problem) return <Page title={common.gone} bare><NoAccess email={me.email} /></Page>;
  const n = count(selection, total);
  const error = shares.error ?? list.error;
  const loading = shares.data ? id !== '' && !list.data : true;
  return (
    <Page
      title={t.trash}
      actions={shares.data && shares.data.length > 0 && (
        <>
          <label className="row trashof"><span className="small muted">{t.trashOf}</span>
            <select className="input" value={id} onChange={(e) => setShare(e.target.value)}>{shares.data.map((s) => <option key={s.id} value={s.id}>{visible(s.name)}</option>)}</select>
          </label>
          {list.total > 0 && <Button icon="trash" onPress={() => setDialog('empty')}>{t.empty}</Button>}
        </>
      )}
      toolbar={n > 0 ? (
        <div className="selbar" role="toolbar" aria-label={files.selectionActions(n)}>
          <IconButton small icon="x" label={common.clearSelection} onPress={() => setSelection(none)} /><span className="say">{common.selected(n)}</span><span className="vr" />
          <Button small kind="quiet" icon="undo" onPress={() => withChosen(restore)}>{t.restore}</Button>
          <Button small kind="quiet" icon="trash" onPress={() => withChosen(ask)}>{t.purge}</Button>
        </div>
      ) : (list.total > 0 || word) && <FilterBar value={word} onChange={setWord} label={t.search} />}
      {...(list.data ? { status: list.totalExact || word ? common.items(total) : files.atLeast(total) } : {})}
    >
      {loading && error ? (
        <ErrorState title={lost || !(error instanceof ApiError) ? common.noConnection : t.failed} text={lost ? common.noConnectionText : common.filesFine} art={lost ? 'offline' : 'trouble'}
          request={error instanceof ApiError ? error.requestId : ''} onRetry={() => { void shares.refetch(); void list.refetch(); }} />
      ) : shares.data?.length === 0 ? <EmptyState title={t.noTrash} /> : loading ? <Skeleton /> : rows.length === 0 && !list.hasNextPage ? (
        word ? <EmptyState title={t.noHit(word)} /> : <EmptyState title={t.trashEmpty} text={t.trashEmptyText} />
      ) : (
        <VirtualGrid label={t.trashIn(visible(share?.name ?? ''))} columns={columns} length={total} exact={list.totalExact} rowAt={(i) => rows[i]} keyOf={(it) => it.id} nameOf={(it) => visible(it.name)}
          selection={selection} onSelection={setSelection} onKey={onKey} onNeed={need} onMenu={(row, spot) => setMenu({ row, spot })}
          selectLabel={common.select} selectAllLabel={common.selectAll(total)} />
      )}
      <ContextMenu spot={menu?.spot ?? null} label={menu ? common.actionsFor(visible(menu.row.name)) : ''} onClose={() => setMenu(null)} entries={menu ? entries(isSelected(selection, menu.row.id) ? selected() : [menu.row]) : []} />
      {dialog === 'purge' && going.length > 0 && <Confirm title={t.purgeTitle(going.length, going[0]?.name ?? '')} text={t.purgeText(going.length)} safe={t.keep} action={t.purgeAction(going.length)} onClose={() => setDialog('')} onConfirm={() => void purge()} />}
      {dialog === 'empty' && share && <Confirm title={t.emptyTitle(share.name)} text={t.emptyText(list.total, list.totalExact)} safe={t.keep} action={t.emptyAction} onClose={() => setDialog('')} onConfirm={empty} />}
    </Page>
  );
}
