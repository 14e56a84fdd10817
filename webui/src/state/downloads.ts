// Downloads. The API wants the token in a header, which a plain link can't send,
// so the page fetches the bytes: a small file into memory, compared with its
// checksum and then handed to the browser; a large one straight into a file that
// the person chooses, where the browser can do that; else into a blob up to a
// stated size. What ends early is never saved as if it were whole.
import type { Api } from '../api/api';
import { NetworkError, isAbort } from '../api/errors';
import type { Item } from '../api/types_gen';
import { sha256 } from '../api/uploads';

export const inMemory = 32 << 20; // bytes up to which a file is checked and saved at once
export const inBlob = 500_000_000; // bytes that are kept for a browser that can't write files
const blobPiece = 8 << 20; // bytes that leave the page's memory together

export type Downloadable = Pick<Item, 'id' | 'name' | 'size' | 'version_id' | 'checksum_sha256'>;

/** A reason of our own; code names the text. */
export class Trouble extends Error {
  readonly code: 'tooLargeHere' | 'cutShort' | 'wrongBytes' | 'notSaved';

  constructor(code: Trouble['code']) {
    super(code);
    this.code = code;
  }
}

export interface Download {
  readonly number: number;
  readonly file: Downloadable;
  size: number;
  sent: number;
  state: 'sending' | 'done' | 'failed';
  error: unknown;
  fresh: boolean;
  readonly abort: AbortController;
}

interface Writable {
  write(b: Uint8Array): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

interface Handle { createWritable(): Promise<Writable> }
type Picker = (o: { suggestedName: string }) => Promise<Handle>;

export interface DownloadEvents {
  changed(): void;
  started(): void;
  saved(d: Download): void;
  failed(d: Download): void;
}

export class Downloads {
  readonly items = new Map<number, Download>();
  #numbers = 0;
  readonly #api: Api;
  readonly #events: DownloadEvents;

  constructor(api: Api, events: DownloadEvents) {
    this.#api = api;
    this.#events = events;
  }

  get busy(): boolean { return [...this.items.values()].some((d) => d.state === 'sending'); }

  /** Downloads a file. Call it from the person's own click: the browser asks where to save only then. */
  async start(file: Downloadable): Promise<void> {
    const big = (file.size ?? 0) > inMemory;
    const picker = (window as { showSaveFilePicker?: Picker }).showSaveFilePicker;
    let handle: Handle | null = null;
    if (big && picker) {
      try {
        handle = await picker({ suggestedName: file.name });
      } catch (e) {
        if (isAbort(e)) return; // else the browser refuses; a blob may still do
      }
    }
    const d: Download = { number: ++this.#numbers, file, size: file.size ?? 0, sent: 0, state: 'sending', error: null, fresh: false, abort: new AbortController() };
    this.items.set(d.number, d);
    this.#events.started();
    this.#events.changed();
    try {
      if (big && !handle && d.size > inBlob) throw new Trouble('tooLargeHere');
      if (handle) await this.#intoFile(d, handle);
      else await this.#intoBlob(d, !big);
      d.state = 'done';
      this.#events.saved(d);
      setTimeout(() => this.remove(d), 6_000);
    } catch (e) {
      if (isAbort(e) && d.abort.signal.aborted) this.items.delete(d.number);
      else {
        d.state = 'failed';
        d.error = e;
        this.#events.failed(d);
      }
    }
    this.#events.changed();
  }

  retry(d: Download): void {
    this.items.delete(d.number);
    void this.start(d.file);
  }

  remove(d: Download): void {
    d.abort.abort();
    this.items.delete(d.number);
    this.#events.changed();
  }

  cancelAll(): void { for (const d of [...this.items.values()]) this.remove(d); }

  // each reads the answer to its end and checks that it was the end.
  async #each(d: Download, take: (b: Uint8Array<ArrayBuffer>) => Promise<void> | void): Promise<void> {
    const r = await this.#api.stream(`/files/${encodeURIComponent(d.file.id)}/content`, { signal: d.abort.signal });
    const length = Number(r.headers.get('Content-Length'));
    if (length) d.size = length; // it may have a newer version than the listing shows
    d.fresh = r.headers.get('ETag') === `"${d.file.version_id}"`;
    const reader = r.body?.getReader();
    try {
      for (;;) {
        let part;
        try {
          part = await reader?.read();
        } catch (e) {
          if (isAbort(e)) throw e;
          throw new NetworkError('the answer broke off');
        }
        if (!part || part.done) break;
        await take(part.value);
        d.sent += part.value.byteLength;
        this.#events.changed();
      }
    } finally {
      reader?.cancel().catch(() => {});
    }
    if (d.sent !== d.size) throw new Trouble('cutShort');
  }

  async #intoFile(d: Download, handle: Handle): Promise<void> {
    const notSaved = () => { throw new Trouble('notSaved'); };
    const out = await handle.createWritable().catch(notSaved);
    try {
      await this.#each(d, (bytes) => out.write(bytes).catch(notSaved));
      await out.close().catch(notSaved);
    } catch (e) {
      await out.abort().catch(() => {}); // the chosen file stays as it was
      throw e;
    }
  }

  async #intoBlob(d: Download, check: boolean): Promise<void> {
    let pieces: Uint8Array<ArrayBuffer>[] = [];
    let held = 0;
    const blobs: Blob[] = [];
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
      if (hash && hash !== d.file.checksum_sha256) throw new Trouble('wrongBytes');
    }
    saveBlob(blob, d.file.name);
  }
}

/** Hands bytes to the browser to save. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
