// What lists and tiles have in common: entries of one size of which only those in
// sight (and the focused one) are in the document, one tab stop, roving focus;
// click, Ctrl, Shift, Space, arrows, Home, End, pages, Ctrl+A, Esc and typing a name
// do what people know from file managers.
//
// It knows entries by index and key, and nothing of what they are. They may not be
// loaded yet: rowAt gives undefined, and onNeed is told what is in sight. Events come
// from the container, so that an entry is drawn again only when it changed.
import { type ChangeEvent, type DragEvent, type KeyboardEvent, type MouseEvent, type Ref, type RefObject, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Spot } from './menu';
import { type Selection, everything, isSelected, none, only, toggle } from './selection';

const near = 200; // entries among which the focused one is looked for when others come or go
const typing = 800; // milliseconds within which letters are one word

export interface GridHandle {
  /** Brings an entry into sight and gives it the focus. */
  focusRow(index: number): void;
}

export interface CoreProps<T> {
  label: string;
  /** How many there are, loaded or not. */
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
  /** A click on an entry of a list without selection. */
  onPick?: (row: T, index: number) => void;
  onFocusRow?: (row: T, index: number) => void;
  onMenu?: (row: T, spot: Spot) => void;
  /** Keys that the grid itself has no use for; true: it is done. */
  onKey?: (e: KeyboardEvent, row: T | undefined, index: number) => boolean;
  /** Is told what is in sight. */
  onNeed?: (last: number, first: number) => void;
  /** Has all between two places come, so that they can be selected. */
  load?: (first: number, last: number) => Promise<void>;
  /** Looks beyond what is loaded for the first name from a place on that begins so. */
  find?: (text: string, from: number) => Promise<number>;
  selectLabel?: (name: string) => string;
  selectAllLabel?: string;
  rowClass?: (row: T) => string;
  /** Where things dropped on an entry go; undefined: nowhere. */
  dropOf?: (row: T) => string | undefined;
  canDrag?: (row: T) => boolean;
  onDrag?: (e: DragEvent, row: T) => void;
  ref?: Ref<GridHandle>;
}

/** How entries lie: in lanes of so many, each lane so high, with space above them. */
export interface Lay {
  lanes: number;
  height: number;
  above: number;
  beyond: number; // lanes drawn above and below what is in sight
}

// untilDone tries again with every picture: what has come is drawn a little later.
function untilDone(run: () => boolean, tries = 120): void {
  if (!run() && tries > 0) requestAnimationFrame(() => untilDone(run, tries - 1));
}

const indexOf = (el: Element | null): number => Number(el?.closest<HTMLElement>('[data-index]')?.dataset['index'] ?? -1);

export function useGridCore<T>(p: CoreProps<T>, box: RefObject<HTMLDivElement | null>, lay: Lay) {
  const { length, rowAt, keyOf, selection = none, onSelection, onNeed } = p;
  const { lanes, height } = lay;
  const [view, setView] = useState({ top: 0, size: 800 });
  const [focused, setFocused] = useState(0);
  const anchor = useRef(0);
  const wantFocus = useRef(false);
  const word = useRef({ text: '', at: 0 });
  const leadKey = useRef<string | null>(null); // of the focused entry; null: it is where focused says

  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return undefined;
    const measure = () => setView((v) => (v.top === el.scrollTop && v.size === el.clientHeight ? v : { top: el.scrollTop, size: el.clientHeight }));
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    return () => watch.disconnect();
  }, [box]);

  const lane = (top: number) => Math.floor(top / height);
  const firstSeen = Math.max(0, lane(view.top) * lanes);
  const lastSeen = Math.min(length - 1, (lane(view.top + view.size) + 1) * lanes - 1);
  const first = Math.max(0, firstSeen - lay.beyond * lanes);
  const last = Math.min(length - 1, lastSeen + lay.beyond * lanes);
  const at = Math.min(focused, Math.max(0, length - 1));

  useEffect(() => { if (length > 0) onNeed?.(last, first); }, [first, last, length, onNeed]);

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
    const top = Math.floor(i / lanes) * height;
    const room = el.clientHeight - lay.above;
    if (top < el.scrollTop) el.scrollTop = top;
    else if (top + height > el.scrollTop + room) el.scrollTop = top + height - room;
  }, [box, height, lanes, lay.above]);

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
  }, [box, show, lead]);

  useImperativeHandle(p.ref, () => ({ focusRow }), [focusRow]);

  useLayoutEffect(() => {
    if (!wantFocus.current) return;
    const el = box.current?.querySelector<HTMLElement>(`[data-index="${at}"]`);
    if (!el) return;
    wantFocus.current = false;
    el.focus({ preventScroll: true });
  });

  // One that had the focus and vanished gives it to the one that took its place.
  const had = useRef(false);
  useEffect(() => {
    if (had.current && document.activeElement === document.body && length > 0) focusRow(at);
  });

  // The focus stays with its entry when others come or go before it.
  useEffect(() => {
    const row = rowAt(at);
    const key = row ? keyOf(row) : null;
    if (leadKey.current !== null && key !== null && key !== leadKey.current) {
      for (let d = 1; d <= near; d++) {
        for (const i of [at + d, at - d]) {
          const other = rowAt(i);
          if (other && keyOf(other) === leadKey.current) {
            if (anchor.current === at) anchor.current = i;
            setFocused(i);
            return;
          }
        }
      }
    }
    leadKey.current = key;
  }, [rowAt, keyOf, at]);

  const now = useRef(p); // what an answer that comes later works with
  now.current = p;
  const selectRange = (to: number) => {
    const [a, b] = [Math.min(anchor.current, to), Math.max(anchor.current, to)];
    const take = () => {
      const keys: string[] = [];
      let all = true;
      for (let i = a; i <= b; i++) {
        const row = now.current.rowAt(i);
        if (row) keys.push(now.current.keyOf(row));
        else all = false;
      }
      now.current.onSelection?.(only(...keys));
      return all;
    };
    const { current: from } = anchor;
    if (!take() && p.load) void p.load(a, b).then(() => untilDone(() => anchor.current !== from || take()));
  };

  const move = (to: number, e: KeyboardEvent) => {
    const i = Math.max(0, Math.min(length - 1, to));
    focusRow(i);
    if (e.shiftKey) selectRange(i);
    else if (!e.ctrlKey && !e.metaKey) choose(i);
  };

  // choose selects one; if it isn't here yet, as soon as it is.
  const choose = (i: number) => {
    anchor.current = i;
    const row = rowAt(i);
    if (row) onSelection?.(only(keyOf(row)));
    else if (p.load) void p.load(i, i).then(() => untilDone(() => {
      const come = now.current.rowAt(i);
      if (come && anchor.current === i) now.current.onSelection?.(only(now.current.keyOf(come)));
      return come !== undefined || anchor.current !== i;
    }));
  };

  const type = (letter: string) => {
    const time = Date.now();
    const w = word.current;
    const fresh = time - w.at > typing;
    const text = (fresh ? '' : w.text) + letter.toLocaleLowerCase();
    word.current = { text, at: time };
    const same = [...text].every((c) => c === text[0]); // one letter again goes on to the next
    const wanted = same ? (text[0] ?? '') : text;
    const begin = same ? at + 1 : at;
    const go = (i: number) => {
      focusRow(i);
      choose(i);
    };
    if (p.find) {
      void p.find(wanted, begin >= length ? 0 : begin).then((i) => { if (i >= 0 && word.current.text === text) go(i); }, () => {});
      return;
    }
    for (let n = 0; n < length; n++) {
      const i = (begin + n) % length;
      const row = rowAt(i);
      if (row && p.nameOf(row).toLocaleLowerCase().startsWith(wanted)) {
        go(i);
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
    if (inRow !== e.target && (e.key === 'Enter' || e.key === ' ')) return; // a control inside of the entry
    if (p.onKey?.(e, row, at)) {
      e.preventDefault();
      return;
    }
    const page = Math.max(1, Math.floor(view.size / height) - 1) * lanes;
    const command = e.ctrlKey || e.metaKey;
    if (e.altKey) return;
    const steps: Record<string, number> = { ArrowDown: at + lanes > length - 1 && lanes > 1 && at < length - 1 ? Math.max(at, length - 1) : at + lanes, ArrowUp: at < lanes ? (lanes > 1 ? at : 0) : at - lanes, Home: 0, End: length - 1, PageDown: at + page, PageUp: at - page };
    if (lanes > 1) {
      const on = box.current && getComputedStyle(box.current).direction === 'rtl' ? -1 : 1;
      steps['ArrowRight'] = at + on;
      steps['ArrowLeft'] = at - on;
    }
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

  const onClick = (e: MouseEvent) => {
    const i = indexOf(e.target as Element);
    const row = i >= 0 ? rowAt(i) : undefined;
    if (!row) return;
    lead(i);
    const target = e.target as Element;
    if (target.closest('button, input') || (!onSelection && target.closest('a'))) return;
    const pointer = (e.nativeEvent as globalThis.PointerEvent).pointerType;
    const some = selection.all || selection.keys.size > 0;
    if (pointer === 'touch') { // a tap opens; while something is selected it selects
      if (some) e.preventDefault();
      else if (target.closest('a')) return;
      if (some) onSelection?.(toggle(selection, keyOf(row)));
      else p.onOpen?.(row, i);
      return;
    }
    if (target.closest('a')) {
      if (pointer !== 'mouse') return; // assistive technology follows the link
      e.preventDefault(); // a click selects, a double click opens
    }
    if (!onSelection) p.onPick?.(row, i);
    else if (e.shiftKey) selectRange(i);
    else {
      anchor.current = i;
      onSelection(e.ctrlKey || e.metaKey ? toggle(selection, keyOf(row)) : only(keyOf(row)));
    }
  };

  const rowOf = (e: { target: EventTarget }): [T | undefined, number] => {
    const i = indexOf(e.target as Element);
    return [i >= 0 ? rowAt(i) : undefined, i];
  };

  /** What the container listens to. */
  const events = {
    onKeyDown, onClick,
    onScroll: (e: { currentTarget: HTMLDivElement }) => setView({ top: e.currentTarget.scrollTop, size: e.currentTarget.clientHeight }),
    onFocus: (e: { target: EventTarget }) => {
      had.current = true;
      const el = e.target as HTMLElement;
      if (el.dataset['index'] === undefined) return;
      const [row, i] = rowOf(e);
      if (i !== at) lead(i);
      if (row) p.onFocusRow?.(row, i);
    },
    onBlur: (e: { relatedTarget: EventTarget | null; target: EventTarget }) => { if (e.relatedTarget || (e.target as Element).isConnected) had.current = false; },
    onDoubleClick: (e: MouseEvent) => {
      const [row, i] = rowOf(e);
      if (row && !(e.target as Element).closest('button, input')) p.onOpen?.(row, i);
    },
    onChange: (e: ChangeEvent<HTMLElement>) => { // of a check box
      const [row, i] = rowOf(e);
      if (!row || !(e.target as Element).matches('.check')) return;
      anchor.current = i;
      onSelection?.(toggle(selection, keyOf(row)));
    },
    ...(p.onMenu ? {
      onContextMenu: (e: MouseEvent) => {
        const [row, i] = rowOf(e);
        if (!row || (e.target as Element).closest('input:not(.check)')) return;
        e.preventDefault();
        if (!isSelected(selection, keyOf(row))) onSelection?.(only(keyOf(row)));
        lead(i);
        p.onMenu?.(row, { x: e.clientX, y: e.clientY, from: (e.target as Element).closest<HTMLElement>('[data-index]') });
      },
    } : {}),
    ...(p.onDrag ? { onDragStart: (e: DragEvent) => { const [row] = rowOf(e); if (row) p.onDrag?.(e, row); } } : {}),
  };
  return { events, indexes, at, view, selection, chosen: selection.all ? length - selection.keys.size : selection.keys.size };
}
