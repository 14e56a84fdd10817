// How one file goes up: a small one in a call, others in an upload session.
//
// A session takes the whole file in one body, which the server cuts into parts and
// stores one by one: a browser takes a picked file from the disk to the network by
// itself then, many times cheaper than slices of it. Above oneBody, after a break, and
// where a proxy refuses such a body, the parts that are missing go one by one.
import type { Api } from '../api/api';
import { NetworkError, hasStatus } from '../api/errors';
import { child } from '../api/nodes';
import { type Progress, completeUpload, createUpload, dropUpload, partSize, putContent, putPart, sendFile, uploadProgress } from '../api/uploads';
import { numbered } from '../i18n/names';
import { bytesOf, last, markOf, partOf, readable, unchanged } from './filebytes';
import type { Folders } from './uploadfolders';
import { Refused, type UploadItem } from './uploaditem';

const smallFile = 8 << 20; // bytes up to which one call carries a file
const oneBody = 1 << 30; // bytes up to which one body carries all parts of a session
const mostNames = 100; // that are tried to keep both

type Session = NonNullable<UploadItem['session']>;

export interface SenderSurroundings {
  /** Bytes that a file may have. */
  most(): number;
  changed(): void;
  /** What is to be kept of an item has changed. */
  keep(item: UploadItem): void;
}

export class Sender {
  readonly #api: Api;
  readonly #folders: Folders;
  readonly #around: SenderSurroundings;

  constructor(api: Api, folders: Folders, around: SenderSurroundings) {
    this.#api = api;
    this.#folders = folders;
    this.#around = around;
  }

  /** Sends an item; it returns when the server has said that it is stored. */
  async send(item: UploadItem, signal: AbortSignal): Promise<void> {
    const folder = await this.#folders.at(item.target, item.dirs);
    if (item.unreadable) throw new Refused('unreadable-folder');
    if (item.folderOnly) return;
    const file = await readable(item);
    item.size = file.size;
    if (file.size > this.#around.most()) {
      item.limit = this.#around.most();
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
        await this.drop(item);
        item.sent = 0;
      }
    }
  }

  async #sendWhole(item: UploadItem, file: File, folder: string | null, signal: AbortSignal): Promise<void> {
    const bytes = await bytesOf(file);
    const f = { share: item.target.share, folder, name: item.name, modified: new Date(file.lastModified), bytes };
    await this.#sending(item, file, sendFile(this.#api, f, this.#progress(signal, (loaded, total) => {
      item.sent = total ? Math.floor(file.size * Math.min(1, loaded / total)) : 0;
      if (loaded >= total) item.state = 'storing';
    })));
  }

  #progress(signal: AbortSignal, set: (sent: number, total: number) => void): Progress {
    return { signal, onprogress: (sent, total) => { set(sent, total); this.#around.changed(); } };
  }

  async #sending(item: UploadItem, bytes: Blob, call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (e) {
      if (e instanceof NetworkError) {
        item.unsure = true; // it may have arrived
        await last(bytes); // a file that changed or went away looks like a broken connection
      }
      throw e;
    }
  }

  async #sendParts(item: UploadItem, file: File, folder: string | null, signal: AbortSignal): Promise<void> {
    const have = await this.#openSession(item, file, folder, signal);
    const s = item.session;
    if (have === 'completed' || !s) return;
    const fresh = file.size > 0 && !have.length;
    if (!fresh || item.byParts || file.size > oneBody || !await this.#sendContent(item, file, s, signal)) {
      await this.#sendMissing(item, file, s, have, signal);
    }
    item.state = 'storing';
    this.#around.changed();
    if (!await unchanged(item, file)) {
      await this.drop(item); // parts of two contents must not become one file
      throw new Refused('unreadable');
    }
    await completeUpload(this.#api, s.id, item.replace?.version, signal);
  }

  // sendContent sends all parts in one body. It gives false when something on the way
  // does not take such a body; a connection that broke is not tried like that again.
  async #sendContent(item: UploadItem, file: File, s: Session, signal: AbortSignal): Promise<boolean> {
    let next = 0; // part to be marked: the first, then the one that is out last
    const mark = (i: number) => {
      if (i < next) return;
      next = i + 1;
      void this.#mark(item, s, i, partOf(file, s.size, i)).catch(() => {}); // a file that can't be read ends the sending
    };
    mark(0);
    try {
      await this.#sending(item, file, putContent(this.#api, s.id, file, this.#progress(signal, (sent) => {
        item.sent = Math.min(file.size, sent);
        mark(Math.floor(sent / s.size) - 1);
      })));
      return true;
    } catch (e) {
      item.byParts = true;
      if (!hasStatus(e, 408, 413, 502, 504)) throw e; // what a proxy says to a body that is too large or takes too long
      item.sent = 0;
      return false;
    }
  }

  async #sendMissing(item: UploadItem, file: File, s: Session, have: readonly [number, number][], signal: AbortSignal): Promise<void> {
    for (let i = 0; i < s.count; i++) {
      if (have.some(([first, end]) => i >= first && i <= end)) continue;
      const part = partOf(file, s.size, i);
      const mark = this.#mark(item, s, i, part);
      mark.catch(() => {}); // looked at below
      await this.#sending(item, part, putPart(this.#api, s.id, i, part, this.#progress(signal, (sent) => { item.sent = Math.min(file.size, i * s.size + sent); })));
      await mark;
      this.#around.keep(item);
    }
  }

  // mark keeps by what a part is known again.
  async #mark(item: UploadItem, s: Session, i: number, part: Blob): Promise<void> {
    const hash = await markOf(part);
    if (!hash || item.session !== s) return;
    item.marks = [...item.marks.slice(0, 1), { part: i, hash }];
    this.#around.keep(item);
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
      await this.drop(item);
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

  /** Gives up an item's session. */
  async drop(item: UploadItem): Promise<void> {
    const s = item.session;
    item.session = null;
    if (s) await dropUpload(this.#api, s.id);
  }

  // isHere looks whether a try of which no answer came has arrived after all.
  async #isHere(item: UploadItem, file: File, folder: string | null, signal: AbortSignal): Promise<boolean> {
    const there = await child(this.#api, item.target.share, folder, item.name, signal);
    return there?.type === 'file' && there.size === file.size && Date.parse(there.modified_at ?? '') === file.lastModified;
  }
}
