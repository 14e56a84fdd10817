// The queue of uploads: what waits, what is on its way, what went wrong.
//
// Three files are sent at once. A small file goes in one call; a larger one, or
// one that replaces another, in an upload session, which goes on after a lost
// connection where it was. One file's trouble never stops the others: it keeps
// its place in the list with a way to settle it. A file counts as done only when
// the server has said that it is stored.
//
// What is not settled is kept in the browser (shelf.ts). After a reload it goes on
// where the browser still lets us read the file; else the item is 'absent' until
// the person gives the same file again, and its session goes on after a check.
import type { Api } from '../api/api';
import { ApiError, NetworkError, SessionEnded, hasStatus, isAbort } from '../api/errors';
import { child, createFolder } from '../api/nodes';
import { type Progress, sha256, completeUpload, createUpload, dropUpload, partSize, putPart, sendFile, uploadProgress } from '../api/uploads';
import { randomText } from '../api/session';
import { numbered } from '../i18n/names';
import type { Entry } from './entries';
import { type Kept, type Mark, type Source, fileOf, mayRead } from './shelf';

const atOnce = 3;
const smallFile = 8 << 20; // bytes up to which one call carries a file
const mostTries = 4; // of a file whose connection breaks while the server is there
const marked = 1 << 20; // bytes at the beginning of a part by which it is known again
const mostNames = 100; // that are tried to keep both

export interface Target {
  share: string;
  /** null: the share's root. */
  folder: string | null;
  name: string;
}

export type ItemState = 'waiting' | 'sending' | 'storing' | 'done' | 'failed' | 'taken' | 'absent' | 'cancelled';
export type Reason = 'taken' | 'taken-by-folder' | 'folder-is-file' | 'unreadable' | 'unreadable-folder' | 'too-large' | 'broke-off' | 'api';

export interface UploadItem {
  readonly number: number;
  /** Names it on the shelf. */
  readonly id: string;
  readonly target: Target;
  readonly dirs: readonly string[];
  name: string;
  originalName: string;
  file: (() => Promise<File>) | null;
  folderOnly: boolean;
  unreadable: boolean;
  size: number | null;
  sent: number;
  state: ItemState;
  error: { code: Reason; error?: unknown; name?: string } | null;
  /** What was sent was there already. */
  wasHere: boolean;
  limit: number;
  tries: number;
  unsure: boolean;
  session: { id: string; size: number; count: number } | null;
  /** The first and the last part that were sent. */
  marks: readonly Mark[];
  source: (() => Promise<Source | null>) | null;
  /** The size it had when it was kept. */
  readonly expected: number | null;
  /** Its file was given again: what was sent must be the same. */
  check: boolean;
  lastModified: number;
  folderID: string | null;
  replace: { id: string; version: string } | null;
  keepBoth: number;
  abort: AbortController | null;
}

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

// Refused is a reason of our own not to send something.
class Refused extends Error {
  readonly code: Reason;
  readonly about: string;

  constructor(code: Reason, about = '') {
    super(code);
    this.code = code;
    this.about = about;
  }
}

export class Queue {
  /** By number, in the order they came. */
  readonly items = new Map<number, UploadItem>();
  paused: Pause = null;
  /** Folders being read. */
  reading = 0;
  maxFileSize = Infinity;

  #waiting: UploadItem[] = []; // next first
  readonly #active = new Set<UploadItem>();
  readonly #folders = new Map<string, Promise<string | null>>();
  #wake: ReturnType<typeof setTimeout> | undefined;
  #numbers = 0;
  #round = { total: 0, done: 0, failed: 0 }; // since the queue was last empty
  readonly #api: Api;
  readonly #around: Surroundings;

  constructor(api: Api, around: Surroundings) {
    this.#api = api;
    this.#around = around;
  }

  get busy(): boolean { return this.#active.size > 0 || this.#waiting.length > 0 || this.reading > 0; }

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
    this.#folders.clear(); // what is known of folders holds only for one round
    if (this.#round.total) this.#around.tell('end', { ...this.#round });
    this.#round = { total: 0, done: 0, failed: 0 };
  }

  async #run(item: UploadItem): Promise<void> {
    item.abort = new AbortController();
    item.state = 'sending';
    item.error = null;
    this.#around.changed();
    try {
      await this.#upload(item, item.abort.signal);
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

  async #upload(item: UploadItem, signal: AbortSignal): Promise<void> {
    const folder = await this.#folder(item.target, item.dirs, signal);
    if (item.unreadable) throw new Refused('unreadable-folder');
    if (item.folderOnly) return;
    const file = await readable(item);
    item.size = file.size;
    if (file.size > this.maxFileSize) {
      item.limit = this.maxFileSize;
      throw new Refused('too-large');
    }
    item.folderID = folder;
    const small = file.size <= smallFile && !item.replace && !item.session;
    for (;;) {
      try {
        if (small) await this.#sendWhole(item, file, folder, signal);
        else await this.#sendParts(item, file, folder, signal);
        return;
      } catch (e) {
        if (!hasStatus(e, 409) || item.replace) throw e;
        // A session knows other conflicts than a taken name.
        if (item.session && !await child(this.#api, item.target.share, folder, item.name, signal)) throw e;
        if (item.unsure && await this.#isHere(item, file, folder, signal)) {
          item.wasHere = true;
          return;
        }
        if (!item.keepBoth || item.keepBoth >= mostNames) throw new Refused('taken');
        item.name = numbered(item.originalName, ++item.keepBoth);
        await this.#drop(item);
        item.sent = 0;
      }
    }
  }

  async #sendWhole(item: UploadItem, file: File, folder: string | null, signal: AbortSignal): Promise<void> {
    const bytes = await bytesOf(file);
    const f = { share: item.target.share, folder, name: item.name, modified: new Date(file.lastModified), bytes };
    await this.#sending(item, sendFile(this.#api, f, this.#progress(signal, (loaded, total) => {
      item.sent = total ? Math.floor(file.size * Math.min(1, loaded / total)) : 0;
      if (loaded >= total) item.state = 'storing';
    })));
  }

  #progress(signal: AbortSignal, set: (sent: number, total: number) => void): Progress {
    return { signal, onprogress: (sent, total) => { set(sent, total); this.#around.changed(); } };
  }

  async #sending(item: UploadItem, call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (e) {
      if (e instanceof NetworkError) item.unsure = true; // it may have arrived
      throw e;
    }
  }

  async #sendParts(item: UploadItem, file: File, folder: string | null, signal: AbortSignal): Promise<void> {
    const have = await this.#openSession(item, file, folder, signal);
    const s = item.session;
    if (have === 'completed' || !s) return;
    for (let i = 0; i < s.count; i++) {
      if (have.some(([first, last]) => i >= first && i <= last)) continue;
      const part = partOf(file, s.size, i);
      const mark = markOf(part);
      mark.catch(() => {}); // looked at below
      const sending = putPart(this.#api, s.id, i, part, this.#progress(signal, (loaded) => { item.sent = Math.min(file.size, i * s.size + loaded); }));
      try {
        await this.#sending(item, sending);
      } catch (e) {
        if (e instanceof NetworkError) await last(part); // a file that changed or went away looks like a broken connection
        throw e;
      }
      const hash = await mark;
      if (hash) item.marks = [...item.marks.slice(0, 1), { part: i, hash }];
      this.#around.keep(item);
    }
    item.state = 'storing';
    this.#around.changed();
    if (!await unchanged(item, file)) {
      await this.#drop(item); // parts of two contents must not become one file
      throw new Refused('unreadable');
    }
    await completeUpload(this.#api, s.id, item.replace?.version, signal);
  }

  // openSession goes on with the session there is, or makes one; it gives the runs
  // of parts that the server has.
  async #openSession(item: UploadItem, file: File, folder: string | null, signal: AbortSignal): Promise<[number, number][] | 'completed'> {
    if (item.session && item.lastModified === file.lastModified && await this.#sameBytes(item, file)) {
      try {
        const p = await uploadProgress(this.#api, item.session.id, signal);
        item.sent = p.received_bytes;
        return p.status === 'completed' ? 'completed' : p.received;
      } catch (e) {
        if (!hasStatus(e, 404, 410)) throw e;
      }
    } else if (item.session) {
      await this.#drop(item);
    }
    item.lastModified = file.lastModified;
    item.sent = 0;
    const r = await createUpload(this.#api, {
      share_id: item.target.share, file_name: item.name, file_size: file.size, chunk_size: partSize(file.size),
      modified_at: new Date(file.lastModified).toISOString(),
      ...(folder ? { folder_id: folder } : {}), ...(item.replace ? { replace_file_id: item.replace.id } : {}),
    }, signal);
    item.session = { id: r.session_id, size: r.chunk_size, count: r.total_chunks };
    item.marks = [];
    this.#around.keep(item);
    return [];
  }

  // sameBytes looks whether a file that was given again has what was sent of it.
  async #sameBytes(item: UploadItem, file: File): Promise<boolean> {
    const s = item.session;
    if (!item.check || !s) return true;
    if (Math.ceil(file.size / s.size) !== s.count || (item.expected !== null && item.expected !== file.size)) return false;
    for (const m of item.marks) {
      if (await markOf(partOf(file, s.size, m.part)) !== m.hash) return false;
    }
    item.check = false;
    return true;
  }

  async #drop(item: UploadItem): Promise<void> {
    const s = item.session;
    item.session = null;
    if (s) await dropUpload(this.#api, s.id);
  }

  // isHere looks whether a try of which no answer came has arrived after all.
  async #isHere(item: UploadItem, file: File, folder: string | null, signal: AbortSignal): Promise<boolean> {
    const there = await child(this.#api, item.target.share, folder, item.name, signal);
    return there?.type === 'file' && there.size === file.size && Date.parse(there.modified_at ?? '') === file.lastModified;
  }

  // folder gives the ID of the folder that a path below a place names, and makes
  // what is missing; one that is there already is used.
  #folder(target: Target, dirs: readonly string[], signal: AbortSignal): Promise<string | null> {
    const name = dirs.at(-1);
    if (name === undefined) return Promise.resolve(target.folder);
    const key = JSON.stringify([target.share, target.folder, ...dirs]);
    let made = this.#folders.get(key);
    if (!made) {
      made = this.#folder(target, dirs.slice(0, -1), signal).then((parent) => this.#makeFolder(target, parent, name));
      this.#folders.set(key, made);
      made.catch(() => this.#folders.delete(key));
    }
    return made;
  }

  async #makeFolder(target: Target, parent: string | null, name: string): Promise<string> {
    try {
      const r = await createFolder(this.#api, target.share, parent, name);
      if (parent === target.folder) this.#around.tell('folder', { target });
      return r.id;
    } catch (e) {
      if (!hasStatus(e, 409)) throw e;
    }
    const there = await child(this.#api, target.share, parent, name);
    if (there?.type === 'folder') return there.id;
    throw new Refused('folder-is-file', name);
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
    void this.#drop(item);
    this.retry(item);
  }

  /** Makes the items new versions of the files that have their names. */
  async replace(...items: UploadItem[]): Promise<void> {
    for (const item of items) {
      item.state = 'storing';
      this.#around.changed();
      try {
        const there = await child(this.#api, item.target.share, item.folderID ?? item.target.folder, item.name);
        item.state = 'taken';
        if (there && there.type !== 'file') item.error = { code: 'taken-by-folder' };
        else {
          item.replace = there ? { id: there.id, version: there.version_id ?? '' } : null;
          this.retry(item);
        }
      } catch (e) {
        item.state = 'taken';
        item.error = { code: 'api', error: e };
      }
      this.#around.changed();
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
      if (item.state !== 'done') void this.#drop(item);
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

function newItem(number: number, target: Target, have: Pick<UploadItem, 'dirs' | 'name' | 'originalName' | 'folderOnly' | 'size'> & Partial<UploadItem>): UploadItem {
  return {
    number, id: randomText(), target, file: null, unreadable: false, sent: 0, state: 'waiting', error: null, wasHere: false, limit: 0, tries: 0,
    unsure: false, session: null, marks: [], source: null, check: false, expected: have.size, lastModified: 0, folderID: null, replace: null, keepBoth: 0, abort: null, ...have,
  };
}

const placeOf = (t: Target, dirs: readonly string[], name: string) => JSON.stringify([t.share, t.folder, ...dirs, name]);

const partOf = (file: File, size: number, i: number) => file.slice(i * size, Math.min((i + 1) * size, file.size));

const bytesOf = (b: Blob) => b.arrayBuffer().catch(() => { throw new Refused('unreadable'); });

// last reads the end of a part, or says that it can't be read.
const last = (part: Blob) => bytesOf(part.slice(-1));

// unchanged tells whether a file on the disk still is what was picked: a browser gives
// no byte of one with another time, and a handle tells the time as it is now.
async function unchanged(item: UploadItem, file: File): Promise<boolean> {
  try {
    await bytesOf(file.slice(-1));
    return (await item.file?.())?.lastModified === item.lastModified;
  } catch {
    return false;
  }
}

// markOf gives the digest of the beginning of a part. With the file's size and time
// it tells a file that is given again from another one; all of it is not hashed,
// which would cost more than sending it.
const markOf = async (part: Blob) => sha256(await bytesOf(part.slice(0, marked)));

// readable gives an item's file after a look whether its bytes are still there.
async function readable(item: UploadItem): Promise<File> {
  try {
    const file = await item.file?.();
    if (!file) throw new Refused('unreadable');
    if (file.size) await file.slice(0, 1).arrayBuffer();
    return file;
  } catch {
    throw new Refused('unreadable');
  }
}
