// Choosing the folder where things go: shares, then folders, by mouse or keys.
import { useEffect, useRef, useState } from 'react';
import type { Item, MyShare } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { type Column, type GridHandle, VirtualGrid } from '../../components/grid';
import { FileIcon, Icon } from '../../components/icon';
import { Avatar, BidiName } from '../../components/name';
import { ErrorState, Skeleton } from '../../components/states';
import { useTexts, visible } from '../../i18n';
import { rights } from '../../state/rights';
import { useTrail } from '../../state/folder';
import { useListing } from '../../state/listing';
import { useShares } from '../../state/shares';
import type { Destination } from './placing';

interface Way { share: string; name: string; folder: string | null }

export function FolderPicker({ how, items, from, words, onPick, onClose }: {
  how: 'move' | 'copy'; items: readonly Item[];
  /** Where it begins; null: at the shares. */
  from: { share: string; folder: string | null } | null;
  /** Where it is not about moving or copying. */
  words?: { title: string; here: (name: string) => string; there: string };
  onPick: (to: Destination) => void; onClose: () => void;
}) {
  const t = useTexts('work');
  const files = useTexts('files');
  const common = useTexts('common');
  const shares = useShares();
  const [at, setAt] = useState<Way | null>(from && { share: from.share, folder: from.folder, name: '' });
  const trail = useTrail(at?.share ?? '', at?.folder ?? null);
  const shareName = shares.data?.find((s) => s.id === at?.share)?.name ?? '';
  const steps = at?.folder ? (trail.data ?? []) : [];
  const here = at ? (steps.at(-1)?.name ?? (at.folder ? at.name : shareName)) : '';
  const inside = items.some((i) => i.id === at?.folder || steps.some((s) => s.id === i.id));
  const same = how === 'move' && items.every((i) => i.share_id === at?.share && (i.parent_id ?? null) === at?.folder);
  const [granted, setGranted] = useState<number | null>(null);
  const reason = !at ? t.pickShare : inside ? t.intoItself : same ? t.sameFolder : granted !== null && !(granted & rights.create) ? t.mayNotAdd : undefined;
  const up = () => {
    if (!at) return;
    setGranted(null);
    if (!at.folder) setAt(null);
    else setAt({ share: at.share, folder: steps.at(-2)?.id ?? null, name: steps.at(-2)?.name ?? '' });
  };
  const [one] = items;
  const title = words?.title ?? (how === 'move' ? t.moveTitle : t.copyTitle)(items.length, one?.name ?? '');
  const action = at ? (words?.here ?? (how === 'move' ? t.moveHere : t.copyHere))(here) : words?.there ?? (how === 'move' ? t.moveThere : t.copyThere);
  return (
    <Dialog title={title} onClose={onClose} footer={(
      <>
        <span className="push" />
        <Button kind="quiet" onPress={onClose}>{common.cancel}</Button>
        <Button kind="primary" reason={reason} onPress={() => { if (at) onPick({ share: at.share, folder: at.folder, name: here }); }}>{action}</Button>
      </>
    )}>
      <div className="picker" onKeyDown={(e) => { if (e.key === 'Backspace') { e.preventDefault(); up(); } }}>
        <nav className="crumbs" aria-label={common.breadcrumbs}>
          <ol>
            <li><button type="button" className="btn sm quiet" onClick={() => { setGranted(null); setAt(null); }}>{files.shares}</button></li>
            {at && [{ id: null as string | null, name: shareName }, ...steps].map((s) => (
              <li key={s.id ?? 'root'}><Icon name="right" /><button type="button" className="btn sm quiet cut" onClick={() => { setGranted(null); setAt({ share: at.share, folder: s.id, name: s.name }); }}><BidiName>{s.name}</BidiName></button></li>
            ))}
          </ol>
        </nav>
        {!at ? (
          shares.data ? <Shares list={shares.data.filter((s) => !s.bare)} onOpen={(s) => setAt({ share: s.id, folder: null, name: s.name })} />
            : shares.error ? <ErrorState title={files.sharesFailed} text={common.filesFine} level={3} onRetry={() => void shares.refetch()} /> : <Skeleton rows={5} />
        ) : <Folders key={`${at.share}/${at.folder}`} at={at} label={t.foldersIn(visible(here))} onOpen={(f) => { setGranted(f.permissions ?? null); setAt({ share: at.share, folder: f.id, name: f.name }); }} />}
      </div>
    </Dialog>
  );
}

function Shares({ list, onOpen }: { list: MyShare[]; onOpen: (s: MyShare) => void }) {
  const files = useTexts('files');
  const columns: Column<MyShare>[] = [{ id: 'name', title: files.columns.name, hideTitle: true, cell: (s) => <span className="row"><Avatar name={s.name} id={s.id} square size="s" /><span className="cut name"><BidiName>{s.name}</BidiName></span></span> }];
  return <Rows label={files.shares} columns={columns} list={list} onOpen={onOpen} />;
}

function Folders({ at, label, onOpen }: { at: Way; label: string; onOpen: (f: Item) => void }) {
  const t = useTexts('work');
  const files = useTexts('files');
  const common = useTexts('common');
  const list = useListing({ share: at.share, folder: at.folder, sort: 'name', order: 'asc' });
  const folders = [...list.rows].filter((i) => i.type === 'folder');
  const { need, rows } = list;
  const behind = rows.hole(0, folders.length); // folders stand first; the row behind them tells whether they are all here
  useEffect(() => { if (behind >= 0 || (rows.token && folders.length === rows.length)) need(folders.length + 100, 0); }, [behind, need, rows, folders.length]);
  const columns: Column<Item>[] = [{ id: 'name', title: files.columns.name, hideTitle: true, cell: (f) => <span className="row"><FileIcon family="folder" /><span className="cut name"><BidiName>{f.name}</BidiName></span></span> }];
  if (!list.data) return list.error ? <ErrorState title={files.folderFailed} text={common.filesFine} level={3} onRetry={() => void list.refetch()} /> : <Skeleton rows={5} />;
  if (!folders.length) return <p className="muted pad" tabIndex={-1} ref={(el) => { if (document.activeElement === document.body) el?.focus(); }}>{t.noFolders}</p>;
  return <Rows label={label} columns={columns} list={folders} onOpen={onOpen} />;
}

function Rows<T extends { id: string; name: string }>({ label, columns, list, onOpen }: { label: string; columns: Column<T>[]; list: readonly T[]; onOpen: (row: T) => void }) {
  const grid = useRef<GridHandle>(null);
  useEffect(() => grid.current?.focusRow(0), []);
  // A click opens: there is nothing to select here but the way.
  return <VirtualGrid ref={grid} label={label} columns={columns} length={list.length} rowAt={(i) => list[i]} keyOf={(r) => r.id} nameOf={(r) => visible(r.name)} onOpen={onOpen} onPick={onOpen} />;
}
