// A list of files and folders from anywhere: favourites, recent.
import { type KeyboardEvent, useMemo, useState } from 'react';
import { ApiError } from '../../api/errors';
import type { DeskItem } from '../../api/types_gen';
import { type Column, VirtualGrid } from '../../components/grid';
import { FileIcon, Icon, familyOf } from '../../components/icon';
import { ContextMenu, type MenuEntry, type Spot } from '../../components/menu';
import { BidiName } from '../../components/name';
import { When } from '../../components/parts';
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { toast } from '../../state/announce';
import { useLost } from '../../state/connection';
import { setMarked } from '../../state/desk';
import { explain } from '../../state/explain';
import { at, navigate } from '../../state/router';
import { useShares } from '../../state/shares';
import { downloads } from '../../state/transfers';
import { Page } from '../shell/page';

export function DeskList({ title, when, empty, emptyText, query, favourites = false }: {
  title: string; when: string; empty: string; emptyText: string; favourites?: boolean;
  query: { data: DeskItem[] | undefined; error: unknown; refetch: () => unknown };
}) {
  const t = useTexts('desk');
  const files = useTexts('files');
  const work = useTexts('work');
  const common = useTexts('common');
  const f = useFormat();
  const lost = useLost();
  const shares = useShares().data;
  const [menu, setMenu] = useState<{ row: DeskItem; spot: Spot } | null>(null);
  const { data, error } = query;
  const inFolder = (it: DeskItem) => `${at.folder(it.share_id, it.parent_id)}?item=${it.id}`;
  const open = (it: DeskItem) => { if (it.type === 'folder') navigate(at.folder(it.share_id, it.id)); else void downloads.start(it); };
  const unmark = (it: DeskItem) => { setMarked([it], false).catch((e: unknown) => toast(work.markFailed(explain(e, common)), { kind: 'alert' })); };
  const columns = useMemo<Column<DeskItem>[]>(() => {
    const where = (it: DeskItem) => [shares?.find((s) => s.id === it.share_id)?.name ?? '', ...it.path.split('/').filter(Boolean).slice(0, -1)].join(' / ');
    return [
      {
        id: 'name', title: files.columns.name,
        cell: (it) => (
          <span className="row">
            <FileIcon family={it.type === 'folder' ? 'folder' : familyOf(it.name)} />
            <span className="grow cut">
              {it.type === 'folder' ? <a className="cut name" href={at.folder(it.share_id, it.id)} tabIndex={-1}><BidiName>{it.name}</BidiName></a> : <span className="cut name"><BidiName>{it.name}</BidiName></span>}
              <span className="sub"><BidiName>{where(it)}</BidiName></span>
            </span>
          </span>
        ),
      },
      { id: 'where', title: t.columns.where, width: 16, from: 'opt', cell: (it) => <BidiName>{where(it)}</BidiName> },
      { id: 'at', title: when, width: 8.5, from: 'phone', cell: (it) => <When at={it.at} /> },
      { id: 'size', title: files.columns.size, width: 6.5, from: 'opt', end: true, cell: (it) => (it.type === 'folder' ? '' : f.size(it.size ?? 0)) },
      {
        id: 'more', title: files.columns.more, hideTitle: true, width: 3, end: true,
        cell: (it) => <button className="btn icon sm quiet rowmore" type="button" tabIndex={-1} aria-haspopup="menu" aria-label={common.moreFor(visible(it.name))} onClick={(e) => {
          const r = e.currentTarget.getBoundingClientRect();
          setMenu({ row: it, spot: { x: r.left, y: r.bottom, from: e.currentTarget.closest<HTMLElement>('[role=row]') } });
        }}><Icon name="more" /></button>,
      },
    ];
  }, [t, files, common, f, shares, when]);
  const entries = (it: DeskItem): MenuEntry[] => [
    ...(it.type === 'folder' ? [{ id: 'open', text: files.open, icon: 'folder' as const, keys: 'Enter', run: () => open(it) }] : [{ id: 'download', text: files.download, icon: 'download' as const, keys: 'Enter', run: () => open(it) }]),
    { id: 'show', text: t.showInFolder, icon: 'right', run: () => navigate(inFolder(it)) },
    ...(favourites ? [{ id: 'unmark', text: t.unmark, icon: 'star' as const, keys: '*', run: () => unmark(it) }] : []),
  ];
  const onKey = (e: KeyboardEvent, row: DeskItem | undefined) => {
    if (!row || e.key !== '*' || !favourites) return false;
    unmark(row);
    return true;
  };
  return (
    <Page title={title} {...(data ? { status: common.items(data.length) } : {})}>
      {!data && error ? (
        <ErrorState title={lost || !(error instanceof ApiError) ? common.noConnection : t.failed} text={lost ? common.noConnectionText : common.filesFine} art={lost ? 'offline' : 'trouble'}
          request={error instanceof ApiError ? error.requestId : ''} onRetry={() => void query.refetch()} />
      ) : !data ? <Skeleton /> : !data.length ? <EmptyState title={empty} text={emptyText} /> : (
        <VirtualGrid label={title} columns={columns} length={data.length} rowAt={(i) => data[i]} keyOf={(it) => it.id} nameOf={(it) => visible(it.name)} onOpen={open} onKey={onKey} onMenu={(row, spot) => setMenu({ row, spot })} />
      )}
      <ContextMenu spot={menu?.spot ?? null} label={menu ? common.actionsFor(visible(menu.row.name)) : ''} onClose={() => setMenu(null)} entries={menu ? entries(menu.row) : []} />
    </Page>
  );
}
