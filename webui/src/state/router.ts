// The address bar as state: where we are, and going elsewhere. The table of views
// (views/table.ts) says what is shown. Our own, since matching a path and pushing
// history is all it takes, and every dependency before the first listing costs.
import { useCallback, useMemo, useSyncExternalStore } from 'react';

export interface Place {
  path: string;
  search: string;
}

type Guard = () => boolean;

const listeners = new Set<() => void>();
const guards = new Set<Guard>();
let place: Place = { path: '/', search: '' };

function read(): Place {
  return { path: window.location.pathname, search: window.location.search };
}

function changed(): void {
  const next = read();
  if (next.path === place.path && next.search === place.search) return;
  place = next;
  for (const l of listeners) l();
}

/** Follows the address bar, and has clicks on our own links stay inside of the page. */
export function startRouter(): void {
  place = read();
  window.addEventListener('popstate', changed);
  document.addEventListener('click', (e) => {
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    const a = (e.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null;
    if (!a || a.target || a.hasAttribute('download') || a.origin !== window.location.origin) return;
    if (a.pathname.startsWith('/api/') || a.pathname === '/docs' || a.pathname.startsWith('/assets/')) return;
    if (a.hash && a.pathname === window.location.pathname && a.search === window.location.search) return;
    e.preventDefault();
    navigate(a.pathname + a.search);
  });
}

/** Goes to an address of ours. */
export function navigate(to: string, { replace = false } = {}): void {
  for (const g of guards) if (!g()) return;
  if (to === place.path + place.search) return;
  window.history[replace ? 'replaceState' : 'pushState'](null, '', to);
  changed();
}

/** Has a guard asked before the page goes elsewhere; false stays. */
export function guard(g: Guard): () => void {
  guards.add(g);
  return () => guards.delete(g);
}

function subscribe(l: () => void): () => void {
  listeners.add(l);
  return () => listeners.delete(l);
}

export const here = () => place;

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, here);
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => place.path);
}

/**
 * A value that lives in the address's query, such as a filter, a sort order or an
 * opened dialog. Setting '' takes it out. push: back undoes it (for dialogs).
 */
export function useQueryValue(name: string, { push = false } = {}): [string, (value: string) => void] {
  const search = useSyncExternalStore(subscribe, () => place.search);
  const value = useMemo(() => new URLSearchParams(search).get(name) ?? '', [search, name]);
  const set = useCallback((v: string) => navigate(withQuery({ [name]: v }), { replace: !push }), [name, push]);
  return [value, set];
}

/** Gives the address of this view with other query values; '' takes one out. */
export function withQuery(values: Record<string, string>, at: Place = place): string {
  const q = new URLSearchParams(at.search);
  for (const [name, v] of Object.entries(values)) {
    if (v) q.set(name, v);
    else q.delete(name);
  }
  const text = q.toString();
  return at.path + (text ? `?${text}` : '');
}

/** Matches a pattern such as "/files/:share/:folder"; a last "*" takes the rest. null: it doesn't fit. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const want = segments(pattern);
  const have = segments(path);
  const rest = want.at(-1) === '*';
  if (rest ? have.length < want.length - 1 : have.length !== want.length) return null;
  const params: Record<string, string> = {};
  for (const [i, w] of want.entries()) {
    if (w === '*') {
      params['*'] = have.slice(i).join('/');
      break;
    }
    const h = have[i] ?? '';
    if (w.startsWith(':')) {
      try {
        params[w.slice(1)] = decodeURIComponent(h);
      } catch {
        return null;
      }
    } else if (w !== h) return null;
  }
  return params;
}

const segments = (path: string) => path.split('/').filter(Boolean);

/** Addresses of views. */
export const at = {
  start: '/',
  login: '/login',
  versions: (file: string) => `/versions/${encodeURIComponent(file)}`,
  preview: (file: string) => `/preview/${encodeURIComponent(file)}`,
  moment: (folder: string) => `/moment/${encodeURIComponent(folder)}`,
  folder: (share: string, folder?: string | null) => `/files/${encodeURIComponent(share)}${folder ? `/${encodeURIComponent(folder)}` : ''}`,
};
