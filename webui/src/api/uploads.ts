// Upload sessions: parts that can go on after a break, in any tab and any day
// within a day of the last sign of life.
import type { Api } from './api';
import type { CompletedUpload, CreateUpload, File as Stored, UploadProgress, UploadSession } from './types_gen';

/**
 * Gives the bytes of a part, a power of two. The server stores the parts in their
 * order and each one durably, so that one at a time and few of them are fastest;
 * what a broken connection costs is one part.
 */
export const partSize = (file: number) => (file < 128 << 20 ? 8 << 20 : file < 1 << 30 ? 32 << 20 : 64 << 20);

export interface Progress {
  signal?: AbortSignal | undefined;
  onprogress?: (sent: number, total: number) => void;
}

export const createUpload = (api: Api, body: CreateUpload, signal?: AbortSignal) =>
  api.call<UploadSession>('POST', '/uploads', { json: body, signal });

export const uploadProgress = (api: Api, id: string, signal?: AbortSignal) =>
  api.call<UploadProgress>('GET', `/uploads/${encodeURIComponent(id)}`, { signal });

/**
 * Sends part i; the same bytes again change nothing. A piece of a file goes from the
 * disk to the network inside of the browser; as an ArrayBuffer it would go through
 * the page, many times slower. TLS keeps the bytes, so no digest goes with them.
 */
export const putPart = (api: Api, id: string, i: number, part: Blob, o: Progress) =>
  api.send('PUT', `/uploads/${encodeURIComponent(id)}/chunks/${i}`, part, { ...o, headers: { 'Content-Type': 'application/octet-stream' } });

/**
 * Sends all parts in one body. A picked file, whole, by XMLHttpRequest goes from the
 * disk to the network in the browser's network process alone; a slice of it, or fetch,
 * goes through its main process in pieces, at a multiple of the processor time.
 */
export const putContent = (api: Api, id: string, file: File, o: Progress) =>
  api.send('PUT', `/uploads/${encodeURIComponent(id)}/content`, file, { ...o, headers: { 'Content-Type': 'application/octet-stream' } });

/** Makes the file; the same answer when repeated. ifMatch: the version that is replaced. */
export const completeUpload = (api: Api, id: string, ifMatch: string | undefined, signal?: AbortSignal) =>
  api.call<CompletedUpload>('POST', `/uploads/${encodeURIComponent(id)}/complete`, { ifMatch, signal, timeout: 0 });

/** Gives up a session; one that is not given up ends by itself. */
export async function dropUpload(api: Api, id: string): Promise<void> {
  try {
    await api.call('DELETE', `/uploads/${encodeURIComponent(id)}`);
  } catch { /* it ends by itself after a day */ }
}

export interface WholeFile {
  share: string;
  folder: string | null;
  name: string;
  modified: Date;
  bytes: ArrayBuffer;
}

/** Sends a small file in one call. */
export async function sendFile(api: Api, f: WholeFile, o: Progress): Promise<Stored> {
  const form = new FormData();
  form.append('share_id', f.share);
  if (f.folder) form.append('folder_id', f.folder);
  form.append('name', f.name);
  form.append('modified_at', f.modified.toISOString());
  const hash = await sha256(f.bytes);
  if (hash) form.append('checksum_sha256', hash);
  form.append('file', new Blob([f.bytes]), f.name); // the bytes that were hashed are the bytes that are sent
  return api.send<Stored>('POST', '/files', form, o);
}

/** Gives the hex digest of bytes, null where the browser offers none (a page that is not served over HTTPS or from this machine). */
export async function sha256(bytes: ArrayBuffer): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('');
}

