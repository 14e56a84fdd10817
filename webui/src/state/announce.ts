// What is said to screen readers, and the messages that pass.
import { onLeave } from './signin';
import { Store, useStore } from './store';

export interface Said {
  polite: string;
  urgent: string;
}

const said = new Store<Said>({ polite: '', urgent: '' });
export const useSaid = () => useStore(said);

/** Announces a sentence; an urgent one interrupts. */
export function say(text: string, urgent = false): void {
  const key = urgent ? 'urgent' : 'polite';
  said.update((s) => ({ ...s, [key]: '' }));
  // A live region tells of changes: the same sentence twice must be two changes.
  setTimeout(() => said.update((s) => ({ ...s, [key]: text })), 40);
}

export interface Toast {
  id: number;
  text: string;
  kind: 'done' | 'undo' | 'alert' | 'info';
  action?: { label: string; run: () => void };
}

const longest = 3; // shown at once
const forReading = 6_000, forUndoing = 10_000; // milliseconds
let number = 0;
const toasts = new Store<readonly Toast[]>([]);
export const useToasts = () => useStore(toasts);

/** Shows a message for a while; one with an action stays for 10 seconds, one that tells of work until it is told otherwise. */
export function toast(text: string, o: Partial<Pick<Toast, 'kind' | 'action'>> & { stays?: boolean } = {}): number {
  const t: Toast = { id: ++number, text, kind: o.kind ?? 'info', ...(o.action ? { action: o.action } : {}) };
  toasts.update((list) => [...list, t].slice(-longest));
  say(text, t.kind === 'alert');
  if (!o.stays) waitFor(t.id, t.action ? forUndoing : forReading);
  return t.id;
}

/** Changes the text of a message that stays, silently. */
export function retell(id: number, text: string): void {
  toasts.update((list) => list.map((t) => (t.id === id ? { ...t, text } : t)));
}

// Whoever is at a message keeps it: the time begins again when they leave.
function waitFor(id: number, ms: number): void {
  setTimeout(() => {
    if (document.querySelector('.toasts:hover, .toasts:focus-within')) waitFor(id, 3_000);
    else dismissToast(id);
  }, ms);
}

export function dismissToast(id: number): void {
  toasts.update((list) => list.filter((t) => t.id !== id));
}

onLeave(() => toasts.set([])); // they name files
