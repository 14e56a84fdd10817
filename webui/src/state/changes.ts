// Changes by others, put into the listings that are here: a row is changed in place
// or asked for alone. Only where that can't be, a listing is read again.
import { children } from '../api/nodes';
import type { File, Folder, Item } from '../api/types_gen';
import { api, queryClient } from './client';
import { type ListingKey, listingsOf, putRows, queryOf } from './listing';
import { Store, useStore } from './store';

const many = 12; // rows of one listing from which on it is read again
const tint = 1_500; // milliseconds for which a new row is marked

export interface Change {
  share: string;
  id: string;
  /** What it is now; null: it is gone. */
  now: File | Folder | null;
}

const fresh = new Store<ReadonlySet<string>>(new Set());
/** Rows that have just come. */
export const useFresh = () => useStore(fresh);

function mark(id: string): void {
  fresh.update((s) => new Set(s).add(id));
  setTimeout(() => fresh.update((s) => new Set([...s].filter((x) => x !== id))), tint);
}

const folderOf = (n: File | Folder) => ('size' in n ? n.folder_id : n.parent_id) ?? 'root';

const fieldsOf = (n: File | Folder): Partial<Item> => ({
  name: n.name, modified_at: n.modified_at,
  ...('size' in n ? { size: n.size, mime_type: n.mime_type, version: n.version, version_id: n.version_id, checksum_sha256: n.checksum_sha256, attributes: n.attributes } : {}),
});

// Whether a change gives an item another place in a listing.
function moves(key: ListingKey, was: Item, now: Partial<Item>): boolean {
  const { sort } = key[3];
  return was.name !== now.name || (sort === 'size' && was.size !== now.size) || (sort === 'modified_at' && was.modified_at !== now.modified_at);
}

/** Puts changes into the listings. */
export function applyChanges(list: readonly Change[]): void {
  const asks = new Map<string, { key: ListingKey; ids: string[]; again: boolean }>();
  for (const c of list) {
    for (const [key, rows] of listingsOf(c.share)) {
      const had = rows.get(c.id);
      if (!c.now || folderOf(c.now) !== key[2]) {
        if (had) putRows(key, (r) => r.without(c.id));
        continue;
      }
      const fields = fieldsOf(c.now);
      if (had && !moves(key, had, fields)) {
        putRows(key, (r) => r.patched(c.id, fields));
        continue;
      }
      const name = JSON.stringify(key);
      const ask = asks.get(name) ?? { key, ids: [], again: false };
      asks.set(name, ask);
      ask.ids.push(c.id);
      ask.again ||= !rows.seekable;
    }
  }
  for (const { key, ids, again } of asks.values()) {
    const active = queryClient.getQueryCache().find({ queryKey: key })?.isActive() ?? false;
    if (again || ids.length > many || !active) void queryClient.invalidateQueries({ queryKey: key, exact: true });
    else void place(key, ids);
  }
}

// place asks where rows belong now, one after the other.
async function place(key: ListingKey, ids: readonly string[]): Promise<void> {
  try {
    for (const id of ids) {
      const page = await children(api, queryOf(key), { item: id }, 1);
      const [it] = page.items;
      let other = false;
      putRows(key, (r) => {
        const known = r.get(id) !== undefined;
        const next = it && page.position !== undefined ? r.inserted(page.position, it) : r.without(id);
        if (it && !known) mark(id);
        other = next.total !== page.total;
        return next;
      });
      if (other) break;
      if (id === ids.at(-1)) return;
    }
  } catch { /* reading it again tells what is wrong */ }
  void queryClient.invalidateQueries({ queryKey: key, exact: true });
}
