// Small pictures of files, fetched in batches: of what is in sight and a little
// further, the newest wish first, one batch at a time, behind everything else.
import type { Item } from '../api/types_gen';
import { parseParts } from '../api/multipart';
import { api } from './client';
import { lookOf } from './preview';
import { onLeave } from './signin';
import { Store, useStore } from './store';

const batch = 24; // pictures of one call
const settle = 80; // milliseconds without a new wish before a call
const kept = 600; // pictures
const again = 60_000; // milliseconds until a picture that didn't come is asked for once more

const shown = new Store(0); // grows when pictures came
const urls = new Map<string, string>(); // by file and version; the ones used last at the end
const refused = new Map<string, number>(); // until when
let wishes: { id: string; key: string }[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let flying: ReadonlySet<string> = new Set(); // asked for, not here yet

const keyOf = (it: Item) => `${it.id} ${it.version_id ?? ''}`;

/** Whether the server makes a picture of it. */
export const hasPicture = (it: Item): boolean => it.type === 'file' && (it.size ?? 0) > 0 && ['picture', 'pages'].includes(lookOf(it.name, it.size ?? 0));

/** The address of an item's picture, if it is here. */
export const thumbnailOf = (it: Item): string | undefined => urls.get(keyOf(it));

/** Follows pictures that come. */
export const useThumbnails = () => useStore(shown);

/** Asks for pictures, the most wanted first; what was asked for before and hasn't come is forgotten. */
export function wantThumbnails(items: readonly Item[]): void {
  const now = Date.now();
  wishes = items.filter((it) => hasPicture(it) && !urls.has(keyOf(it)) && !flying.has(keyOf(it)) && (refused.get(keyOf(it)) ?? 0) < now).map((it) => ({ id: it.id, key: keyOf(it) }));
  for (const it of items) { // they are in use
    const url = urls.get(keyOf(it));
    if (url) { urls.delete(keyOf(it)); urls.set(keyOf(it), url); }
  }
  clearTimeout(timer);
  if (wishes.length) timer = setTimeout(() => void next(), settle);
}

async function next(): Promise<void> {
  if (flying.size || !wishes.length) return;
  const list = wishes.splice(0, batch);
  flying = new Set(list.map((x) => x.key));
  try {
    const r = await api.fetch('POST', '/files/thumbnails', { json: { ids: list.map((w) => w.id), size: 256 }, priority: 'low', timeout: 0 });
    const parts = parseParts(new Uint8Array(await r.arrayBuffer()), r.headers.get('Content-Type') ?? '');
    for (const w of list) {
      const part = parts.find((x) => x.id === w.id);
      if (part?.status === 200) urls.set(w.key, URL.createObjectURL(new Blob([part.body], { type: part.type })));
      else refused.set(w.key, Date.now() + (part && part.status < 500 && part.status !== 429 ? 1e9 : again));
    }
  } catch {
    for (const w of list) refused.set(w.key, Date.now() + again);
  }
  for (const [key, url] of urls) {
    if (urls.size <= kept) break;
    urls.delete(key);
    URL.revokeObjectURL(url);
  }
  flying = new Set();
  shown.update((n) => n + 1);
  if (wishes.length) void next();
}

// Signing out forgets all pictures.
onLeave(() => {
  for (const url of urls.values()) URL.revokeObjectURL(url);
  urls.clear();
  refused.clear();
  wishes = [];
});
