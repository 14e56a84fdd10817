// A folder's entries, as a list or as tiles.
import { type DragEvent, type KeyboardEvent, type ReactNode, type Ref, useCallback, useEffect, useRef } from 'react';
import type { Item } from '../../api/types_gen';
import { Button } from '../../components/button';
import { type GridHandle, type Order, VirtualGrid } from '../../components/grid';
import type { CoreProps } from '../../components/gridcore';
import { FileIcon, Icon, familyOf } from '../../components/icon';
import type { Spot } from '../../components/menu';
import { BidiName } from '../../components/name';
import type { Selection } from '../../components/selection';
import { TileGrid } from '../../components/tiles';
import { useTexts, visible } from '../../i18n';
import { useFresh } from '../../state/changes';
import { useClip } from '../../state/clipboard';
import type { ListingState } from '../../state/listing';
import { usePending } from '../../state/pending';
import { at } from '../../state/router';
import { thumbnailOf, useThumbnails, wantThumbnails } from '../../state/thumbnails';
import { useColumns } from './columns';

const further = 10; // lanes beyond what is drawn whose pictures come, too

export interface EntriesProps {
  tiles: boolean;
  list: ListingState;
  label: string;
  share: string;
  marked: ReadonlySet<string>;
  /** What stands in the place of an item's name while it is renamed. */
  editor: (it: Item) => ReactNode;
  renaming: string;
  onMore: (it: Item, spot: Spot) => void;
  selection: Selection;
  onSelection: (s: Selection) => void;
  onOpen: (it: Item) => void;
  onKey: (e: KeyboardEvent, row: Item | undefined) => boolean;
  onFocusRow: (it: Item) => void;
  onMenu: (it: Item, spot: Spot) => void;
  onDrag: (e: DragEvent, it: Item) => void;
  order: Order;
  onOrder: (o: Order) => void;
  ref: Ref<GridHandle>;
}

const keyOf = (it: Item) => it.id;
const nameOf = (it: Item) => visible(it.name);

export function Entries(p: EntriesProps) {
  const t = useTexts('files');
  const common = useTexts('common');
  const { list, share, renaming } = p;
  const { rows, need } = list;
  const pending = usePending();
  const fresh = useFresh();
  const clip = useClip();
  const columns = useColumns({ share, marked: p.marked, editor: p.editor, onMore: p.onMore });
  const rowAt = useCallback((i: number) => rows.at(i), [rows]);
  const core: CoreProps<Item> = {
    label: p.label, length: rows.total, exact: rows.exact, rowAt, keyOf, nameOf, load: list.load, ...(rows.seekable ? { find: list.find } : {}),
    selection: p.selection, onSelection: p.onSelection, onOpen: p.onOpen, onKey: p.onKey, onFocusRow: p.onFocusRow, onMenu: p.onMenu, onDrag: p.onDrag, onNeed: need,
    canDrag: (it) => it.id !== renaming, dropOf: (it) => (it.type === 'folder' ? `${share}/${it.id}` : undefined),
    rowClass: (it) => [pending.has(it.id) && 'pending', renaming === it.id && 'renaming', fresh.has(it.id) && 'fresh', clip?.how === 'move' && clip.items.some((c) => c.id === it.id) && 'cutout'].filter(Boolean).join(' '),
    selectLabel: common.select, selectAllLabel: common.selectAll(rows.total), ref: p.ref,
  };
  const foot = list.broken ? <p className="err foot"><Icon name="alert" size="s" />{t.restFailed}<Button small onPress={() => void list.refetch()}>{common.tryAgain}</Button></p> : null;
  return p.tiles ? <Tiles core={core} foot={foot} {...p} /> : <VirtualGrid {...core} columns={columns} order={p.order} onOrder={p.onOrder} foot={foot} />;
}

function Tiles({ core, foot, list, share, marked, editor, onMore }: EntriesProps & { core: CoreProps<Item>; foot: ReactNode }) {
  const work = useTexts('work');
  const common = useTexts('common');
  const drawn = useThumbnails();
  const { rows, need } = list;
  const seen = useRef({ first: 0, last: -1 });
  const want = useCallback(() => { // what is in sight first, then what comes next, then what was before
    const { first, last } = seen.current;
    const span = Math.max(1, last - first + 1), list: Item[] = [];
    for (let i = first; i <= Math.min(rows.total - 1, last + Math.ceil(span / 4) * further); i++) { const it = rows.at(i); if (it) list.push(it); }
    wantThumbnails(list);
  }, [rows]);
  useEffect(want, [want]);
  const onNeed = useCallback((last: number, first: number) => {
    seen.current = { first, last };
    need(last, first);
    want();
  }, [need, want]);
  const caption = useCallback((it: Item) => {
    const field = editor(it);
    return (
      <>
        <FileIcon family={it.type === 'folder' ? 'folder' : familyOf(it.name)} />
        {field ?? (it.type === 'folder' ? <a className="cut name grow" href={at.folder(share, it.id)} tabIndex={-1} draggable={false}><BidiName>{it.name}</BidiName></a> : <span className="cut name grow"><BidiName>{it.name}</BidiName></span>)}
        {!field && marked.has(it.id) && <span className="starred"><Icon name="star" size="s" fill /><span className="vh">{work.isFavourite}</span></span>}
        {!field && <button className="btn icon sm quiet rowmore" type="button" tabIndex={-1} aria-haspopup="menu" aria-label={common.moreFor(visible(it.name))} onClick={(e) => {
          const r = e.currentTarget.getBoundingClientRect();
          onMore(it, { x: r.left, y: r.bottom, from: e.currentTarget.closest<HTMLElement>('[data-index]') });
        }}><Icon name="more" /></button>}
      </>
    );
  }, [editor, share, marked, work, common, onMore]);
  return <TileGrid {...core} onNeed={onNeed} picture={picture} caption={caption} drawn={drawn} foot={foot} />;
}

function picture(it: Item): ReactNode {
  const url = thumbnailOf(it);
  return url ? <img src={url} alt="" draggable={false} decoding="async" /> : <FileIcon family={it.type === 'folder' ? 'folder' : familyOf(it.name)} />;
}
