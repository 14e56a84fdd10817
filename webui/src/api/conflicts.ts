// Conflicts of synchronisation: two changes of one thing that a person must settle.
import type { Api } from './api';
import type { Conflict } from './types_gen';

const id = encodeURIComponent;

export const conflicts = (api: Api, share: string, signal?: AbortSignal) => api.call<Conflict[]>('GET', '/sync/conflicts', { query: { share_id: share }, signal });

export type Resolution = 'CLIENT_WINS' | 'SERVER_WINS' | 'KEEP_BOTH';

/** Settles one; asked the same again it answers the same. */
export const resolve = (api: Api, conflict: string, resolution: Resolution) =>
  api.call<Conflict>('POST', `/sync/conflicts/${id(conflict)}/resolve`, { query: { resolution } });

/** The content that waits. */
export const waiting = async (api: Api, conflict: string, signal?: AbortSignal) => (await api.stream(`/sync/conflicts/${id(conflict)}/content`, { signal })).blob();
