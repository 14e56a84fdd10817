// A folder's listing: the rows that are needed come, wherever they are; what
// changes is put into its place without reading the rest again.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { ApiError } from '../api/errors';
import { type From, type ListingQuery, children } from '../api/nodes';
import type { Children, Item } from '../api/types_gen';
import { api, keys, queryClient } from './client';
import { whenFree } from './hold';
import { Rows, type Tail } from './rows';

const firstPage = 200; // rows; few, so that they show soon
const block = 300; // rows that are asked for by their place
const nextPages = 1000; // rows that come one after the other
const ahead = 60; // rows that come before they are in sight

export type ListingKey = readonly ['children', string, string, { sort: string; order: string; filter: string }];

export const listingKey = (q: ListingQuery): ListingKey => [...keys.listing(q.share, q.folder), { sort: q.sort ?? 'name', order: q.order ?? 'asc', filter: q.filter ?? '' }];

export const queryOf = ([, share, folder, o]: ListingKey): ListingQuery =>
  ({ share, folder: folder === 'root' ? null : folder, sort: o.sort as 'name', order: o.order as 'asc', ...(o.filter ? { filter: o.filter } : {}) });

/** What of each listing is in sight. */
const sights = new Map<string, { first: number; last: number }>();
const hash = (key: ListingKey) => JSON.stringify(key);

const tailOf = (p: Children): Tail => {
  const seekable = p.position !== undefined;
  return { total: p.total, exact: p.total_exact, seekable, token: seekable ? '' : (p.next_page_token ?? '') };
};

/** Reads what is in sight anew. What is not is asked for when it is needed. */
async function refresh(key: ListingKey, signal: AbortSignal): Promise<Rows> {
  const q = queryOf(key);
  const before = queryClient.getQueryData<Rows>(key);
  if (before) await whenFree();
  const sight = sights.get(hash(key));
  const begin = before?.seekable && sight ? Math.max(0, sight.first - ahead) : 0;
  const from: From = begin > 0 ? { position: begin } : {};
  let page: Children;
  try {
    page = await children(api, q, from, begin > 0 && sight ? Math.min(nextPages, sight.last - begin + ahead) : firstPage, signal);
  } catch (e) {
    if (!(begin > 0 && e instanceof ApiError && e.status === 422)) throw e;
    page = await children(api, q, {}, firstPage, signal); // it has no places any more
  }
  let rows = (before ?? new Rows([], new Map(), tailOf(page))).fresh(page.position ?? 0, page.items, tailOf(page));
  while (rows.token && sight && rows.length <= sight.last) {
    const more = await children(api, q, { token: rows.token }, nextPages, signal);
    rows = rows.appended(more.items, { ...tailOf(more), seekable: false, token: more.next_page_token ?? '' });
  }
  return rows;
}

const running = new Map<string, Promise<void>>();

// bring has a page come that holds the first row that is missing between two places.
async function bring(key: ListingKey, first: number, last: number): Promise<boolean> {
  const rows = queryClient.getQueryData<Rows>(key);
  if (!rows) return false;
  const q = queryOf(key);
  if (!rows.seekable) {
    if (!rows.token || last < rows.length - 1) return false;
    const page = await children(api, q, { token: rows.token }, nextPages);
    queryClient.setQueryData<Rows>(key, (now) => (now?.token === rows.token ? now.appended(page.items, { ...tailOf(page), seekable: false, token: page.next_page_token ?? '' }) : now));
    return true;
  }
  const hole = rows.hole(first, last);
  if (hole < 0) return false;
  const missing = Math.min(rows.total, Math.max(last, hole + block - 1) + 1) - hole; // as much as is wanted, at least a block
  const page = await children(api, q, { position: hole }, Math.min(nextPages, Math.max(1, missing)));
  if (page.position === undefined) throw new ApiError(422, { detail: '' });
  queryClient.setQueryData<Rows>(key, (now) => now?.merged(page.position ?? hole, page.items, tailOf(page)));
  return page.items.length > 0;
}

// one has one page at a time come for a listing: while it does, others wait and ask
// then for what is in sight then.
async function one(key: ListingKey, want: () => { first: number; last: number }): Promise<void> {
  const id = hash(key);
  for (;;) {
    const busy = running.get(id);
    if (busy) {
      await busy;
      return;
    }
    const work = (async () => {
      for (;;) {
        const { first, last } = want();
        if (!(await bring(key, first, last))) return;
      }
    })();
    const done = work.finally(() => running.delete(id));
    running.set(id, done);
    await done;
    return;
  }
}

export interface ListingState {
  rows: Rows;
  data: Rows | undefined;
  error: unknown;
  /** Rows beyond those that are here didn't come. */
  broken: boolean;
  /** Tells what is in sight, so that it comes. */
  need: (last: number, first?: number) => void;
  /** Has all rows between two places come, both included. */
  load: (first: number, last: number) => Promise<void>;
  /** The place of the first name, from a place on and then from the beginning, that begins so; -1: none. */
  find: (text: string, from: number) => Promise<number>;
  refetch: () => unknown;
}

/** A folder's entries. */
export function useListing(q: ListingQuery, enabled = true): ListingState {
  const key = listingKey(q);
  const id = hash(key);
  const [broken, setBroken] = useState(false);
  const query = useQuery({
    queryKey: key, enabled, structuralSharing: false,
    queryFn: ({ signal }) => refresh(key, signal),
    // Another order or filter of the same folder shows the rows that are there until it has come.
    placeholderData: (before: Rows | undefined, was) => (was?.queryKey[1] === key[1] && was.queryKey[2] === key[2] ? before : undefined),
  });
  useEffect(() => () => { sights.delete(id); }, [id]);
  const { data, isPlaceholderData, dataUpdatedAt, refetch } = query;
  const guarded = useCallback(async (want: () => { first: number; last: number }) => {
    const k = JSON.parse(id) as ListingKey;
    try {
      await one(k, want);
      setBroken(false);
    } catch (e) {
      if (e instanceof ApiError && e.status === 422) void queryClient.invalidateQueries({ queryKey: k }); // begin again
      else setBroken(true);
    }
  }, [id]);
  const usable = enabled && data !== undefined && !isPlaceholderData;
  const need = useCallback((last: number, first = last) => {
    sights.set(id, { first, last });
    if (usable && !broken) void guarded(() => { const s = sights.get(id) ?? { first, last }; return { first: s.first - ahead, last: s.last + ahead }; });
  }, [id, usable, broken, guarded]);
  useEffect(() => { // what was in sight before the listing was there
    const s = sights.get(id);
    if (s && usable) need(s.last, s.first);
  }, [id, usable, dataUpdatedAt, need]);
  const load = useCallback(async (first: number, last: number) => {
    const k = JSON.parse(id) as ListingKey;
    for (let n = 0; n < 2 && (queryClient.getQueryData<Rows>(k)?.hole(first, last) ?? -1) >= 0; n++) await guarded(() => ({ first, last }));
  }, [id, guarded]);
  const find = useCallback(async (text: string, from: number) => {
    const k = JSON.parse(id) as ListingKey;
    const rows = queryClient.getQueryData<Rows>(k);
    if (!rows?.seekable) return -1;
    const page = await children(api, queryOf(k), { begins: text, position: from }, 1);
    const at = page.items.length ? (page.position ?? -1) : -1;
    if (at >= 0) await load(Math.max(0, at - 30), Math.min(rows.total - 1, at + 60));
    return at;
  }, [id, load]);
  return { rows: data ?? Rows.none, data, error: query.error, broken, need, load, find, refetch: () => { setBroken(false); return refetch(); } };
}

/** Gives the keys and rows of all listings of a share that are kept. */
export const listingsOf = (share: string): [ListingKey, Rows][] =>
  queryClient.getQueriesData<Rows>({ queryKey: keys.listings(share) }).flatMap(([k, rows]) => (rows ? [[k as unknown as ListingKey, rows]] : []));

export const putRows = (key: ListingKey, change: (rows: Rows) => Rows): void => void queryClient.setQueryData<Rows>(key, (now) => now && change(now));

/** Changes what listings show of an item, before the server confirms it. */
export function patchItem(share: string, id: string, change: Partial<Item>): void {
  for (const [key, rows] of listingsOf(share)) if (rows.get(id)) putRows(key, (r) => r.patched(id, change));
}
