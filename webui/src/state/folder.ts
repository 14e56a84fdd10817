// A folder: the way to it, what is in it, and what can be done there.
import { useMutation, useQuery } from '@tanstack/react-query';
import { type Goal, type ListingQuery, type Node, allChildren, archive, createFolder, folder, place, rename, restore, trash } from '../api/nodes';
import { ApiError } from '../api/errors';
import type { File, Folder, Item } from '../api/types_gen';
import { api, keys, queryClient } from './client';
import { refreshShares } from './jobs';
import { patchItem } from './listing';
import { markPending } from './pending';

export interface Step {
  id: string;
  name: string;
}

/** The folders from below the root down to one, itself included; [] for the root. */
export function useTrail(share: string, id: string | null) {
  return useQuery({
    queryKey: ['folder', id ?? 'root', 'trail', share],
    enabled: id !== null,
    queryFn: async ({ signal }) => {
      const steps: Step[] = [];
      for (let at: string | null = id; at;) {
        const f: Folder = await queryClient.fetchQuery({ queryKey: keys.folder(at), queryFn: () => folder(api, at as string, signal), staleTime: 5_000 });
        if (f.share_id !== share || f.is_deleted) throw new ApiError(404, { detail: 'Not found' });
        steps.unshift({ id: f.id, name: f.name });
        at = f.parent_id;
      }
      return steps;
    },
  });
}

// Nobody waits for the listing: what was done is told at once.
function refreshListings(share: string): void {
  void queryClient.invalidateQueries({ queryKey: keys.listings(share) });
}

export function useCreateFolder(share: string, parent: string | null) {
  return useMutation({
    mutationFn: (name: string) => createFolder(api, share, parent, name),
    onSuccess: () => refreshListings(share),
  });
}

export interface Trashed {
  done: Node[];
  failed: { node: Node; error: unknown }[];
}

/** Moves things to the trash, a few at once; what fails doesn't stop the others. */
export function useTrash(share: string) {
  return useMutation({
    mutationFn: async (nodes: readonly Node[]): Promise<Trashed> => each(nodes, (n) => trash(api, n)),
    onSettled: () => refreshListings(share),
  });
}

export function useRestore(share: string) {
  return useMutation({
    mutationFn: (nodes: readonly Node[]) => each(nodes, (n) => restore(api, n)),
    onSettled: () => refreshListings(share),
  });
}

async function each(nodes: readonly Node[], run: (n: Node) => Promise<unknown>): Promise<Trashed & { answers: unknown[] }> {
  const out: Trashed & { answers: unknown[] } = { done: [], failed: [], answers: [] };
  const queue = [...nodes];
  await Promise.all(Array.from({ length: 3 }, async () => {
    for (let n = queue.shift(); n; n = queue.shift()) {
      try {
        out.answers.push(await run(n));
        out.done.push(n);
      } catch (error) {
        out.failed.push({ node: n, error });
      }
    }
  }));
  return out;
}

/** Renames; the new name shows at once, and the old one again when it is refused. */
export async function renameItem(share: string, item: Item, name: string): Promise<File | Folder> {
  await queryClient.cancelQueries({ queryKey: keys.listings(share) });
  patchItem(share, item.id, { name });
  const confirmed = markPending([item.id]);
  try {
    return await rename(api, item, name);
  } catch (e) {
    patchItem(share, item.id, { name: item.name });
    throw e;
  } finally {
    confirmed();
    refreshShares([share]);
  }
}

/** Moves or copies one thing. */
export async function placeItem(how: 'move' | 'copy', item: Item, to: Goal, name?: string): Promise<File | Folder> {
  const confirmed = how === 'move' ? markPending([item.id]) : () => {};
  try {
    return await place(api, how, item, to, name);
  } finally {
    confirmed();
    refreshShares([item.share_id, to.share]);
  }
}

export const trashItem = (item: Node, share: string) => trash(api, item).finally(() => refreshShares([share]));

/** Gives everything of a folder but some, also what no listing has loaded. */
export async function everythingIn(q: ListingQuery, but: ReadonlySet<string>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const page of allChildren(api, q)) all.push(...page.filter((i) => !but.has(i.id)));
  return all;
}

/** Has the browser download an archive of files and folders. */
export async function downloadArchive(ids: readonly string[]): Promise<void> {
  const { url } = await archive(api, ids);
  const a = document.createElement('a');
  a.href = url;
  a.download = '';
  a.click();
}
