// Shares, folders and files.
import { type Api, newKey, wholeList } from './api';
import type { ArchiveTicket, Children, Config, File, Folder, Item, Me, MyShare, MyShares, Place, Share } from './types_gen';

export const me = (api: Api, signal?: AbortSignal) => api.call<Me>('GET', '/users/me', { signal });

export const config = (api: Api, signal?: AbortSignal) => api.open<Config>('/config', signal);

/** Gives all shares of the person. */
export const myShares = (api: Api, signal?: AbortSignal) => wholeList<MyShare>(async (offset) => {
  const r = await api.call<MyShares>('GET', '/users/me/shares', { query: { limit: 100, offset: offset || null }, signal });
  return { items: r.shares, total: r.total };
});

export const share = (api: Api, id: string, signal?: AbortSignal) => api.call<Share>('GET', `/shares/${encodeURIComponent(id)}`, { signal });

export const createShare = (api: Api, name: string) =>
  api.call<Share>('POST', '/shares', { json: { name, share_type: 'project' }, key: newKey() });

/** By name: folders first. */
export type Sort = 'name' | 'size' | 'modified_at' | 'type';

export interface ListingQuery {
  share: string;
  /** null: the share's root. */
  folder: string | null;
  sort?: Sort;
  order?: 'asc' | 'desc';
  /** The beginning of a word of the name. */
  filter?: string;
}

/** Where a page begins: behind what a token stands for, at a place, at the first name that begins so, at an item. */
export interface From {
  token?: string;
  position?: number;
  begins?: string;
  item?: string;
}

/** Gives a page of a folder. */
export const children = (api: Api, q: ListingQuery, from: From, limit: number, signal?: AbortSignal) =>
  api.call<Children>('GET', `/folders/${encodeURIComponent(q.folder ?? 'root')}/children`, {
    query: {
      share_id: q.share, limit, page_token: from.token, position: from.position, begins: from.begins, item: from.item,
      sort: q.sort === undefined || q.sort === 'name' ? 'folders' : q.sort, order: q.order, filter: q.filter, include: 'permissions,tags',
    }, signal,
  });

export const folder = (api: Api, id: string, signal?: AbortSignal) => api.call<Folder>('GET', `/folders/${encodeURIComponent(id)}`, { signal });

export const file = (api: Api, id: string, signal?: AbortSignal) => api.call<File>('GET', `/files/${encodeURIComponent(id)}`, { signal });

export const createFolder = (api: Api, share: string, parent: string | null, name: string, signal?: AbortSignal) =>
  api.call<Folder>('POST', '/folders', { json: { share_id: share, parent_id: parent ?? undefined, name }, key: newKey(), signal });

export type Node = Pick<Item, 'id' | 'type'> & { version_id?: string };

export const kind = (n: Node) => (n.type === 'folder' ? 'folders' : 'files');

/** Moves to the trash what the person saw: another version is refused. */
export const trash = (api: Api, n: Node) =>
  api.call<null>('DELETE', `/${kind(n)}/${encodeURIComponent(n.id)}`, { ifMatch: n.version_id || undefined, key: newKey() });

export const restore = (api: Api, n: Node) =>
  api.call<File | Folder>('POST', `/${kind(n)}/${encodeURIComponent(n.id)}/restore`, { key: newKey() });

export const rename = (api: Api, n: Node, name: string) =>
  api.call<File | Folder>('PATCH', `/${kind(n)}/${encodeURIComponent(n.id)}`, { json: { name }, key: newKey() });

/** Where something goes: a folder of a share, or its root (null). */
export interface Goal {
  share: string;
  folder: string | null;
}

/** Moves or copies into a folder; name: what it is called there. */
export const place = (api: Api, how: 'move' | 'copy', n: Node, to: Goal, name?: string) =>
  api.call<File | Folder>('POST', `/${kind(n)}/${encodeURIComponent(n.id)}/${how}`, {
    json: { ...(to.folder ? { target_folder_id: to.folder } : { target_share_id: to.share }), ...(name === undefined ? {} : { name }) } satisfies Place, key: newKey(),
  });

/** Gives an address from which an archive comes once, without a token. */
export const archive = (api: Api, ids: readonly string[]) => api.call<ArchiveTicket>('POST', '/archives', { json: { items: ids.map((id) => ({ id })) } });

/** Gives all entries of a folder, page by page. */
export async function* allChildren(api: Api, q: ListingQuery): AsyncGenerator<Item[]> {
  let token = '';
  do {
    const r = await children(api, q, { token }, fewest);
    yield r.items;
    token = r.next_page_token ?? '';
  } while (token);
}

const fewest = 1000; // the most that one call gives

/** Finds an entry of a folder by its name, null when there is none. There is no call for it, so it looks through the listing. */
export async function child(api: Api, share: string, folder: string | null, name: string, signal?: AbortSignal): Promise<Item | null> {
  const key = fold(name);
  let token = '';
  do {
    const r = await children(api, { share, folder }, { token }, fewest, signal);
    const hit = r.items.find((it) => fold(it.name) === key);
    if (hit) return hit;
    token = r.next_page_token ?? '';
  } while (token);
  return null;
}

// fold comes close to what the server takes for the same name.
const fold = (name: string) => name.normalize('NFC').toLowerCase();
