// Live changes: hints of the realtime socket refresh what the views show. A view
// that shows a share calls useLive(share); one that wants other frames, onFrame.
import { useEffect } from 'react';
import { Socket, type SocketState } from '../api/socket';
import type { File, Folder, Frame } from '../api/types_gen';
import { type Change, applyChanges } from './changes';
import { api, keys, queryClient } from './client';
import { onConnection, isOnline } from './connection';
import { isHeld, tellWaiting, whenFree } from './hold';
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
const changes = new Map<string, Change>(); // by ID, the last of each
let timer: ReturnType<typeof setTimeout> | undefined;

function refresh(...list: (readonly unknown[])[]): void {
  for (const key of list) waiting.set(JSON.stringify(key), key);
  timer ??= setTimeout(flush, together);
}

function flush(): void {
  timer = undefined;
  if (isHeld() && !hurried) {
    tellWaiting(Math.max(1, changes.size));
    void whenFree().then(() => { hurried = true; flush(); hurried = false; });
    return;
  }
  const list = [...waiting.values()];
  const rows = [...changes.values()];
  waiting.clear();
  changes.clear();
  tellWaiting(0);
  applyChanges(rows);
  for (const queryKey of list) void queryClient.invalidateQueries({ queryKey });
}

let hurried = false; // what waited is shown, whatever is open

function change(c: Change): void {
  if (!c.id || !c.share) return;
  changes.set(c.id, c);
  timer ??= setTimeout(flush, together);
}

interface Data {
  folder_id?: string;
  file_id?: string;
}

function hint(f: Frame): void {
  for (const l of listeners) l(f);
  const data = (f.data ?? {}) as Data;
  const share = f.share_id ?? '';
  if (share) refresh(['activity'], ['conflicts', share]);
  switch (f.event_type) {
    case 'file_created': case 'file_updated': case 'folder_created': case 'folder_updated': {
      const now = f.data as File | Folder;
      change({ share, id: now.id, now });
      if (f.event_type === 'file_updated') refresh(keys.file(now.id));
      if (f.event_type === 'folder_updated') refresh(['folder']);
      break;
    }
    case 'file_deleted': change({ share, id: data.file_id ?? '', now: null }); refresh(keys.file(data.file_id ?? '')); break;
    case 'folder_deleted': change({ share, id: data.folder_id ?? '', now: null }); refresh(['folder']); break;
    case 'subscribed': caughtUp(keys.listings(share)); break;
    case 'change': // what may be seen has changed, perhaps which shares there are
      refresh(keys.listings(share), ['folder'], ['file'], keys.share(share), keys.shares, ['acl'], ['effective']);
      break;
  }
}

// caughtUp has what came before its hints did be read again: a change between the two
// is told by nobody. What is on its way is not asked for twice.
function caughtUp(...list: (readonly unknown[])[]): void {
  for (const queryKey of list) void queryClient.invalidateQueries({ queryKey, predicate: (q) => q.state.dataUpdatedAt > 0 }, { cancelRefetch: false });
}

const socket = new Socket(api, {
  onframe: hint,
  onfirst: () => caughtUp(keys.shares, keys.notices),
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
