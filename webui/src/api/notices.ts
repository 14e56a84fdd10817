// What the person is told happened while they were away.
import type { Api } from './api';
import type { Notices, Unread } from './types_gen';

export const notices = (api: Api, limit: number, token: string, signal?: AbortSignal) => api.call<Notices>('GET', '/notices', { query: { limit, page_token: token || null }, signal });

export const readNotices = (api: Api, what: { ids: string[] } | { until: string }) => api.call<Unread>('POST', '/notices/read', { json: what });
