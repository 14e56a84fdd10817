// The one queue of uploads and the downloads of this window, for components.
import { useSyncExternalStore } from 'react';
import { api, keys, queryClient } from './client';
import { checkConnection, isOnline, onConnection } from './connection';
import { Downloads, type Download } from './downloads';
import { Queue, type QueueEvents } from './queue';
import type { UploadItem } from './uploaditem';
import { Shelf } from './shelf';
import { onEnter, onLeave } from './signin';
import type { Me } from '../api/types_gen';

const every = 250; // milliseconds between two drawings

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

const shelf = new Shelf();
let owner = ''; // whose uploads these are

function keep(item: UploadItem): void {
  const user = owner;
  shelf.keep(item.id, () => (item.state === 'done' || item.state === 'cancelled' ? null : {
    id: item.id, user, page: shelf.page, at: Date.now(), target: item.target, dirs: item.dirs, name: item.name, originalName: item.originalName,
    folderOnly: item.folderOnly, size: item.size, session: item.session, lastModified: item.lastModified, folderID: item.folderID,
    replace: item.replace, keepBoth: item.keepBoth, marks: item.marks, source: sources.get(item) ?? null,
  }));
  // The handle comes a moment later; the record is written again then.
  if (item.source && !sources.has(item)) {
    sources.set(item, null);
    void item.source().then((s) => {
      if (!s) return;
      sources.set(item, s);
      if (item.state !== 'done' && item.state !== 'cancelled') keep(item);
    });
  }
}

const sources = new WeakMap<UploadItem, Awaited<ReturnType<NonNullable<UploadItem['source']>>>>();

export const queue = new Queue(api, {
  check: checkConnection,
  changed,
  keep,
  release: (item) => shelf.drop(item.id),
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
onEnter(() => {
  const user = queryClient.getQueryData<Me>(keys.me)?.id ?? '';
  queue.resume('session');
  if (user === owner) return;
  owner = user;
  void shelf.take(user).then((list) => queue.takeUp(list));
});
onLeave(() => {
  queue.cancelAll();
  downloads.cancelAll();
  owner = '';
});
if (typeof window !== 'undefined') {
  window.addEventListener('pagehide', () => void shelf.flush());
  window.addEventListener('beforeunload', (e) => { if (queue.busy || downloads.busy) e.preventDefault(); });
}

/** Draws again when a transfer goes on. */
export function useTransfers(): number {
  return useSyncExternalStore((l) => { listeners.add(l); return () => listeners.delete(l); }, () => version);
}
