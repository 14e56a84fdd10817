// What stands beside files and folders: versions, comments, tags, what happened.
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import * as calls from '../api/annotate';
import { file, folder } from '../api/nodes';
import type { Activities, Version } from '../api/types_gen';
import { api, keys, queryClient } from './client';
import { saveBlob } from './downloads';

const together = 15_000; // milliseconds after which comments are asked for again: no hint tells of them

export function useFile(id: string, enabled = true) {
  return useQuery({ queryKey: keys.file(id), queryFn: ({ signal }) => file(api, id, signal), enabled: enabled && id !== '' });
}

export function useFolder(id: string, enabled = true) {
  return useQuery({ queryKey: keys.folder(id), queryFn: ({ signal }) => folder(api, id, signal), enabled: enabled && id !== '' });
}

export function useVersions(id: string, enabled = true) {
  return useQuery({ queryKey: [...keys.file(id), 'versions'], queryFn: ({ signal }) => calls.versions(api, id, signal), enabled: enabled && id !== '' });
}

export function useRestoreVersion(id: string) {
  return useMutation({
    mutationFn: ({ version, seen }: { version: number; seen: string }) => calls.restoreVersion(api, id, version, seen),
    onSettled: async () => {
      void queryClient.invalidateQueries({ queryKey: ['children'] });
      void queryClient.invalidateQueries({ queryKey: ['activity'] });
      await queryClient.invalidateQueries({ queryKey: keys.file(id) });
    },
  });
}

/** Saves an older version under a name. */
export async function downloadVersion(id: string, v: Version, name: string): Promise<void> {
  const blob = await calls.bytes(api, id, v.version_number);
  saveBlob(new Blob([blob], { type: 'application/octet-stream' }), name);
}

export function useComments(id: string) {
  return useQuery({ queryKey: ['comments', id], queryFn: ({ signal }) => calls.comments(api, id, signal), refetchInterval: together });
}

export function useCommentChanges(id: string) {
  const onSettled = () => queryClient.invalidateQueries({ queryKey: ['comments', id] });
  return {
    add: useMutation({ mutationFn: (text: string) => calls.addComment(api, id, text), onSettled }),
    edit: useMutation({ mutationFn: ({ comment, text }: { comment: string; text: string }) => calls.editComment(api, comment, text), onSettled }),
    remove: useMutation({ mutationFn: (comment: string) => calls.deleteComment(api, comment), onSettled }),
  };
}

export function useTags(id: string) {
  return useQuery({ queryKey: ['tags', id], queryFn: ({ signal }) => calls.tags(api, id, signal) });
}

export function useSetTags(id: string) {
  return useMutation({
    mutationFn: (list: string[]) => calls.setTags(api, id, list),
    onSuccess: (tags) => queryClient.setQueryData(['tags', id], tags),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['tags', id] }),
  });
}

export function useActivity(id: string) {
  return useInfiniteQuery({
    queryKey: ['activity', id],
    queryFn: ({ pageParam, signal }) => calls.activity(api, id, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page: Activities) => page.next_page_token || undefined,
  });
}
