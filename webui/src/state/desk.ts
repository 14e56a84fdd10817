// Favourites and what was used last.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { favourites, mark, recent } from '../api/desk';
import type { DeskItem, Item } from '../api/types_gen';
import { api, keys, queryClient } from './client';

export const useFavourites = () => useQuery({ queryKey: keys.favourites, queryFn: ({ signal }) => favourites(api, signal), staleTime: 30_000 });

export const useRecent = () => useQuery({ queryKey: keys.recent, queryFn: ({ signal }) => recent(api, signal) });

/** The IDs of all favourites. */
export function useMarked(): ReadonlySet<string> {
  const { data } = useFavourites();
  return useMemo(() => new Set(data?.map((d) => d.id)), [data]);
}

/** Marks or unmarks; it shows at once and returns when it is refused. */
export async function setMarked(items: readonly (Item | DeskItem)[], on: boolean): Promise<void> {
  await queryClient.cancelQueries({ queryKey: keys.favourites });
  const ids = new Set(items.map((i) => i.id));
  queryClient.setQueryData<DeskItem[]>(keys.favourites, (list) => list && [
    ...(on ? items.map((i) => ({ path: '', modified_at: i.created_at ?? '', created_at: '', at: new Date().toISOString(), ...i }) as DeskItem) : []),
    ...list.filter((d) => !ids.has(d.id)),
  ]);
  try {
    for (const i of items) await mark(api, i as { id: string; type: string }, on);
  } finally {
    void queryClient.invalidateQueries({ queryKey: keys.favourites });
  }
}
