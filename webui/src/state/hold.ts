// Nothing moves under the pointer: while a menu, a drag or a rename is open, what
// would change rows waits, and a line says how much.
import { Store, useStore } from './store';

let held = 0;
let free: Promise<void> | null = null;
let release: (() => void) | null = null;
const waiting = new Store(0);

/** How many changes wait. */
export const useWaiting = () => useStore(waiting);

export const isHeld = (): boolean => held > 0;

/** Keeps changes from showing until what it gives is called. */
export function holdLive(): () => void {
  held++;
  let over = false;
  return () => {
    if (over) return;
    over = true;
    if (--held === 0) showWaiting();
  };
}

/** Waits as long as changes are kept back. */
export function whenFree(): Promise<void> {
  if (held === 0) return Promise.resolve();
  free ??= new Promise((ok) => { release = ok; });
  return free;
}

export const tellWaiting = (n: number): void => waiting.set(held > 0 ? n : 0);

/** Has what waits be shown now. */
export function showWaiting(): void {
  waiting.set(0);
  release?.();
  free = release = null;
}
