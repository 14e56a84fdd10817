// The shelf: what the queue of uploads keeps in the browser's own database, so
// that it outlives the page. Names, places and session IDs stand there, and the
// browser's handles of files where it gives any; never the bytes of a file.
//
// A record belongs to a person and to the page that works on it. A page that is
// gone has let go of its lock, and another page of the same person takes over.
import type { Target } from './uploaditem';

export interface Kept {
  id: string;
  user: string;
  page: string;
  at: number; // milliseconds: when it was last written
  target: Target;
  dirs: readonly string[];
  name: string;
  originalName: string;
  folderOnly: boolean;
  size: number | null;
  session: { id: string; size: number; count: number } | null;
  lastModified: number;
  folderID: string | null;
  replace: { id: string; version: string } | null;
  keepBoth: number;
  marks: readonly Mark[];
  source: Source | null;
}

/** A part that was sent, and its digest: what is given again must have it. */
export interface Mark { part: number; hash: string }

/** Where the browser lets us find the file again: a handle, and the way below it. */
export interface Source { root: FileSystemHandle; way: readonly string[] }

const longest = 7 * 24 * 3600_000; // milliseconds; sessions end long before
const together = 150; // milliseconds within which changes are one write

export class Shelf {
  readonly #page = crypto.getRandomValues(new Uint32Array(4)).join('-');
  readonly #changes = new Map<string, (() => Kept | null) | null>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #db: Promise<IDBDatabase | null> | undefined;

  /** Has a record written, as it is then; null by the function leaves it out. */
  keep(id: string, now: () => Kept | null): void { this.#change(id, now); }

  drop(id: string): void { this.#change(id, null); }

  get page(): string { return this.#page; }

  #change(id: string, now: (() => Kept | null) | null): void {
    this.#changes.set(id, now);
    this.#timer ??= setTimeout(() => void this.flush(), together);
  }

  /** Writes what has changed. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#changes.size) return;
    const list = [...this.#changes];
    this.#changes.clear();
    const db = await this.#open();
    if (!db) return;
    const t = db.transaction('items', 'readwrite');
    for (const [id, now] of list) {
      const record = now?.() ?? null;
      if (record) t.objectStore('items').put(record);
      else t.objectStore('items').delete(id);
    }
    await over(t);
  }

  /** Gives the person's records that no other page works on; they are this page's from then on. */
  async take(user: string): Promise<Kept[]> {
    const db = await this.#open();
    if (!db) return [];
    const living = new Set((await navigator.locks?.query())?.held?.map((l) => l.name));
    const t = db.transaction('items', 'readwrite');
    const store = t.objectStore('items');
    const mine: Kept[] = [];
    const request = store.getAll() as IDBRequest<Kept[]>;
    request.onsuccess = () => {
      for (const k of request.result) {
        if (k.at < Date.now() - longest) store.delete(k.id);
        else if (k.user === user && k.page !== this.#page && !living.has(lockOf(k.page))) {
          const taken = { ...k, page: this.#page };
          store.put(taken);
          mine.push(taken);
        }
      }
    };
    await over(t);
    return mine;
  }

  // A browser without a database keeps nothing, and works all the same.
  #open(): Promise<IDBDatabase | null> {
    this.#db ??= new Promise((ok) => {
      try {
        void navigator.locks?.request(lockOf(this.#page), () => new Promise(() => {})); // held until the page is gone
        const r = indexedDB.open('scaidrive.uploads', 1);
        r.onupgradeneeded = () => { r.result.createObjectStore('items', { keyPath: 'id' }); };
        r.onsuccess = () => ok(r.result);
        r.onerror = () => ok(null);
      } catch {
        ok(null);
      }
    });
    return this.#db;
  }
}

const lockOf = (page: string) => `scaidrive.uploads.${page}`;

function over(t: IDBTransaction): Promise<void> {
  return new Promise((ok) => {
    t.oncomplete = () => ok();
    t.onabort = () => ok();
    t.onerror = () => ok();
  });
}

type Asking = FileSystemHandle & {
  queryPermission?(o: { mode: 'read' }): Promise<PermissionState>;
  requestPermission?(o: { mode: 'read' }): Promise<PermissionState>;
};

/** Reports whether a file may be read by its handle; ask: by a click of the person, the browser may ask. */
export async function mayRead(s: Source, ask = false): Promise<boolean> {
  const root = s.root as Asking;
  try {
    if ((await root.queryPermission?.({ mode: 'read' })) === 'granted') return true;
    return ask && (await root.requestPermission?.({ mode: 'read' })) === 'granted';
  } catch {
    return false;
  }
}

/** Gives the file as it is now. */
export async function fileOf(s: Source): Promise<File> {
  let at: FileSystemHandle = s.root;
  for (const [i, name] of s.way.entries()) {
    const dir = at as FileSystemDirectoryHandle;
    at = i < s.way.length - 1 ? await dir.getDirectoryHandle(name) : await dir.getFileHandle(name);
  }
  return (at as FileSystemFileHandle).getFile();
}
