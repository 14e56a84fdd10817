// Live changes: hints of the realtime socket refresh what the views show. A view
// that shows a share calls useLive(share); one that wants other frames, onFrame.
import { useEffect } from 'react';
import { Socket, type SocketState } from '../api/socket';
import type { Frame } from '../api/types_gen';
import { api, keys, queryClient } from './client';
import { onConnection, isOnline } from './connection';
import { Store, useStore } from './store';

const together = 400; // milliseconds within which hints are one refresh

const state = new Store<SocketState>('closed');
export const useSocketState = () => useStore(state);

const listeners = new Set<(f: Frame) => void>();

/** Calls on each frame until what it gives is called. */
export function onFrame(l: (f: Frame) => void): () => void {
  listeners.add(l);
  return () => listeners.delete(l);
}

const waiting = new Map<string, readonly unknown[]>();
let timer: ReturnType<typeof setTimeout> | undefined;
let held = 0;

function refresh(...list: (readonly unknown[])[]): void {
  for (const key of list) waiting.set(JSON.stringify(key), key);
  timer ??= setTimeout(flush, together);
}

function flush(): void {
  timer = undefined;
  if (held > 0) return;
  const list = [...waiting.values()];
  waiting.clear();
  for (const queryKey of list) void queryClient.invalidateQueries({ queryKey });
}

/** Keeps changes from showing while a menu, a drag or a rename is open. */
export function holdLive(): () => void {
  held++;
  let over = false;
  return () => {
    if (over) return;
    over = true;
    if (--held === 0 && waiting.size) flush();
  };
}

interface Data {
  id?: string;
  folder_id?: string | null;
  parent_id?: string | null;
  file_id?: string;
}

function hint(f: Frame): void {
  for (const l of listeners) l(f);
  const data = (f.data ?? {}) as Data;
  const share = f.share_id ?? '';
  if (share) refresh(['activity'], ['conflicts', share]);
  switch (f.event_type) {
    case 'file_created': refresh(keys.listing(share, data.folder_id ?? null)); break;
    case 'folder_created': refresh(keys.listing(share, data.parent_id ?? null)); break;
    case 'file_updated': case 'file_deleted':
      refresh(keys.listings(share), keys.file(data.id ?? data.file_id ?? '')); // it may have been moved from anywhere
      break;
    case 'folder_updated': case 'folder_deleted': refresh(keys.listings(share), ['folder']); break;
    case 'change': // what may be seen has changed, perhaps which shares there are
      refresh(keys.listings(share), ['folder'], ['file'], keys.share(share), keys.shares, ['acl'], ['effective']);
      break;
  }
}

const socket = new Socket(api, {
  onframe: hint,
  ongap: () => void queryClient.invalidateQueries(),
  onstate: (s) => state.set(s),
});

export function startLive(): void { socket.start(); }
export function stopLive(): void { socket.stop(); }

onConnection(() => { if (isOnline()) socket.hurry(); });

/** Has a share's changes show while the component is there. */
export function useLive(share: string | null | undefined): void {
  useEffect(() => (share ? socket.watch(share) : undefined), [share]);
}
