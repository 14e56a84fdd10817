// The queue of uploads: what waits, what is on its way, what went wrong.
//
// Three files are sent at once (uploadsender.ts says how). One file's trouble never
// stops the others: it keeps its place in the list with a way to settle it. A file
// counts as done only when the server has said that it is stored.
//
// What is not settled is kept in the browser (shelf.ts). After a reload it goes on
// where the browser still lets us read the file; else the item is 'absent' until
// the person gives the same file again, and its session goes on after a check.
import type { Api } from '../api/api';
import { ApiError, NetworkError, SessionEnded, hasStatus, isAbort } from '../api/errors';
import { child } from '../api/nodes';
import type { Entry } from './entries';
import { type Kept, fileOf, mayRead } from './shelf';
import { Folders } from './uploadfolders';
import { Refused, type Target, type UploadItem, newItem, placeOf } from './uploaditem';
import { Sender } from './uploadsender';

const atOnce = 3;
const mostTries = 4; // of a file whose connection breaks while the server is there

export interface QueueEvents {
  start: { n: number };
  stored: { item: UploadItem };
  folder: { target: Target };
  failed: { item: UploadItem };
  end: { total: number; done: number; failed: number };
  paused: { why: Pause };
}

export type Pause = 'offline' | 'session' | 'busy' | null;

export interface Surroundings {
  /** Asks the server and reports whether it answers. */
  check(): Promise<boolean>;
  changed(): void;
  /** What is to be kept of an item has changed. */
  keep(item: UploadItem): void;
  /** An item is settled, nothing is kept of it. */
  release(item: UploadItem): void;
  tell<K extends keyof QueueEvents>(type: K, detail: QueueEvents[K]): void;
}

export class Queue {
  /** By number, in the order they came. */
  readonly items = new Map<number, UploadItem>();
  paused: Pause = null;
  /** Folders being read. */
  reading = 0;
  maxFileSize = Infinity;

  #looking = 0; // items of which it is found out what they replace
  #waiting: UploadItem[] = []; // next first
  readonly #active = new Set<UploadItem>();
  #wake: ReturnType<typeof setTimeout> | undefined;
  #numbers = 0;
  #round = { total: 0, done: 0, failed: 0 }; // since the queue was last empty
  readonly #api: Api;
  readonly #around: Surroundings;
  readonly #folders: Folders;
  readonly #sender: Sender;

  constructor(api: Api, around: Surroundings) {
    this.#api = api;
    this.#around = around;
    this.#folders = new Folders(api, (target) => around.tell('folder', { target }));
    this.#sender = new Sender(api, this.#folders, { most: () => this.maxFileSize, changed: () => around.changed(), keep: (item) => around.keep(item) });
  }

  get busy(): boolean { return this.#active.size > 0 || this.#waiting.length > 0 || this.reading > 0 || this.#looking > 0; }

  /** How many are not settled. */
  get left(): number { return this.#active.size + this.#waiting.length; }

  /** Takes entries for a place. */
  async add(source: AsyncIterable<Entry>, target: Target): Promise<number> {
    if (!this.busy) this.#forget();
    this.reading++;
    let n = 0;
    const absent = new Map<string, UploadItem>();
    for (const i of this.items.values()) if (i.state === 'absent') absent.set(placeOf(i.target, i.dirs, i.originalName), i);
    try {
      for await (const e of source) {
        n++;
        const again = absent.get(placeOf(target, e.dirs, e.name));
        if (again && e.file) this.give(again, e.file, e.source ?? null);
        else {
          this.#enqueue(newItem(++this.#numbers, target, {
            dirs: e.dirs, name: e.name, originalName: e.name, file: e.file ?? null, folderOnly: Boolean(e.folderOnly),
            unreadable: Boolean(e.unreadable), size: e.size ?? null, source: e.source ?? null,
            unsure: absent.size > 0, // of what is dropped again some may have arrived before
          }));
        }
        if (n % 500 === 0) await new Promise((ok) => { setTimeout(ok, 0); }); // let the page breathe
      }
    } finally {
      this.reading--;
      if (n) this.#around.tell('start', { n });
      this.#pump();
      this.#around.changed();
      this.#end();
    }
    return n;
  }

  #enqueue(item: UploadItem): void {
    this.#round.total++;
    this.items.set(item.number, item);
    this.#waiting.push(item);
    this.#around.keep(item);
    this.#pump();
    this.#around.changed();
  }

  /** Takes up what another page of the person has left. */
  async takeUp(list: readonly Kept[]): Promise<void> {
    for (const k of list) {
      const { source } = k;
      const item = newItem(++this.#numbers, k.target, {
        id: k.id, dirs: k.dirs, name: k.name, originalName: k.originalName, folderOnly: k.folderOnly, size: k.size, session: k.session, lastModified: k.lastModified,
        folderID: k.folderID, replace: k.replace, keepBoth: k.keepBoth, marks: k.marks, source: source ? async () => source : null, unsure: true, check: true, state: 'absent',
      });
      this.items.set(item.number, item);
      if (item.folderOnly) this.#back(item);
      else if (source && await mayRead(source)) this.give(item, () => fileOf(source), item.source);
    }
    this.#around.changed();
  }

  /** Gives an item its file again. */
  give(item: UploadItem, file: () => Promise<File>, source: UploadItem['source'] = null): void {
    if (item.state !== 'absent') return;
    item.file = file;
    item.source = source;
    item.check = true;
    this.#back(item);
  }

  /** Goes on with what the browser lets us read once the person says so; call it from a click. */
  async ask(...items: UploadItem[]): Promise<void> {
    for (const item of items) {
      const source = await item.source?.();
      if (source && await mayRead(source, true)) this.give(item, () => fileOf(source), item.source);
    }
  }

  #back(item: UploadItem): void {
    item.state = 'waiting';
    this.#round.total++;
    this.#waiting.push(item);
    this.#around.keep(item);
    this.#pump();
    this.#around.changed();
  }

  #pump(): void {
    while (!this.paused && this.#active.size < atOnce) {
      const item = this.#waiting.shift();
      if (!item) return;
      this.#active.add(item);
      void this.#run(item).finally(() => {
        this.#active.delete(item);
        this.#pump();
        this.#around.changed();
        this.#end();
      });
    }
  }

  #end(): void {
    if (this.busy) return;
    this.#folders.forget();
    if (this.#round.total) this.#around.tell('end', { ...this.#round });
    this.#round = { total: 0, done: 0, failed: 0 };
  }

  async #run(item: UploadItem): Promise<void> {
    item.abort = new AbortController();
    item.state = 'sending';
    item.error = null;
    this.#around.changed();
    try {
      await this.#sender.send(item, item.abort.signal);
      item.state = 'done';
      item.sent = item.size ?? 0;
      item.file = null;
      this.#around.release(item);
      this.#round.done++;
      this.#around.tell('stored', { item });
    } catch (e) {
      await this.#settle(item, e);
    } finally {
      item.abort = null;
    }
  }

  // settle decides what becomes of an item after an error.
  async #settle(item: UploadItem, e: unknown): Promise<void> {
    if (isAbort(e) || item.state === 'cancelled') {
      item.state = 'cancelled';
    } else if (e instanceof SessionEnded) {
      this.#again(item);
      this.#pause('session');
    } else if (e instanceof NetworkError) {
      if (!await this.#around.check()) {
        this.#again(item);
        this.#pause('offline');
      } else if (++item.tries < mostTries) this.#again(item);
      else this.#fail(item, { code: 'broke-off' });
    } else if (hasStatus(e, 429, 503) && ++item.tries < mostTries) {
      this.#again(item);
      this.#pause('busy');
      clearTimeout(this.#wake);
      this.#wake = setTimeout(() => this.resume('busy'), 1000 * Math.min(60, e.retryAfter || 10));
    } else if (e instanceof Refused) this.#fail(item, { code: e.code, name: e.about });
    else {
      if (!(e instanceof ApiError)) console.error(e);
      this.#fail(item, { code: 'api', error: e instanceof ApiError ? e : new ApiError(500, null) });
    }
  }

  #again(item: UploadItem): void {
    item.state = 'waiting';
    this.#waiting.unshift(item);
  }

  #fail(item: UploadItem, error: NonNullable<UploadItem['error']>): void {
    item.error = error;
    item.state = error.code === 'taken' ? 'taken' : 'failed';
    this.#round.failed++;
    this.#around.tell('failed', { item });
    this.#around.changed();
  }

  #pause(why: Pause): void {
    if (this.paused === why) return;
    this.paused = why;
    this.#around.tell('paused', { why });
    this.#around.changed();
  }

  /** Goes on; with why only if that is what it waits for. */
  resume(why?: Pause): void {
    if (why && this.paused !== why) return;
    this.paused = null;
    this.#pump();
    this.#around.changed();
  }

  /** Sends items again that failed. */
  retry(...items: UploadItem[]): void {
    for (const item of items) {
      if (item.state !== 'failed' && item.state !== 'taken') continue;
      item.tries = 0;
      item.state = 'waiting';
      item.error = null;
      this.#round.total++;
      this.#waiting.push(item);
      this.#around.keep(item);
    }
    this.#pump();
    this.#around.changed();
  }

  keepBoth(...items: UploadItem[]): void {
    for (const item of items) {
      item.originalName = item.name;
      item.keepBoth = 1;
      item.unsure = false;
    }
    this.retry(...items);
  }

  rename(item: UploadItem, name: string): void {
    item.name = name;
    item.keepBoth = 0;
    item.unsure = false;
    void this.#sender.drop(item);
    this.retry(item);
  }

  /** Makes the items new versions of the files that have their names. */
  async replace(...items: UploadItem[]): Promise<void> {
    for (const item of items) {
      item.state = 'storing';
      this.#looking++;
      this.#around.changed();
      try {
        const there = await child(this.#api, item.target.share, item.folderID ?? item.target.folder, item.name);
        if (!this.items.has(item.number)) continue; // it was given up meanwhile
        item.state = 'taken';
        if (there && there.type !== 'file') item.error = { code: 'taken-by-folder' };
        else {
          item.replace = there ? { id: there.id, version: there.version_id ?? '' } : null;
          this.retry(item);
        }
      } catch (e) {
        item.state = 'taken';
        item.error = { code: 'api', error: e };
      } finally {
        this.#looking--;
        this.#around.changed();
        this.#end();
      }
    }
  }

  /** Stops items, or takes settled ones off the list. */
  cancel(...items: UploadItem[]): void {
    const gone = new Set(items);
    this.#waiting = this.#waiting.filter((i) => !gone.has(i));
    for (const item of items) {
      if (item.abort) {
        item.state = 'cancelled';
        item.abort.abort();
      }
      if (item.state !== 'done') void this.#sender.drop(item);
      this.#around.release(item);
      this.items.delete(item.number);
    }
    this.#around.changed();
    this.#end();
  }

  cancelAll(): void { this.cancel(...this.items.values()); }

  // forget takes everything off the list that is over.
  #forget(): void {
    for (const [n, item] of this.items) if (item.state === 'done' || item.state === 'cancelled') this.items.delete(n);
  }
}
