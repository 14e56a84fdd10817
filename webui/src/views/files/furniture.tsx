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
import type { Target } from '../../state/uploaditem';
import type { Rows } from '../../state/rows';
import { settings } from '../../state/settings';
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
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => { // there is no other search yet
    const onKey = (e: globalThis.KeyboardEvent) => {
      if (e.key !== '/' || e.ctrlKey || e.metaKey || e.altKey || !settings().singleKeys) return;
      if ((e.target as Element).closest?.('input:not(.check), textarea, select, [role=dialog], [role=alertdialog], [role=menu]') || !field.current?.offsetParent) return;
      e.preventDefault();
      field.current.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const set = (v: string, at = afterTyping) => {
    setText(v);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(v), at);
  };
  return (
    <div className="toolbar">
      <div className="namefilter">
        <Icon name="filter" size="s" />
        <input ref={field} className="input" type="search" value={text} maxLength={200} placeholder={what} aria-label={what} autoComplete="off" spellCheck={false}
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

/** of: the pictures of a phone come from its camera roll, and photo from the camera itself. */
export function Pick({ ref, target, of = 'files' }: { ref: RefObject<HTMLInputElement | null>; target: Target | null; of?: keyof typeof kinds }) {
  const take = (e: ChangeEvent<HTMLInputElement>) => {
    const list = e.target.files;
    if (list?.length && target) void queue.add(chosen(list), target);
    e.target.value = '';
  };
  return <input ref={ref} id={`pick-${of}`} type="file" hidden tabIndex={-1} aria-hidden="true" onChange={take} {...kinds[of]} />;
}

const kinds = {
  files: { multiple: true },
  folder: { multiple: true, webkitdirectory: '' },
  pictures: { multiple: true, accept: 'image/*,video/*' },
  photo: { accept: 'image/*', capture: 'environment' },
} as const;

// On phones the ways to add come from below, the camera among them.
export function Fab({ label, entries, target }: { label: string; entries: readonly MenuEntry[]; target: Target | null }) {
  const t = useTexts('edge');
  const [open, setOpen] = useState(false);
  const pictures = useRef<HTMLInputElement>(null);
  const photo = useRef<HTMLInputElement>(null);
  const all: MenuEntry[] = [{ id: 'photo', text: t.takePhoto, icon: 'camera', run: () => photo.current?.click() }, { id: 'pictures', text: t.addPictures, icon: 'phone', run: () => pictures.current?.click() }, ...entries];
  return (
    <>
      <Pick ref={pictures} target={target} of="pictures" /><Pick ref={photo} target={target} of="photo" />
      <Button kind="primary" className="fab" icon="plus" onPress={() => setOpen(true)}>{label}</Button>
      {open && (
        <Sheet edge="bottom" label={label} onClose={() => setOpen(false)}>
          <div className="ways">{all.map((e) => (e === 'line' || 'options' in e ? null : (
            <button key={e.id} type="button" onClick={() => { setOpen(false); e.run?.(); }}>{e.icon && <Icon name={e.icon} />}{e.text}</button>
          )))}</div>
        </Sheet>
      )}
    </>
  );
}
