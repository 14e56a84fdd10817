// Small parts of the folder view.
import { type ChangeEvent, type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { Button, IconButton } from '../../components/button';
import { Sheet } from '../../components/dialog';
import './files.css';
import { Icon } from '../../components/icon';
import type { MenuEntry } from '../../components/menu';
import { useFormat, useTexts } from '../../i18n';
import { chosen } from '../../state/entries';
import { showWaiting, useWaiting } from '../../state/hold';
import type { Target } from '../../state/queue';
import type { Rows } from '../../state/rows';
import { queue } from '../../state/transfers';

const afterTyping = 250; // milliseconds

/** The bar above the rows: the filter by name. */
export function FilterBar({ value, onChange, label, children }: { value: string; onChange: (v: string) => void; label?: string; children?: ReactNode }) {
  const w = useTexts('work');
  const what = label ?? w.filter;
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const set = (v: string, at = afterTyping) => {
    setText(v);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(v), at);
  };
  return (
    <div className="toolbar">
      <div className="namefilter">
        <Icon name="filter" size="s" />
        <input className="input" type="search" value={text} maxLength={200} placeholder={what} aria-label={what} autoComplete="off" spellCheck={false}
          onChange={(e) => set(e.target.value)} onKeyDown={(e) => { if (e.key === 'Escape' && text) { e.preventDefault(); e.stopPropagation(); set('', 0); } }} />
        {text && <IconButton small icon="x" label={w.clearFilter} onPress={() => set('', 0)} />}
      </div>
      {children}
    </div>
  );
}

export function Status({ rows, complete, onPrint }: { rows: Rows; complete: boolean; onPrint: () => void }) {
  const t = useTexts('files');
  const w = useTexts('work');
  const common = useTexts('common');
  const f = useFormat();
  const waiting = useWaiting();
  const bytes = useMemo(() => { let n = 0; if (complete) for (const it of rows) n += it.size ?? 0; return n; }, [rows, complete]);
  const items = rows.exact ? common.items(rows.total) : t.atLeast(rows.total);
  return (
    <>
      <span>{bytes ? t.sum(items, f.size(bytes)) : items}</span>
      {waiting > 0 && <button type="button" className="linkish" onMouseDown={(e) => e.preventDefault()} onClick={showWaiting}>{w.waiting(waiting)}</button>}
      {rows.total > 0 && <button type="button" className="linkish push onwide" onClick={onPrint}>{w.print}</button>}
    </>
  );
}

export function Pick({ ref, target, folder = false }: { ref: RefObject<HTMLInputElement | null>; target: Target | null; folder?: boolean }) {
  const take = (e: ChangeEvent<HTMLInputElement>) => {
    const list = e.target.files;
    if (list?.length && target) void queue.add(chosen(list), target);
    e.target.value = '';
  };
  return <input ref={ref} id={folder ? 'pick-folder' : 'pick-files'} type="file" multiple hidden tabIndex={-1} aria-hidden="true" onChange={take} {...(folder ? { webkitdirectory: '' } : {})} />;
}

// On phones the ways to add come from below.
export function Fab({ label, entries }: { label: string; entries: readonly MenuEntry[] }) {
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
