// The settings of the server's process, for its administrators.
import { type Api, newKey } from './api';
import type { ServerSettings, UpdateServerSettings } from './types_gen';

export const serverSettings = (api: Api, signal?: AbortSignal) => api.call<ServerSettings>('GET', '/admin/settings', { signal });

/** Stores settings, all or none; null is the default again. */
export const updateServerSettings = (api: Api, body: UpdateServerSettings) => api.call<ServerSettings>('PATCH', '/admin/settings', { json: body, key: newKey() });
