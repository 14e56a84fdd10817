// The columns of a folder's listing.
import { type ReactNode, useMemo } from 'react';
import type { Item } from '../../api/types_gen';
import type { Column } from '../../components/grid';
import { FileIcon, Icon, familyOf } from '../../components/icon';
import type { Spot } from '../../components/menu';
import { BidiName } from '../../components/name';
import { When } from '../../components/parts';
import { useFormat, useTexts, visible } from '../../i18n';
import { at } from '../../state/router';

export interface ColumnsOptions {
  share: string;
  marked: ReadonlySet<string>;
  /** What stands in the place of an item's name while it is renamed. */
  editor: (it: Item) => ReactNode;
  onMore: (it: Item, spot: Spot) => void;
}

export function useColumns({ share, marked, editor, onMore }: ColumnsOptions): Column<Item>[] {
  const t = useTexts('files');
  const work = useTexts('work');
  const common = useTexts('common');
  const f = useFormat();
  return useMemo(() => [
    {
      id: 'name', title: t.columns.name, sortable: true,
      cell: (it) => {
        const field = editor(it);
        return (
          <span className="row">
            <FileIcon family={it.type === 'folder' ? 'folder' : familyOf(it.name)} />
            {field ?? (
              <span className="grow cut">
                <span className="row gap-1">
                  {it.type === 'folder' ? <a className="cut name" href={at.folder(share, it.id)} tabIndex={-1} draggable={false}><BidiName>{it.name}</BidiName></a> : <span className="cut name"><BidiName>{it.name}</BidiName></span>}
                  {marked.has(it.id) && <span className="starred"><Icon name="star" size="s" fill /><span className="vh">{work.isFavourite}</span></span>}
                  {it.tags && it.tags.length > 0 && <span className="tags from-opt">{it.tags.slice(0, 3).map((tag) => <span key={tag} className="badge plain"><BidiName>{tag}</BidiName></span>)}</span>}
                </span>
                <span className="sub">{it.type === 'folder' ? '' : `${f.size(it.size ?? 0)}, `}{it.modified_at ? <When at={it.modified_at} /> : null}</span>
              </span>
            )}
          </span>
        );
      },
    },
    { id: 'modified_at', title: t.columns.modified, width: 8.5, from: 'phone', sortable: true, cell: (it) => (it.modified_at ? <When at={it.modified_at} /> : null) },
    { id: 'size', title: t.columns.size, width: 6.5, from: 'phone', end: true, sortable: true, cell: (it) => (it.type === 'folder' ? '' : f.size(it.size ?? 0)) },
    {
      id: 'more', title: t.columns.more, hideTitle: true, width: 3, end: true,
      cell: (it) => <button className="btn icon sm quiet rowmore" type="button" tabIndex={-1} aria-haspopup="menu" aria-label={common.moreFor(visible(it.name))} onClick={(e) => {
        const r = e.currentTarget.getBoundingClientRect();
        onMore(it, { x: r.left, y: r.bottom, from: e.currentTarget.closest<HTMLElement>('[role=row], [role=gridcell]') });
      }}><span className="dots" aria-hidden="true" /></button>,
    },
  ], [t, work, common, f, share, marked, editor, onMore]);
}
