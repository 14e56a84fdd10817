// Entries as tiles, in lanes as wide as the window gives. See gridcore.ts.
import { type ReactNode, memo, useLayoutEffect, useRef, useState } from 'react';
import { type CoreProps, useGridCore } from './gridcore';
import { isSelected } from './selection';

const least = 164, gap = 12, caption = 38; // pixels, in text of 16 px
const beyond = 2; // lanes drawn above and below what is in sight

export interface TileProps<T> extends CoreProps<T> {
  /** Its picture. */
  picture: (row: T) => ReactNode;
  /** What stands below: icon, name. */
  caption: (row: T) => ReactNode;
  /** Changes when pictures do, so that tiles are drawn again. */
  drawn?: unknown;
  foot?: ReactNode;
}

export function TileGrid<T>(p: TileProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  const [lay, setLay] = useState({ lanes: 4, wide: least, high: 180, em: 1, edge: 16 });
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return undefined;
    const measure = () => {
      const em = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
      const edge = (el.clientWidth < 600 ? 12 : 16) * em, room = el.clientWidth - 2 * edge;
      const lanes = Math.max(2, Math.floor((room + gap) / (least * em + gap)));
      const wide = Math.floor((room - (lanes - 1) * gap) / lanes);
      setLay((was) => (was.lanes === lanes && was.wide === wide && was.em === em ? was : { lanes, wide, high: Math.round(wide * 0.75 + caption * em), em, edge }));
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  const pitch = lay.high + gap;
  const core = useGridCore(p, box, { lanes: lay.lanes, height: pitch, above: 0, beyond });
  const lanes = new Map<number, number[]>();
  for (const i of core.indexes) {
    const lane = Math.floor(i / lay.lanes);
    const list = lanes.get(lane);
    if (list) list.push(i);
    else lanes.set(lane, [i]);
  }
  const rows = Math.ceil(p.length / lay.lanes);
  return (
    <div className="scroll vgrid vtiles" ref={box} role="grid" aria-label={p.label} aria-rowcount={p.exact === false ? -1 : rows} aria-colcount={lay.lanes} aria-multiselectable={p.onSelection ? true : undefined} {...core.events}>
      <div className="vbody" role="rowgroup" style={{ height: rows * pitch + gap }}>
        {[...lanes].map(([lane, list]) => (
          <div key={lane} role="row" aria-rowindex={lane + 1} className="lane" style={{ transform: `translateY(${gap + lane * pitch}px)`, height: lay.high, paddingInline: lay.edge, gap }}>
            {list.map((i) => {
              const row = p.rowAt(i);
              const key = row ? p.keyOf(row) : `tile ${i}`;
              return (
                <Tile key={key} index={i} row={row} column={i % lay.lanes} wide={lay.wide} lead={i === core.at} selectable={Boolean(p.onSelection)} on={row !== undefined && isSelected(core.selection, key)}
                  className={row && p.rowClass ? p.rowClass(row) : ''} drop={row && p.dropOf?.(row)} drag={row !== undefined && (p.canDrag?.(row) ?? false)} label={row && p.onSelection ? p.selectLabel?.(p.nameOf(row)) : undefined}
                  picture={p.picture as (row: unknown) => ReactNode} caption={p.caption as (row: unknown) => ReactNode} drawn={p.drawn} />
              );
            })}
          </div>
        ))}
      </div>
      {p.foot}
    </div>
  );
}

interface OneProps {
  index: number;
  row: unknown;
  column: number;
  wide: number;
  lead: boolean;
  selectable: boolean;
  on: boolean;
  className: string;
  drop: string | undefined;
  drag: boolean;
  label: string | undefined;
  picture: (row: unknown) => ReactNode;
  caption: (row: unknown) => ReactNode;
  drawn: unknown;
}

const nothing = () => {}; // the container hears of changes

const Tile = memo(function Tile({ index, row, column, wide, lead, selectable, on, className, drop, drag, label, picture, caption: below }: OneProps) {
  return (
    <div className={`tile vline${className ? ` ${className}` : ''}`} role="gridcell" aria-colindex={column + 1} aria-selected={selectable ? on : undefined} data-index={index} tabIndex={lead ? 0 : -1}
      style={{ width: wide }} draggable={drag || undefined} {...(drop ? { 'data-drop': drop } : {})}>
      <div className="thumb">{row !== undefined ? picture(row) : <span className="skel" />}</div>
      {selectable && row !== undefined && <input className="check" type="checkbox" tabIndex={-1} aria-label={label} checked={on} onChange={nothing} />}
      <div className="cap">{row !== undefined ? below(row) : <span className="skel grow" />}</div>
    </div>
  );
});
