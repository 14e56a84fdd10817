// Whether the server can be reached. A call that got no answer asks check; while
// nothing answers, it is tried again by itself, ever more rarely.
import { ApiError, NetworkError } from '../api/errors';
import { api, queryClient } from './client';
import { Store, useStore } from './store';

const first = 2_000, longest = 30_000; // milliseconds between tries

/** null: the server answers; else since when it doesn't. */
const lost = new Store<Date | null>(null);
export const useLost = () => useStore(lost);
export const isOnline = () => lost.get() === null;
export const onConnection = (l: () => void) => lost.subscribe(l);

let timer: ReturnType<typeof setTimeout> | undefined;
let wait = first;
let asking: Promise<boolean> | null = null;

/** Asks the server and reports whether it answers. */
export function checkConnection(): Promise<boolean> {
  asking ??= ask().finally(() => { asking = null; });
  return asking;
}

async function ask(): Promise<boolean> {
  clearTimeout(timer);
  let there = true;
  try {
    await api.open('/health');
  } catch (e) {
    there = e instanceof ApiError; // any answer is an answer
  }
  if (there) {
    wait = first;
    if (lost.get()) {
      lost.set(null);
      void queryClient.invalidateQueries();
    }
  } else {
    timer = setTimeout(() => {
      wait = Math.min(longest, wait * 1.5); // by tries of our own, not by each call that fails
      void checkConnection();
    }, wait);
    if (!lost.get()) lost.set(new Date());
  }
  return there;
}

/** Watches calls that got no answer, and what the browser says. */
export function watchConnection(): void {
  window.addEventListener('online', () => void checkConnection());
  window.addEventListener('offline', () => void checkConnection());
  const failed = (e: unknown) => { if (e instanceof NetworkError) void checkConnection(); };
  queryClient.getQueryCache().subscribe((e) => {
    if (e.type !== 'updated') return;
    if (e.action.type === 'error' || e.action.type === 'failed') failed(e.action.error);
    else if (e.action.type === 'success' && !e.action.manual && lost.get()) void checkConnection(); // something was answered
  });
  queryClient.getMutationCache().subscribe((e) => {
    if (e.type === 'updated' && e.action.type === 'error') failed(e.action.error);
  });
}
