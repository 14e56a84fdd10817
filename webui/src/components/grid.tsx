// The base of all long lists: a grid of rows of one height of which only those in
// sight (and the focused one) are in the document. One tab stop, roving focus;
// click, Ctrl, Shift, Space, arrows, Home, End, pages, Ctrl+A, Esc and typing a
// name do what people know from file managers.
//
// It knows rows by index and key, and nothing of what they are. Rows may not be
// loaded yet: rowAt gives undefined, and onNeed is told what is in sight.
import { type HTMLAttributes, type KeyboardEvent, type MouseEvent, type ReactNode, type Ref, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Icon } from './icon';
import type { Spot } from './menu';
import { type Selection, everything, isSelected, none, only, toggle } from './selection';

const beyond = 10; // rows drawn above and below what is in sight
const near = 200; // rows among which the focused one is looked for when others come or go
const typing = 800; // milliseconds within which letters are one word

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

export interface GridHandle {
  /** Brings a row into sight and gives it the focus. */
  focusRow(index: number): void;
}

export interface GridProps<T> {
  label: string;
  columns: readonly Column<T>[];
  /** How many rows there are, loaded or not. */
  length: number;
  /** Whether length is exact; else assistive technology is told that it is not known. */
  exact?: boolean;
  rowAt: (index: number) => T | undefined;
  keyOf: (row: T) => string;
  /** The name that typing jumps to, and that the check box carries. */
  nameOf: (row: T) => string;
  selection?: Selection;
  onSelection?: (s: Selection) => void;
  onOpen?: (row: T, index: number) => void;
  /** A click on a row of a list without selection. */
  onPick?: (row: T, index: number) => void;
  onFocusRow?: (row: T, index: number) => void;
  onMenu?: (row: T, spot: Spot) => void;
  /** Keys that the grid itself has no use for; true: it is done. */
  onKey?: (e: KeyboardEvent, row: T | undefined, index: number) => boolean;
  onNeed?: (last: number) => void;
  order?: Order;
  onOrder?: (o: Order) => void;
  selectLabel?: (name: string) => string;
  selectAllLabel?: string;
  rowClass?: (row: T) => string;
  /** Further attributes of a row, such as those for dragging. */
  rowProps?: (row: T) => HTMLAttributes<HTMLDivElement> & Partial<Record<`data-${string}`, string>>;
  /** Below the rows. */
  foot?: ReactNode;
  ref?: Ref<GridHandle>;
}

export function VirtualGrid<T>(p: GridProps<T>) {
  const { length, rowAt, keyOf, selection = none, onSelection, onNeed } = p;
  const box = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(42);
  const [view, setView] = useState({ top: 0, size: 800 });
  const [focused, setFocused] = useState(0);
  const anchor = useRef(0);
  const wantFocus = useRef(false);
  const word = useRef({ text: '', at: 0 });
  const headHeight = useRef(34);
  const leadKey = useRef<string | null>(null); // of the focused row; null: it is where focused says

  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return undefined;
    const measure = () => {
      const row = el.querySelector<HTMLElement>('.vprobe');
      if (row) setHeight(Math.max(16, row.getBoundingClientRect().height));
      headHeight.current = el.querySelector<HTMLElement>('.vhead')?.getBoundingClientRect().height ?? 0;
      setView({ top: el.scrollTop, size: el.clientHeight });
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    const probe = el.querySelector('.vprobe');
    if (probe) watch.observe(probe);
    return () => watch.disconnect();
  }, []);

  const first = Math.max(0, Math.floor(view.top / height) - beyond);
  const last = Math.min(length - 1, Math.ceil((view.top + view.size) / height) + beyond);
  const at = Math.min(focused, Math.max(0, length - 1));

  useEffect(() => { if (length > 0) onNeed?.(last); }, [last, length, onNeed]);

  const indexes = useMemo(() => {
    const list: number[] = [];
    if (at < first && at >= 0 && length > 0) list.push(at);
    for (let i = first; i <= last; i++) list.push(i);
    if (at > last) list.push(at);
    return list;
  }, [first, last, at, length]);

  const show = useCallback((i: number) => {
    const el = box.current;
    if (!el) return;
    const top = i * height;
    const room = el.clientHeight - headHeight.current;
    if (top < el.scrollTop) el.scrollTop = top;
    else if (top + height > el.scrollTop + room) el.scrollTop = top + height - room;
  }, [height]);

  const lead = useCallback((i: number) => {
    leadKey.current = null;
    setFocused(i);
  }, []);

  const focusRow = useCallback((i: number) => {
    wantFocus.current = true;
    lead(i);
    show(i);
    const el = box.current?.querySelector<HTMLElement>(`[data-index="${i}"]`);
    if (el) {
      wantFocus.current = false;
      el.focus({ preventScroll: true });
    }
  }, [show, lead]);

  useImperativeHandle(p.ref, () => ({ focusRow }), [focusRow]);

  useLayoutEffect(() => {
    if (!wantFocus.current) return;
    const el = box.current?.querySelector<HTMLElement>(`[data-index="${at}"]`);
    if (!el) return;
    wantFocus.current = false;
    el.focus({ preventScroll: true });
  });

  // A row that had the focus and vanished gives it to the one that took its place.
  const had = useRef(false);
  useEffect(() => {
    if (had.current && document.activeElement === document.body && length > 0) focusRow(at);
  });

  // The focus stays with its row when others come or go before it.
  useEffect(() => {
    const row = rowAt(at);
    const key = row ? keyOf(row) : null;
    if (leadKey.current !== null && key !== null && key !== leadKey.current) {
      for (let d = 1; d <= near; d++) {
        for (const i of [at + d, at - d]) {
          const other = rowAt(i);
          if (other && keyOf(other) === leadKey.current) {
            setFocused(i);
            return;
          }
        }
      }
    }
    leadKey.current = key;
  }, [rowAt, keyOf, at]);

  const range = (to: number): Selection => {
    const keys: string[] = [];
    for (let i = Math.min(anchor.current, to); i <= Math.max(anchor.current, to); i++) {
      const row = rowAt(i);
      if (row) keys.push(keyOf(row));
    }
    return only(...keys);
  };

  const move = (to: number, e: KeyboardEvent) => {
    const i = Math.max(0, Math.min(length - 1, to));
    focusRow(i);
    if (e.shiftKey) onSelection?.(range(i));
    else if (!e.ctrlKey && !e.metaKey) {
      anchor.current = i;
      const row = rowAt(i);
      if (row) onSelection?.(only(keyOf(row)));
    }
  };

  const type = (letter: string) => {
    const now = Date.now();
    const w = word.current;
    const fresh = now - w.at > typing;
    const text = (fresh ? '' : w.text) + letter.toLocaleLowerCase();
    word.current = { text, at: now };
    const same = [...text].every((c) => c === text[0]); // one letter again goes on to the next
    const wanted = same ? (text[0] ?? '') : text;
    const begin = same ? at + 1 : at;
    for (let n = 0; n < length; n++) {
      const i = (begin + n) % length;
      const row = rowAt(i);
      if (row && p.nameOf(row).toLocaleLowerCase().startsWith(wanted)) {
        anchor.current = i;
        onSelection?.(only(keyOf(row)));
        focusRow(i);
        return;
      }
    }
  };

  const onKeyDown = (e: KeyboardEvent) => {
    if ((e.target as Element).closest('input:not(.check), textarea, select')) return;
    const row = rowAt(at);
    const inRow = (e.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (!inRow) return;
    if (e.key === 'Escape' && inRow !== e.target) {
      inRow.focus();
      return;
    }
    if (inRow !== e.target && (e.key === 'Enter' || e.key === ' ')) return; // a control inside of the row
    if (p.onKey?.(e, row, at)) {
      e.preventDefault();
      return;
    }
    const page = Math.max(1, Math.floor(view.size / height) - 1);
    const command = e.ctrlKey || e.metaKey;
    if (e.altKey) return;
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: length - 1, PageDown: at + page, PageUp: at - page };
    const to = steps[e.key];
    if (to !== undefined) {
      e.preventDefault();
      move(to, e);
    } else if (command && e.key.toLowerCase() === 'a') {
      e.preventDefault();
      onSelection?.(everything);
    } else if (e.key === 'Escape' && (selection.all || selection.keys.size)) {
      e.preventDefault();
      e.stopPropagation();
      onSelection?.(none);
    } else if (e.key === ' ' && row) {
      e.preventDefault();
      if (word.current.text && Date.now() - word.current.at < typing) type(' ');
      else {
        anchor.current = at;
        onSelection?.(toggle(selection, keyOf(row)));
      }
    } else if (e.key === 'Enter' && row && !command) {
      e.preventDefault();
      p.onOpen?.(row, at);
    } else if ((e.key === 'ContextMenu' || (e.key === 'F10' && e.shiftKey)) && row) {
      e.preventDefault();
      const r = inRow.getBoundingClientRect();
      p.onMenu?.(row, { x: r.left + 48, y: r.bottom - 8, from: inRow });
    } else if (e.key.length === 1 && !command && /[\p{L}\p{N}]/u.test(e.key)) type(e.key);
  };

  const onClick = (e: MouseEvent, i: number, row: T) => {
    lead(i);
    const target = e.target as Element;
    if (target.closest('button, input') || (!onSelection && target.closest('a'))) return;
    const pointer = (e.nativeEvent as globalThis.PointerEvent).pointerType;
    if (pointer === 'touch') { // a tap opens; while something is selected it selects
      if (selection.all || selection.keys.size) e.preventDefault();
      else if (target.closest('a')) return;
      if (selection.all || selection.keys.size) onSelection?.(toggle(selection, keyOf(row)));
      else p.onOpen?.(row, i);
      return;
    }
    if (target.closest('a')) {
      if (pointer !== 'mouse') return; // assistive technology follows the link
      e.preventDefault(); // a click selects, a double click opens
    }
    if (!onSelection) p.onPick?.(row, i);
    else if (e.shiftKey) onSelection(range(i));
    else {
      anchor.current = i;
      onSelection(e.ctrlKey || e.metaKey ? toggle(selection, keyOf(row)) : only(keyOf(row)));
    }
  };

  const chosen = selection.all ? length - selection.keys.size : selection.keys.size;
  const hiddenFrom = (c: Column<T>) => (c.from ? ` from-${c.from}` : '');
  const width = (c: Column<T>) => (c.width ? { flex: `0 0 ${c.width}rem` } : {});

  return (
    <div className="scroll vgrid" ref={box} role="grid" aria-label={p.label} aria-rowcount={p.exact === false ? -1 : length + 1} aria-multiselectable={onSelection ? true : undefined}
      onKeyDown={onKeyDown} onScroll={(e) => setView({ top: e.currentTarget.scrollTop, size: e.currentTarget.clientHeight })}
      onFocus={() => { had.current = true; }} onBlur={(e) => { if (e.relatedTarget || e.target.isConnected) had.current = false; }}>
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
      <div className="vbody" role="rowgroup" style={{ height: length * height }}>
        {indexes.map((i) => {
          const row = rowAt(i);
          const key = row ? keyOf(row) : `row ${i}`;
          const on = row !== undefined && isSelected(selection, key);
          return (
            <div key={key} className={`vrow vline${row && p.rowClass ? ` ${p.rowClass(row)}` : ''}`} role="row" aria-rowindex={i + 2} aria-selected={onSelection ? on : undefined} data-index={i}
              tabIndex={i === at ? 0 : -1} style={{ transform: `translateY(${i * height}px)` }} onFocus={(e) => {
                if (e.target !== e.currentTarget) return;
                if (i !== at) lead(i);
                if (row) p.onFocusRow?.(row, i);
              }}
              onClick={row ? (e) => onClick(e, i, row) : undefined} onDoubleClick={row ? (e) => { if (!(e.target as Element).closest('button, input')) p.onOpen?.(row, i); } : undefined}
              onContextMenu={row && p.onMenu ? (e) => {
                e.preventDefault();
                if (!on) onSelection?.(only(key));
                lead(i);
                p.onMenu?.(row, { x: e.clientX, y: e.clientY, from: e.currentTarget });
              } : undefined} {...(row ? p.rowProps?.(row) : {})}>
              {onSelection && (
                <span role="gridcell" className="vcell vcheck">
                  {row && <input className="check" type="checkbox" tabIndex={-1} aria-label={p.selectLabel?.(p.nameOf(row))} checked={on} onChange={() => { anchor.current = i; onSelection(toggle(selection, key)); }} />}
                </span>
              )}
              {p.columns.map((c) => (
                <span key={c.id} role="gridcell" className={`vcell v-${c.id}${c.end ? ' num' : ''}${hiddenFrom(c)}`} style={width(c)}>{row ? c.cell(row, i) : <span className="skel" />}</span>
              ))}
            </div>
          );
        })}
      </div>
      {p.foot}
    </div>
  );
}
