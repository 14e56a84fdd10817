// The base of all long lists: rows of one height under a head. See gridcore.ts.
import { type ReactNode, memo, useLayoutEffect, useRef, useState } from 'react';
import { type CoreProps, type GridHandle, useGridCore } from './gridcore';
import { Icon } from './icon';
import { everything, isSelected, none } from './selection';

export type { GridHandle };

const beyond = 6; // rows drawn above and below what is in sight

export interface Column<T> {
  id: string;
  title: string;
  /** Its width in rem; the first column without one takes the rest. */
  width?: number;
  /** From which width of the window on it is shown: wide 1180, opt 860 px. */
  from?: 'wide' | 'opt' | 'phone';
  end?: boolean;
  sortable?: boolean;
  hideTitle?: boolean;
  cell: (row: T, index: number) => ReactNode;
}

export interface Order {
  column: string;
  descending: boolean;
}

export interface GridProps<T> extends CoreProps<T> {
  columns: readonly Column<T>[];
  order?: Order;
  onOrder?: (o: Order) => void;
  /** Below the rows. */
  foot?: ReactNode;
}

const hiddenFrom = (c: { from?: string }) => (c.from ? ` from-${c.from}` : '');
const width = (c: { width?: number }) => (c.width ? { flex: `0 0 ${c.width}rem` } : {});

export function VirtualGrid<T>(p: GridProps<T>) {
  const { length, onSelection } = p;
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ row: 42, head: 34 });
  useLayoutEffect(() => {
    const el = box.current;
    const probe = el?.querySelector<HTMLElement>('.vprobe');
    if (!el || !probe) return undefined;
    const measure = () => setSize((s) => {
      const row = Math.max(16, probe.getBoundingClientRect().height), head = el.querySelector<HTMLElement>('.vhead')?.getBoundingClientRect().height ?? 0;
      return s.row === row && s.head === head ? s : { row, head };
    });
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(probe);
    return () => watch.disconnect();
  }, []);
  const core = useGridCore(p, box, { lanes: 1, height: size.row, above: size.head, beyond });
  const { at, chosen, selection } = core;
  return (
    <div className="scroll vgrid" ref={box} role="grid" aria-label={p.label} aria-rowcount={p.exact === false ? -1 : length + 1} aria-multiselectable={onSelection ? true : undefined} {...core.events}>
      <div className="vhead vrow" role="row" aria-rowindex={1}>
        {onSelection && (
          <span role="columnheader" className="vcell vcheck">
            <input className={`check${chosen > 0 && chosen < length ? ' some' : ''}`} type="checkbox" tabIndex={-1} aria-label={p.selectAllLabel} checked={length > 0 && chosen === length}
              ref={(el) => { if (el) el.indeterminate = chosen > 0 && chosen < length; }} onChange={(e) => onSelection(e.target.checked ? everything : none)} />
          </span>
        )}
        {p.columns.map((c) => {
          const sorted = p.order?.column === c.id;
          return (
            <span key={c.id} role="columnheader" className={`vcell v-${c.id}${c.end ? ' num' : ''}${hiddenFrom(c)}`} style={width(c)} aria-sort={sorted ? (p.order?.descending ? 'descending' : 'ascending') : undefined}>
              {c.sortable && p.onOrder ? (
                <button className="btn sm quiet" type="button" tabIndex={-1} onClick={() => p.onOrder?.({ column: c.id, descending: sorted ? !p.order?.descending : false })}>
                  {c.title}{sorted && <Icon name={p.order?.descending ? 'down' : 'up'} size="s" />}
                </button>
              ) : <span className={c.hideTitle ? 'vh' : ''}>{c.title}</span>}
            </span>
          );
        })}
      </div>
      <div className="vprobe" aria-hidden="true" />
      <div className="vbody" role="rowgroup" style={{ height: length * size.row }}>
        {core.indexes.map((i) => {
          const row = p.rowAt(i);
          const key = row ? p.keyOf(row) : `row ${i}`;
          return (
            <Line key={key} index={i} row={row} columns={p.columns as readonly Column<unknown>[]} top={i * size.row} lead={i === at} selectable={Boolean(onSelection)}
              on={row !== undefined && isSelected(selection, key)} className={row && p.rowClass ? p.rowClass(row) : ''} drop={row && p.dropOf?.(row)} drag={row !== undefined && (p.canDrag?.(row) ?? false)}
              label={row && onSelection ? p.selectLabel?.(p.nameOf(row)) : undefined} />
          );
        })}
      </div>
      {p.foot}
    </div>
  );
}

interface LineProps {
  index: number;
  row: unknown;
  columns: readonly Column<unknown>[];
  top: number;
  lead: boolean;
  selectable: boolean;
  on: boolean;
  className: string;
  drop: string | undefined;
  drag: boolean;
  label: string | undefined;
}

const nothing = () => {}; // the container hears of changes

// Line is drawn again only when something of it changed.
const Line = memo(function Line({ index, row, columns, top, lead, selectable, on, className, drop, drag, label }: LineProps) {
  return (
    <div className={`vrow vline${className ? ` ${className}` : ''}`} role="row" aria-rowindex={index + 2} aria-selected={selectable ? on : undefined} data-index={index}
      tabIndex={lead ? 0 : -1} style={{ transform: `translateY(${top}px)` }} draggable={drag || undefined} {...(drop ? { 'data-drop': drop } : {})}>
      {selectable && (
        <span role="gridcell" className="vcell vcheck">
          {row !== undefined && <input className="check" type="checkbox" tabIndex={-1} aria-label={label} checked={on} onChange={nothing} />}
        </span>
      )}
      {columns.map((c) => (
        <span key={c.id} role="gridcell" className={`vcell v-${c.id}${c.end ? ' num' : ''}${hiddenFrom(c)}`} style={width(c)}>{row !== undefined ? c.cell(row, index) : <span className="skel" />}</span>
      ))}
    </div>
  );
});
