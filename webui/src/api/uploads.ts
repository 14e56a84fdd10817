// Upload sessions: parts that can go on after a break, in any tab and any day
// within a day of the last sign of life.
import type { Api } from './api';
import type { CompletedUpload, CreateUpload, File as Stored, UploadProgress, UploadSession } from './types_gen';

export const partSize = 8 << 20; // bytes, a power of two

export interface Progress {
  signal?: AbortSignal | undefined;
  onprogress?: (sent: number, total: number) => void;
}

export const createUpload = (api: Api, body: CreateUpload, signal?: AbortSignal) =>
  api.call<UploadSession>('POST', '/uploads', { json: { chunk_size: partSize, ...body }, signal });

export const uploadProgress = (api: Api, id: string, signal?: AbortSignal) =>
  api.call<UploadProgress>('GET', `/uploads/${encodeURIComponent(id)}`, { signal });

/** Sends part i; the same bytes again change nothing. */
export async function putPart(api: Api, id: string, i: number, bytes: ArrayBuffer, o: Progress): Promise<void> {
  const headers: Record<string, string> = { 'Content-Type': 'application/octet-stream' };
  const hash = await sha256(bytes);
  if (hash) headers['X-Chunk-SHA256'] = hash;
  await api.send('PUT', `/uploads/${encodeURIComponent(id)}/chunks/${i}`, bytes, { ...o, headers });
}

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

