// Downloads. The API wants the token in a header, which a plain link can't send,
// so the page fetches the bytes: a small file into memory, compared with its
// checksum and then handed to the browser; a large one straight into a file that
// the person chooses, where the browser can do that; else into a blob up to a
// stated size. What ends early is never saved as if it were whole.
import { isAbort, sha256, NetworkError } from './api.js';

export const inMemory = 32 << 20; // bytes up to which a file is checked and saved at once
export const inBlob = 500_000_000; // bytes that are kept for a browser that can't write files
const blobPiece = 8 << 20; // bytes that leave the page's memory together

// Trouble is a reason of our own; code names the text.
export class Trouble extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

export class Downloads extends EventTarget {
  items = new Map();
  #numbers = 0;
  #api;

  constructor(api) {
    super();
    this.#api = api;
  }

  get busy() { return [...this.items.values()].some((d) => d.state === 'sending'); }

  // start downloads a file of a listing. Call it from the person's own click: the
  // browser asks where to save only then.
  async start(file) {
    const big = file.size > inMemory;
    let handle = null;
    if (big && window.showSaveFilePicker) {
      try {
        handle = await window.showSaveFilePicker({ suggestedName: file.name });
      } catch (e) {
        if (isAbort(e)) return;
        handle = null; // the browser refuses; a blob may still do
      }
    }
    const d = { number: ++this.#numbers, file, name: file.name, size: file.size, sent: 0, state: 'sending', error: null, abort: new AbortController() };
    this.items.set(d.number, d);
    this.dispatchEvent(new Event('start'));
    this.#changed();
    try {
      if (big && !handle && file.size > inBlob) throw new Trouble('too-large-here');
      if (handle) await this.#intoFile(d, handle);
      else await this.#intoBlob(d, !big);
      d.state = 'done';
      this.dispatchEvent(new CustomEvent('saved', { detail: d }));
      setTimeout(() => this.remove(d), 6000);
    } catch (e) {
      if (isAbort(e) && d.abort.signal.aborted) this.items.delete(d.number);
      else {
        d.state = 'failed';
        d.error = e;
        this.dispatchEvent(new CustomEvent('failed', { detail: d }));
      }
    }
    this.#changed();
  }

  retry(d) {
    this.items.delete(d.number);
    return this.start(d.file);
  }

  remove(d) {
    d.abort.abort();
    this.items.delete(d.number);
    this.#changed();
  }

  cancelAll() { for (const d of [...this.items.values()]) this.remove(d); }

  async #open(d) {
    const r = await this.#api.stream(`/files/${encodeURIComponent(d.file.id)}/content`, { signal: d.abort.signal });
    const length = Number(r.headers.get('Content-Length'));
    if (length) d.size = length; // it may have a newer version than the listing shows
    d.fresh = r.headers.get('ETag') === `"${d.file.version_id}"`;
    return r.body.getReader();
  }

  // #each reads the answer to its end and checks that it was the end.
  async #each(d, take) {
    const reader = await this.#open(d);
    try {
      for (;;) {
        let r;
        try {
          r = await reader.read();
        } catch (e) {
          if (isAbort(e)) throw e;
          throw new NetworkError('the answer broke off');
        }
        if (r.done) break;
        await take(r.value);
        d.sent += r.value.byteLength;
        this.#changed();
      }
    } finally {
      reader.cancel().catch(() => {});
    }
    if (d.sent !== d.size) throw new Trouble('cut-short');
  }

  async #intoFile(d, handle) {
    let out;
    try {
      out = await handle.createWritable();
    } catch {
      throw new Trouble('not-saved');
    }
    try {
      await this.#each(d, (bytes) => out.write(bytes).catch(() => { throw new Trouble('not-saved'); }));
      await out.close().catch(() => { throw new Trouble('not-saved'); });
    } catch (e) {
      await out.abort().catch(() => {}); // the chosen file stays as it was
      throw e;
    }
  }

  async #intoBlob(d, check) {
    let pieces = [], held = 0;
    const blobs = [];
    await this.#each(d, (bytes) => {
      pieces.push(bytes);
      held += bytes.byteLength;
      if (held < blobPiece) return;
      blobs.push(new Blob(pieces)); // the browser may put it on disk
      pieces = [];
      held = 0;
    });
    // Never the file's own type: a page made of it would run in our place.
    const blob = new Blob([...blobs, ...pieces], { type: 'application/octet-stream' });
    if (check && d.fresh && d.file.checksum_sha256) {
      const hash = await sha256(await blob.arrayBuffer());
      if (hash && hash !== d.file.checksum_sha256) throw new Trouble('wrong-bytes');
    }
    const url = URL.createObjectURL(blob);
    const a = document.createElement('a');
    a.href = url;
    a.download = d.name;
    a.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  #changed() { this.dispatchEvent(new Event('change')); }
}
