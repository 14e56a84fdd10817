// What is shown as done and not yet confirmed.
import { Store, useStore } from './store';

const pending = new Store<ReadonlySet<string>>(new Set());
export const usePending = () => useStore(pending);

/** Marks IDs until what it gives is called. */
export function markPending(ids: readonly string[]): () => void {
  pending.update((s) => new Set([...s, ...ids]));
  return () => pending.update((s) => new Set([...s].filter((id) => !ids.includes(id))));
}
