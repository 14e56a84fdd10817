// What the person is told happened while they were away; live through the socket.
import { useInfiniteQuery } from '@tanstack/react-query';
import * as calls from '../api/notices';
import { api, keys, queryClient } from './client';
import { onFrame } from './live';

const key = keys.notices;

export function useNotices() {
  const q = useInfiniteQuery({
    queryKey: key, initialPageParam: '', staleTime: 60_000,
    queryFn: ({ pageParam, signal }) => calls.notices(api, 50, pageParam, signal),
    getNextPageParam: (last) => last.next_page_token || undefined,
  });
  return { ...q, list: q.data?.pages.flatMap((p) => p.notices), unread: q.data?.pages[0]?.unread ?? 0 };
}

export async function markRead(what: { ids: string[] } | { until: string }): Promise<void> {
  try {
    await calls.readNotices(api, what);
  } finally {
    await queryClient.invalidateQueries({ queryKey: key });
  }
}

// Roles and requests change what notices say, too.
onFrame((f) => {
  if (f.event_type === 'notice' || f.event_type === 'change' || f.event_type === 'conflict') void queryClient.invalidateQueries({ queryKey: key });
});
