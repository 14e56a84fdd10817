// Conflicts that wait for a person, of all shares together.
import { keepPreviousData, useMutation, useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { bytes, versions } from '../api/annotate';
import { type Resolution, conflicts, resolve, waiting } from '../api/conflicts';
import type { Conflict, File as Stored, MyShare, Version } from '../api/types_gen';
import { api, keys, queryClient } from './client';
import { saveText } from './preview';
import { useShares } from './shares';
import { textOf } from './versions';

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

async function refresh(c: Conflict): Promise<void> {
  void queryClient.invalidateQueries({ queryKey: keys.listings(c.share_id) });
  void queryClient.invalidateQueries({ queryKey: keys.file(c.resource_id) });
  await queryClient.invalidateQueries({ queryKey: ['conflicts', c.share_id] });
}

export function useResolve() {
  return useMutation({
    mutationFn: ({ conflict, resolution }: { conflict: Conflict; resolution: Resolution }) => resolve(api, conflict.id, resolution),
    onSettled: (_a, _e, { conflict }) => refresh(conflict),
  });
}

/** The merged text is stored, but the conflict could not be settled. */
export class HalfMerged extends Error {}

/** Stores a text in which both are, over the version that it was made of; then what waits stays as a version. */
export function useMergeIn() {
  return useMutation({
    mutationFn: async ({ conflict, file, text }: { conflict: Conflict; file: Stored; text: string }) => {
      await saveText(file, text, file.version_id);
      try {
        await resolve(api, conflict.id, 'SERVER_WINS');
      } catch (e) {
        throw new HalfMerged('', { cause: e });
      }
    },
    onSettled: (_a, _e, { conflict }) => refresh(conflict),
  });
}

export interface Sides {
  theirs: Blob;
  mine: Blob;
  /** What both began with; null: it is not kept any more. */
  base: Blob | null;
  baseVersion: Version | null;
}

/** The bytes that are there, those that wait, and those that both began with. */
export function useSides(c: Conflict, file: Stored | undefined, enabled: boolean) {
  return useQuery({
    queryKey: ['conflict', c.id, 'sides', file?.version_id], enabled, staleTime: Infinity, gcTime: 0,
    placeholderData: keepPreviousData, // while it is settled
    queryFn: async ({ signal }): Promise<Sides> => {
      const [theirs, mine, list] = await Promise.all([
        bytes(api, c.resource_id, file?.version ?? 0, signal), waiting(api, c.id, signal), c.base_version_id ? versions(api, c.resource_id, signal) : [],
      ]);
      const baseVersion = list.find((v) => v.id === c.base_version_id) ?? null;
      return { theirs, mine, base: baseVersion && await bytes(api, c.resource_id, baseVersion.version_number, signal), baseVersion };
    },
  });
}

export interface SideTexts {
  theirs: string;
  mine: string;
  base: string | null;
}

/** The sides as texts; null: they are none. */
export function useSideTexts(sides: Sides | undefined): SideTexts | null | undefined {
  const [texts, set] = useState<{ of: Sides; is: SideTexts | null }>();
  useEffect(() => {
    if (!sides) return undefined;
    let over = false;
    const read = async (b: Blob) => textOf(await b.arrayBuffer());
    void Promise.all([read(sides.theirs), read(sides.mine), sides.base ? read(sides.base) : null]).then(([theirs, mine, base]) => {
      if (!over) set({ of: sides, is: theirs === null || mine === null ? null : { theirs, mine, base } });
    });
    return () => { over = true; };
  }, [sides]);
  return texts && texts.of === sides ? texts.is : undefined;
}
