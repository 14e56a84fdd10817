// The trash of a share.
import { type Api, newKey } from './api';
import { type Node, kind } from './nodes';
import type { Trash } from './types_gen';

export const trashPage = (api: Api, share: string, token: string, limit: number, signal?: AbortSignal) =>
  api.call<Trash>('GET', '/trash', { query: { share_id: share, limit, page_token: token }, signal });

/** Deletes for good. */
export const purge = (api: Api, n: Node) =>
  api.call<null>('DELETE', `/${kind(n)}/${encodeURIComponent(n.id)}`, { query: { permanent: true }, key: newKey() });

export const emptyTrash = (api: Api, share: string) => api.call<null>('DELETE', '/trash', { query: { share_id: share }, key: newKey(), timeout: 0 });
