// Conflicts that wait for a person, of all shares together.
import { useMutation, useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { bytes } from '../api/annotate';
import { type Resolution, conflicts, resolve, waiting } from '../api/conflicts';
import type { Conflict, MyShare } from '../api/types_gen';
import { api, keys, queryClient } from './client';
import { useShares } from './shares';

export type { Resolution } from '../api/conflicts';

const every = 60_000; // milliseconds: not every conflict comes with a hint
const most = 200; // shares that are asked
const after = 1_500; // milliseconds, so that the first listing comes first

const asked = (shares: readonly MyShare[] | undefined) => (shares ?? []).filter((s) => !s.bare).slice(0, most).map((s) => ({
  queryKey: ['conflicts', s.id], queryFn: ({ signal }: { signal: AbortSignal }) => conflicts(api, s.id, signal), staleTime: every / 2, refetchInterval: every,
}));

/** The open conflicts of all shares, the latest first. */
export function useConflicts() {
  const shares = useShares();
  return useQueries({
    queries: asked(shares.data),
    combine: (list) => ({
      data: shares.data && list.every((q) => q.data || q.error) ? list.flatMap((q) => q.data ?? []).sort((a, b) => b.created_at.localeCompare(a.created_at)) : undefined,
      error: shares.error ?? list.find((q) => q.error && !q.data)?.error ?? null,
      retry: () => { for (const q of list) if (q.error) void q.refetch(); },
    }),
  });
}

/** How many are open; 0 until that is known. */
export function useConflictCount(): number {
  const [soon, set] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => set(true), after);
    return () => clearTimeout(timer);
  }, []);
  const shares = useShares();
  return useQueries({
    queries: asked(soon ? shares.data : undefined),
    combine: (list) => list.reduce((n, q) => n + (q.data?.length ?? 0), 0),
  });
}

export function useResolve() {
  return useMutation({
    mutationFn: ({ conflict, resolution }: { conflict: Conflict; resolution: Resolution }) => resolve(api, conflict.id, resolution),
    onSettled: async (_a, _e, { conflict }) => {
      void queryClient.invalidateQueries({ queryKey: keys.listings(conflict.share_id) });
      void queryClient.invalidateQueries({ queryKey: keys.file(conflict.resource_id) });
      await queryClient.invalidateQueries({ queryKey: ['conflicts', conflict.share_id] });
    },
  });
}

/** The bytes that are there, and those that wait. */
export function useSides(c: Conflict, enabled: boolean) {
  return useQuery({
    queryKey: ['conflict', c.id, 'sides'], enabled, staleTime: Infinity, gcTime: 0,
    queryFn: async ({ signal }) => {
      const [theirs, mine] = await Promise.all([bytes(api, c.resource_id, 0, signal), waiting(api, c.id, signal)]);
      return { theirs, mine };
    },
  });
}
