// Putting a folder or a share back to a moment: the steps between its changes, and
// what would be done.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { activity } from '../api/annotate';
import type { Activities, Activity } from '../api/types_gen';
import { api, queryClient } from './client';
import { rehearse } from './jobs';

const together = 2_000; // milliseconds between changes of one person that are one step

/** Changes that were made in one go. */
export interface Step {
  /** The moment just before. */
  before: Date;
  /** When the first of them was made. */
  at: Date;
  who: string | null;
  changes: number;
  deleted: number;
  /** The name of what the first is about. */
  name: string;
  kind: Activity['change_type'];
}

/** Puts changes, the last first, into steps, the first first. */
export function stepsOf(list: readonly Activity[], of: string): Step[] {
  const steps: Step[] = [];
  let end = 0;
  for (const a of [...list].reverse()) {
    const at = new Date(a.changed_at ?? 0);
    if (!a.changed_at || (a.resource_id === of && a.change_type === 'created')) continue; // before that there was nothing
    const last = steps.at(-1);
    const gone = a.change_type === 'deleted' ? 1 : 0;
    if (last && last.who === a.changed_by_name && at.getTime() - end <= together) {
      last.changes++;
      last.deleted += gone;
    } else steps.push({ before: new Date(at.getTime() - 1), at, who: a.changed_by_name, changes: 1, deleted: gone, name: a.metadata.name ?? a.new_path?.split('/').at(-1) ?? a.old_path?.split('/').at(-1) ?? '', kind: a.change_type });
    end = at.getTime();
  }
  return steps;
}

export function useSteps(id: string) {
  const query = useInfiniteQuery({
    queryKey: ['activity', id, 'steps'],
    queryFn: ({ pageParam, signal }) => activity(api, id, pageParam, signal, 200),
    initialPageParam: '', getNextPageParam: (page: Activities) => page.next_page_token || undefined, structuralSharing: false,
  });
  const steps = useMemo(() => stepsOf(query.data?.pages.flatMap((p) => p.activities) ?? [], id), [query.data, id]);
  return { ...query, steps };
}

/** What would be done; asked for when the moment has rested. */
export function usePlan(id: string, at: string) {
  return useQuery({ queryKey: ['plan', id, at], enabled: at !== '', queryFn: ({ signal }) => rehearse(id, at, signal), staleTime: 20_000, gcTime: 60_000, retry: false, refetchOnWindowFocus: false });
}

export const forgetPlans = (): void => queryClient.removeQueries({ queryKey: ['plan'] });
