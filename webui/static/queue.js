// The queue of uploads: what waits, what is on its way, what went wrong.
//
// Three files are sent at once. A small file goes in one call; a larger one, or
// one that replaces another, in an upload session, which goes on after a lost
// connection where it was. One file's trouble never stops the others: it keeps
// its place in the list with a way to settle it. A file counts as done only when
// the server has said that it is stored.
import { ApiError, NetworkError, SessionEnded, isAbort, sha256 } from './api.js';
import { numbered } from './format.js';

const atOnce = 3;
const smallFile = 8 << 20; // bytes up to which one call carries a file
const partSize = 8 << 20; // bytes, a power of two
const mostTries = 4; // of a file whose connection breaks while the server is there
const mostNames = 100; // that are tried to keep both

// The states of an item.
export const state = {
  waiting: 'waiting', sending: 'sending', storing: 'storing',
  done: 'done', failed: 'failed', taken: 'taken', cancelled: 'cancelled',
};

export class Queue extends EventTarget {
  items = new Map(); // number -> item, in the order they came
  paused = null; // 'offline', 'session', 'busy' or null
  reading = 0; // folders being read
  maxFileSize = Infinity; // bytes

  #api; #store; #connection;
  #waiting = []; // items, next first
  #active = new Set();
  #folders = new Map(); // share, parent and names -> promise of a folder's ID
  #wake = 0;
  #numbers = 0;
  #round = { total: 0, done: 0, failed: 0 }; // since the queue was last empty

  constructor(api, store, connection) {
    super();
    this.#api = api;
    this.#store = store;
    this.#connection = connection;
    connection.addEventListener('change', () => {
      if (connection.online && this.paused === 'offline') this.resume();
    });
  }

  get busy() { return this.#active.size > 0 || this.#waiting.length > 0 || this.reading > 0; }

  // add takes entries (entries.js) for a place {share, folder, name, shareName}.
  async add(source, place) {
    if (!this.busy) this.#forget();
    this.reading++;
    let n = 0;
    try {
      for await (const e of source) {
        n++;
        this.#enqueue({
          number: ++this.#numbers, place, dirs: e.dirs, name: e.name, read: e.file, folderOnly: Boolean(e.folder),
          unreadable: Boolean(e.unreadable),
          size: e.size ?? null, sent: 0, state: state.waiting, error: null, tries: 0, unsure: false,
          session: null, replace: null, keepBoth: 0, abort: null,
        });
        if (n % 500 === 0) await new Promise((ok) => { setTimeout(ok, 0); }); // let the page breathe
      }
    } finally {
      this.reading--;
      if (n) this.#tell('start', { n });
      this.#pump();
      this.#changed();
      this.#end();
    }
    return n;
  }

  #enqueue(item) {
    this.#round.total++;
    this.items.set(item.number, item);
    this.#waiting.push(item);
    this.#pump();
    this.#changed();
  }

  #pump() {
    while (!this.paused && this.#active.size < atOnce && this.#waiting.length) {
      const item = this.#waiting.shift();
      this.#active.add(item);
      this.#run(item).finally(() => {
        this.#active.delete(item);
        this.#pump();
        this.#changed();
        this.#end();
      });
    }
  }

  #end() {
    if (this.busy) return;
    this.#folders.clear(); // what is known of folders holds only for one round
    if (this.#round.total) this.#tell('end', { ...this.#round });
    this.#round = { total: 0, done: 0, failed: 0 };
  }

  async #run(item) {
    item.abort = new AbortController();
    item.state = state.sending;
    item.error = null;
    this.#changed();
    try {
      await this.#upload(item);
      item.state = state.done;
      item.sent = item.size || 0;
      item.read = null;
      this.#round.done++;
      this.#tell('stored', { item });
    } catch (e) {
      await this.#settle(item, e);
    } finally {
      item.abort = null;
    }
  }

  async #upload(item) {
    const folder = await this.#folder(item.place, item.dirs, item.abort.signal);
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
        if (small) await this.#sendWhole(item, file, folder);
        else await this.#sendParts(item, file, folder);
        return;
      } catch (e) {
        if (!(e instanceof ApiError && e.status === 409) || item.replace) throw e;
        // A session knows other conflicts than a taken name.
        if (item.session && !await this.#store.child(item.place.share, folder, item.name, item.abort.signal)) throw e;
        if (item.unsure && await this.#isHere(item, file, folder)) {
          item.wasHere = true;
          return;
        }
        if (!item.keepBoth || item.keepBoth >= mostNames) throw new Refused('taken');
        item.name = numbered(item.originalName, ++item.keepBoth);
        await this.#dropSession(item);
        item.sent = 0;
      }
    }
  }

  async #sendWhole(item, file, folder) {
    const form = new FormData();
    form.append('share_id', item.place.share);
    if (folder) form.append('folder_id', folder);
    form.append('name', item.name);
    form.append('modified_at', new Date(file.lastModified).toISOString());
    const bytes = await file.arrayBuffer().catch(() => { throw new Refused('unreadable'); });
    const hash = await sha256(bytes);
    if (hash) form.append('checksum_sha256', hash);
    // The bytes that were hashed are the bytes that are sent.
    form.append('file', new Blob([bytes]), item.name);
    await this.#send(item, 'POST', '/files', form, (loaded, total) => {
      item.sent = total ? Math.floor(file.size * Math.min(1, loaded / total)) : 0;
      if (loaded >= total) item.state = state.storing;
    });
  }

  async #send(item, method, path, body, onprogress, headers) {
    try {
      return await this.#api.send(method, path, body, {
        headers, signal: item.abort.signal,
        onprogress: (loaded, total) => { onprogress(loaded, total); this.#changed(); },
      });
    } catch (e) {
      if (e instanceof NetworkError) item.unsure = true; // it may have arrived
      throw e;
    }
  }

  async #sendParts(item, file, folder) {
    const { signal } = item.abort;
    const have = await this.#openSession(item, file, folder, signal);
    if (have === 'completed') return;
    const { id, size, count } = item.session;
    for (let i = 0; i < count; i++) {
      if (have.some(([first, last]) => i >= first && i <= last)) continue;
      const blob = file.slice(i * size, Math.min((i + 1) * size, file.size));
      const bytes = await blob.arrayBuffer().catch(() => { throw new Refused('unreadable'); });
      if (bytes.byteLength !== blob.size) throw new Refused('unreadable');
      const headers = { 'Content-Type': 'application/octet-stream' };
      const hash = await sha256(bytes);
      if (hash) headers['X-Chunk-SHA256'] = hash;
      await this.#send(item, 'PUT', `/uploads/${id}/chunks/${i}`, bytes, (loaded) => {
        item.sent = Math.min(file.size, i * size + loaded);
      }, headers);
    }
    item.state = state.storing;
    this.#changed();
    if ((await item.read()).lastModified !== item.lastModified) {
      await this.#dropSession(item); // parts of two contents must not become one file
      throw new Refused('unreadable');
    }
    const headers = item.replace ? { 'If-Match': `"${item.replace.version_id}"` } : {};
    await this.#api.call('POST', `/uploads/${id}/complete`, { headers, signal, timeout: 0 });
  }

  // openSession goes on with the session there is, or makes one; it gives the runs
  // of parts that the server has.
  async #openSession(item, file, folder, signal) {
    if (item.session && item.lastModified === file.lastModified) {
      try {
        const p = await this.#api.call('GET', `/uploads/${item.session.id}`, { signal });
        item.sent = p.received_bytes;
        return p.status === 'completed' ? 'completed' : p.received;
      } catch (e) {
        if (!(e instanceof ApiError && (e.status === 404 || e.status === 410))) throw e;
      }
    } else if (item.session) {
      await this.#dropSession(item);
    }
    item.lastModified = file.lastModified;
    item.sent = 0;
    const r = await this.#api.call('POST', '/uploads', {
      signal,
      json: {
        share_id: item.place.share, folder_id: folder || undefined, file_name: item.name, file_size: file.size,
        chunk_size: partSize, modified_at: new Date(file.lastModified).toISOString(),
        replace_file_id: item.replace?.id,
      },
    });
    item.session = { id: r.session_id, size: r.chunk_size, count: r.total_chunks };
    return [];
  }

  async #dropSession(item) {
    const { session } = item;
    item.session = null;
    if (!session) return;
    try {
      await this.#api.call('DELETE', `/uploads/${session.id}`);
    } catch { /* it ends by itself after a day */ }
  }

  // isHere looks whether a try of which no answer came has arrived after all.
  async #isHere(item, file, folder) {
    const there = await this.#store.child(item.place.share, folder, item.name, item.abort.signal);
    return there?.type === 'file' && there.size === file.size && Date.parse(there.modified_at) === file.lastModified;
  }

  // folder gives the ID of the folder that a path below a place names, and makes
  // what is missing; one that is there already is used.
  #folder(place, dirs, signal) {
    if (!dirs.length) return Promise.resolve(place.folder);
    const key = JSON.stringify([place.share, place.folder, ...dirs]);
    let made = this.#folders.get(key);
    if (!made) {
      made = this.#folder(place, dirs.slice(0, -1), signal).then((parent) => this.#makeFolder(place, parent, dirs.at(-1)));
      this.#folders.set(key, made);
      made.catch(() => this.#folders.delete(key));
    }
    return made;
  }

  async #makeFolder(place, parent, name) {
    try {
      const r = await this.#store.createFolder(place.share, parent, name);
      if (parent === place.folder) this.#tell('folder', { place });
      return r.id;
    } catch (e) {
      if (!(e instanceof ApiError && e.status === 409)) throw e;
    }
    const there = await this.#store.child(place.share, parent, name);
    if (there?.type === 'folder') return there.id;
    throw new Refused('folder-is-file', name);
  }

  // settle decides what becomes of an item after an error.
  async #settle(item, e) {
    if (isAbort(e) || item.state === state.cancelled) {
      item.state = state.cancelled;
      return;
    }
    if (e instanceof SessionEnded) {
      this.#again(item);
      this.#pause('session');
      return;
    }
    if (e instanceof NetworkError) {
      if (!await this.#connection.check()) {
        this.#again(item);
        this.#pause('offline');
        return;
      }
      if (++item.tries < mostTries) {
        this.#again(item);
        return;
      }
      this.#fail(item, { code: 'broke-off' });
      return;
    }
    if (e instanceof ApiError && (e.status === 429 || e.status === 503) && ++item.tries < mostTries) {
      this.#again(item);
      this.#pause('busy');
      clearTimeout(this.#wake);
      this.#wake = setTimeout(() => this.resume('busy'), 1000 * Math.min(60, e.retryAfter || 10));
      return;
    }
    if (e instanceof Refused) this.#fail(item, { code: e.code, name: e.about });
    else if (e instanceof ApiError) this.#fail(item, { code: 'api', error: e });
    else {
      console.error(e);
      this.#fail(item, { code: 'api', error: new ApiError(500, null, null) });
    }
  }

  #again(item) {
    item.state = state.waiting;
    this.#waiting.unshift(item);
  }

  #fail(item, error) {
    item.error = error;
    item.state = error.code === 'taken' ? state.taken : state.failed;
    this.#round.failed++;
    this.#tell('failed', { item });
    this.#changed();
  }

  #pause(why) {
    if (this.paused === why) return;
    this.paused = why;
    this.#tell('paused', { why });
    this.#changed();
  }

  // resume goes on; with why only if that is what it waits for.
  resume(why) {
    if (why && this.paused !== why) return;
    this.paused = null;
    this.#pump();
    this.#changed();
  }

  // retry sends items again that failed.
  retry(...items) {
    for (const item of items) {
      if (item.state !== state.failed && item.state !== state.taken) continue;
      item.tries = 0;
      item.state = state.waiting;
      item.error = null;
      this.#round.total++;
      this.#waiting.push(item);
    }
    this.#pump();
    this.#changed();
  }

  keepBoth(...items) {
    for (const item of items) {
      item.originalName = item.name;
      item.keepBoth = 1;
      item.unsure = false;
    }
    this.retry(...items);
  }

  rename(item, name) {
    item.name = name;
    item.keepBoth = 0;
    item.unsure = false;
    this.#dropSession(item);
    this.retry(item);
  }

  // replace makes the items new versions of the files that have their names.
  async replace(...items) {
    for (const item of items) {
      item.state = state.storing;
      this.#changed();
      try {
        const there = await this.#store.child(item.place.share, item.folderID ?? item.place.folder, item.name);
        if (there && there.type !== 'file') {
          item.state = state.taken;
          item.error = { code: 'taken-by-folder' };
          this.#changed();
          continue;
        }
        item.replace = there ? { id: there.id, version_id: there.version_id } : null;
        item.state = state.taken;
        this.retry(item);
      } catch (e) {
        item.state = state.taken;
        item.error = { code: 'api', error: e };
        this.#changed();
      }
    }
  }

  // cancel stops an item, or takes a settled one off the list.
  cancel(...items) {
    const gone = new Set(items);
    this.#waiting = this.#waiting.filter((i) => !gone.has(i));
    for (const item of items) {
      if (item.abort) {
        item.state = state.cancelled;
        item.abort.abort();
      }
      if (item.state !== state.done) this.#dropSession(item);
      this.items.delete(item.number);
    }
    this.#changed();
    this.#end();
  }

  cancelAll() { this.cancel(...this.items.values()); }

  // forget takes everything off the list that is over.
  #forget() {
    for (const [n, item] of this.items) {
      if (item.state === state.done || item.state === state.cancelled) this.items.delete(n);
    }
  }

  #changed() { this.dispatchEvent(new Event('change')); }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}

// Refused is a reason of our own not to send something.
class Refused extends Error {
  constructor(code, about) {
    super(code);
    this.code = code;
    this.about = about;
  }
}

// readable gives an item's file after a look whether its bytes are still there.
async function readable(item) {
  try {
    const file = await item.read();
    if (file.size) await file.slice(0, 1).arrayBuffer();
    return file;
  } catch {
    throw new Refused('unreadable');
  }
}
