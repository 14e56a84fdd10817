// The shares of the person.
import { useMutation, useQuery } from '@tanstack/react-query';
import { createShare, myShares, share } from '../api/nodes';
import { api, keys, queryClient } from './client';
import { useMe } from './signin';

export function useShares() {
  return useQuery({ queryKey: keys.shares, queryFn: ({ signal }) => myShares(api, signal), staleTime: 30_000 });
}

export function useShare(id: string) {
  const list = useShares();
  const listed = list.data?.find((s) => s.id === id);
  return useQuery({
    queryKey: keys.share(id), queryFn: ({ signal }) => share(api, id, signal), enabled: id !== '',
    // What the list tells is enough to begin with.
    ...(listed ? { placeholderData: { ...listed, tenant_id: '', description: '', share_type: listed.type, is_public: false, is_deleted: false, visibility: 'private', archive_at: null, settings: { conflict_resolution: 'KEEP_BOTH', trash_retention_days: null }, modified_at: listed.created_at } } : {}),
  });
}

/** The person's own drive; undefined while loading, null when there is none. */
export function useMyDrive() {
  const { data, error, refetch } = useShares();
  const me = useMe();
  return { error, refetch, drive: data && (data.find((s) => s.type === 'personal' && s.owner_id === me.id) ?? null) };
}

export function useCreateShare() {
  return useMutation({
    mutationFn: (name: string) => createShare(api, name),
    onSuccess: () => { void queryClient.invalidateQueries({ queryKey: keys.shares }); },
  });
}
