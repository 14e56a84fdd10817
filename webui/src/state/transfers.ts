// The one queue of uploads and the downloads of this window, for components.
import { useSyncExternalStore } from 'react';
import { api, keys, queryClient } from './client';
import { checkConnection, isOnline, onConnection } from './connection';
import { Downloads, type Download } from './downloads';
import { Queue, type QueueEvents } from './queue';
import { onEnter, onLeave } from './signin';

const every = 120; // milliseconds between two drawings

let version = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function changed(): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    version++;
    for (const l of listeners) l();
  }, every);
}

export type TransferEvent =
  | { [K in keyof QueueEvents]: { type: K; detail: QueueEvents[K] } }[keyof QueueEvents]
  | { type: 'downloading' | 'saved' | 'notSaved'; detail: Download | null };

const hearers = new Set<(e: TransferEvent) => void>();

/** Hears of beginnings, failures and ends. */
export function onTransfer(l: (e: TransferEvent) => void): () => void {
  hearers.add(l);
  return () => hearers.delete(l);
}

function tell(e: TransferEvent): void {
  for (const l of hearers) l(e);
}

const pending = new Set<string>();
let refreshing: ReturnType<typeof setTimeout> | undefined;

// A folder into which many files come is read again every second, not for each.
function refresh(share: string, folder: string | null): void {
  pending.add(JSON.stringify(keys.listing(share, folder)));
  refreshing ??= setTimeout(() => {
    refreshing = undefined;
    for (const key of pending) void queryClient.invalidateQueries({ queryKey: JSON.parse(key) as string[] });
    pending.clear();
  }, 800);
}

export const queue = new Queue(api, {
  check: checkConnection,
  changed,
  tell: (type, detail) => {
    const e = { type, detail } as TransferEvent;
    if (e.type === 'stored') refresh(e.detail.item.target.share, e.detail.item.dirs.length ? e.detail.item.folderID : e.detail.item.target.folder);
    if (e.type === 'folder') refresh(e.detail.target.share, e.detail.target.folder);
    tell(e);
  },
});

export const downloads = new Downloads(api, {
  changed,
  started: () => tell({ type: 'downloading', detail: null }),
  saved: (d) => tell({ type: 'saved', detail: d }),
  failed: (d) => tell({ type: 'notSaved', detail: d }),
});

onConnection(() => { if (isOnline()) queue.resume('offline'); });
onEnter(() => queue.resume('session'));
onLeave(() => {
  queue.cancelAll();
  downloads.cancelAll();
});
if (typeof window !== 'undefined') {
  window.addEventListener('beforeunload', (e) => { if (queue.busy || downloads.busy) e.preventDefault(); });
}

/** Draws again when a transfer goes on. */
export function useTransfers(): number {
  return useSyncExternalStore((l) => { listeners.add(l); return () => listeners.delete(l); }, () => version);
}
