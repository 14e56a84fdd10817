// Renaming in the row: the ending stays out of the selection, a refused name comes
// back with the place that is wrong.
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Icon } from '../../components/icon';
import { useTexts, visible } from '../../i18n';
import { holdLive } from '../../state/hold';

export interface Renaming {
  id: string;
  /** What was typed before, when that was refused. */
  tried?: string;
  error?: string;
}

/** Gives where in a name the character is that a sentence of the server complains of, -1: it doesn't tell. */
export function placeOf(error: string): number {
  const n = Number(/\bcharacter (\d+)\b/.exec(error)?.[1]);
  return n > 0 ? n - 1 : -1;
}

export function RenameField({ name, folder, state, onDone, onCancel }: {
  name: string; folder: boolean; state: Renaming; onDone: (name: string) => void; onCancel: (refocus: boolean) => void;
}) {
  const t = useTexts('work');
  const [value, setValue] = useState(state.tried ?? name);
  const [error, setError] = useState(state.error ?? '');
  const field = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  const id = useId();
  useEffect(holdLive, []);
  useEffect(() => {
    const el = field.current;
    if (!el) return;
    el.focus();
    const wrong = error ? placeOf(error) : -1;
    const dot = folder ? -1 : el.value.lastIndexOf('.');
    if (wrong >= 0) { // the server counts characters, the field counts halves of them
      const before = [...el.value].slice(0, wrong).join('').length;
      el.setSelectionRange(before, before + ([...el.value][wrong]?.length ?? 1));
    } else el.setSelectionRange(0, dot > 0 ? dot : el.value.length);
  }, []); // at first only
  const end = (use: boolean, refocus: boolean) => {
    if (over.current) return;
    over.current = true;
    if (use && value && value !== name) onDone(value);
    else onCancel(refocus);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    e.stopPropagation();
    if (e.nativeEvent.isComposing) return;
    if (e.key === 'Enter') end(true, true);
    else if (e.key === 'Escape') end(false, true);
    else if (e.key !== 'Tab') return;
    e.preventDefault();
    if (e.key === 'Tab') end(true, true);
  };
  return (
    <span className="rename">
      <input ref={field} className={`input${error ? ' bad' : ''}`} value={value} aria-label={t.renameOf(visible(name))} aria-invalid={Boolean(error)} aria-describedby={error ? id : undefined}
        autoComplete="off" spellCheck={false} dir="auto" onChange={(e) => { setValue(e.target.value); setError(''); }} onKeyDown={onKeyDown} onBlur={() => end(!error, false)}
        onDoubleClick={(e) => e.stopPropagation()} onContextMenu={(e) => e.stopPropagation()} />
      {error && <span className="tip err" id={id} role="alert"><Icon name="alert" size="s" />{error}</span>}
    </span>
  );
}
