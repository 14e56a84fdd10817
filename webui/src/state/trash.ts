// The trash of a share.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { emptyTrash, purge, trashPage } from '../api/trash';
import type { Node } from '../api/nodes';
import type { Trash, TrashItem } from '../api/types_gen';
import { api, keys } from './client';
import { refreshShares } from './jobs';

export function useTrashList(share: string) {
  const query = useInfiniteQuery({
    queryKey: keys.trash(share),
    queryFn: ({ pageParam, signal }) => trashPage(api, share, pageParam, pageParam ? 1000 : 200, signal),
    initialPageParam: '',
    getNextPageParam: (page: Trash) => page.next_page_token || undefined,
    structuralSharing: false,
    enabled: share !== '',
  });
  const { data, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const items = useMemo(() => data?.pages.flatMap((p) => p.items) ?? [], [data]);
  const need = useCallback((index: number) => {
    if (index >= items.length - 1 && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [items, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  const last = data?.pages.at(-1);
  return { ...query, items, need, total: hasNextPage ? Math.max(last?.total ?? 0, items.length) : items.length, totalExact: !hasNextPage || (last?.total_exact ?? false) };
}

/** Gives all that is in a trash but some, also what no list has loaded. */
export async function everythingTrashed(share: string, but: ReadonlySet<string>): Promise<TrashItem[]> {
  const all: TrashItem[] = [];
  let token = '';
  do {
    const r = await trashPage(api, share, token, 1000);
    all.push(...r.items.filter((i) => !but.has(i.id)));
    token = r.next_page_token ?? '';
  } while (token);
  return all;
}

export interface Purged { done: number; failed: { id: string; error: unknown }[] }

/** Deletes for good, one after the other; what fails doesn't stop the others. */
export async function purgeAll(share: string, nodes: readonly Node[]): Promise<Purged> {
  const out: Purged = { done: 0, failed: [] };
  for (const n of nodes) {
    try {
      await purge(api, n);
      out.done++;
    } catch (error) {
      out.failed.push({ id: n.id, error });
    }
  }
  refreshShares([share]);
  return out;
}

export const emptyAll = (share: string) => emptyTrash(api, share).finally(() => refreshShares([share]));
