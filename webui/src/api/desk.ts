// Favourites and what was used last.
import { type Api, newKey, wholeList } from './api';
import type { Node } from './nodes';
import type { Desk, DeskItem } from './types_gen';

/** Gives all favourites, the last marked first. */
export const favourites = (api: Api, signal?: AbortSignal) => list(api, '/users/me/favorites', signal);

export const recent = (api: Api, signal?: AbortSignal) => list(api, '/users/me/recent', signal);

const list = (api: Api, path: string, signal?: AbortSignal) => wholeList<DeskItem>((offset) => api.call<Desk>('GET', path, { query: { limit: 100, offset: offset || null }, signal }));

export const mark = (api: Api, n: Node, on: boolean) =>
  api.call<null>(on ? 'POST' : 'DELETE', '/users/me/favorites', { json: { resource_type: n.type, resource_id: n.id }, key: newKey() });
