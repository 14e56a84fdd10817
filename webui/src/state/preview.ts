// What a file holds, to be looked at: pictures that the server makes, text, sound
// and film. And text that was edited, back into the file.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { file } from '../api/nodes';
import type { Effective, File as Stored } from '../api/types_gen';
import { completeUpload, createUpload, putPart, sendFile } from '../api/uploads';
import { numbered } from '../i18n/names';
import { api, keys, queryClient } from './client';
import { mediaAddress } from './worker';

export const mostText = 2_000_000; // bytes of a text that is shown
const mostBlob = 100_000_000; // bytes of sound or film that are loaded as a whole, where there is no worker

export type Look = 'picture' | 'pages' | 'text' | 'markdown' | 'audio' | 'video' | 'none';

const types: Record<string, string> = {
  mp4: 'video/mp4', m4v: 'video/mp4', mov: 'video/mp4', webm: 'video/webm', mkv: 'video/x-matroska',
  mp3: 'audio/mpeg', m4a: 'audio/mp4', aac: 'audio/aac', flac: 'audio/flac', wav: 'audio/wav', ogg: 'audio/ogg', opus: 'audio/ogg',
};
const pictures = new Set('jpg jpeg png gif webp bmp tif tiff'.split(' '));
const texts = new Set(('txt log tex csv tsv js mjs cjs ts tsx jsx go py java c h cc cpp hpp cs rs rb php swift kt sh bash ps1 bat sql html htm css scss svg xml '
  + 'json jsonl yaml yml toml ini conf cfg env properties diff patch vue lua pl r m tf proto graphql gitignore dockerfile makefile').split(' '));

export const endingOf = (name: string) => { const dot = name.lastIndexOf('.'); return (dot >= 0 ? name.slice(dot + 1) : name).toLowerCase(); };

/** Says how a file is looked at. The name decides: no type that somebody claimed is trusted. */
export function lookOf(name: string, size: number): Look {
  const e = endingOf(name);
  if (pictures.has(e)) return 'picture';
  if (e === 'pdf') return 'pages';
  if (e === 'md' || e === 'markdown') return size <= mostText ? 'markdown' : 'none';
  if (texts.has(e)) return size <= mostText ? 'text' : 'none';
  const type = types[e];
  return type?.startsWith('video/') ? 'video' : type ? 'audio' : 'none';
}

/** The text of a version; null: it is none. */
export function useContentText(f: Stored | undefined, enabled: boolean) {
  return useQuery({
    queryKey: ['file', f?.id, 'text', f?.version_id], enabled: enabled && Boolean(f), staleTime: Infinity, gcTime: 60_000,
    queryFn: async ({ signal }) => {
      const r = await api.stream(`/files/${encodeURIComponent(f?.id ?? '')}/content`, { signal, headers: { 'If-Match': `"${f?.version_id ?? ''}"` } });
      try {
        return new TextDecoder('utf-8', { fatal: true }).decode(await r.arrayBuffer());
      } catch {
        return null;
      }
    },
  });
}

export interface Picture { url: string; pages: number }

/** A picture of a page, made by the server. */
export function usePicture(f: Stored | undefined, page: number, enabled: boolean) {
  const query = useQuery({
    queryKey: ['file', f?.id, 'picture', f?.version_id, page], enabled: enabled && Boolean(f), staleTime: Infinity, gcTime: 60_000, retry: false,
    queryFn: async ({ signal }) => {
      const r = await api.stream(`/files/${encodeURIComponent(f?.id ?? '')}/preview`, { query: { page, size: 1024 }, signal });
      return { blob: await r.blob(), pages: Number(r.headers.get('X-Page-Count')) || 1 };
    },
  });
  return { ...query, url: useBlobAddress(query.data?.blob), pages: query.data?.pages ?? 1 };
}

function useBlobAddress(blob: Blob | undefined | null): string | null {
  const [url, setURL] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) return setURL(null);
    const made = URL.createObjectURL(blob);
    setURL(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}

/** Where a player finds sound or film: in ranges by the worker, else loaded as a whole. null: nowhere yet; tooLarge: nowhere. */
export function useMedia(f: Stored | undefined, enabled: boolean) {
  const type = types[endingOf(f?.name ?? '')] ?? '';
  const direct = f && enabled ? mediaAddress(f.id, type) : null;
  const [broken, setBroken] = useState(false);
  const whole = enabled && Boolean(f) && (!direct || broken);
  const tooLarge = whole && (f?.size ?? 0) > mostBlob;
  const query = useQuery({
    queryKey: ['file', f?.id, 'media', f?.version_id], enabled: whole && !tooLarge, staleTime: Infinity, gcTime: 0,
    queryFn: async ({ signal }) => new Blob([await (await api.stream(`/files/${encodeURIComponent(f?.id ?? '')}/content`, { signal })).arrayBuffer()], { type }),
  });
  const blob = useBlobAddress(query.data);
  return { url: direct && !broken ? direct : blob, tooLarge, error: query.error, failed: () => setBroken(true), gaveUp: broken || !direct };
}

/** undefined: it is not known yet. */
export function useMayWrite(id: string, enabled: boolean): boolean | undefined {
  const { data } = useQuery({
    queryKey: ['file', id, 'effective'], enabled,
    queryFn: ({ signal }) => api.call<Effective>('GET', '/permissions/effective', { query: { resource_type: 'file', resource_id: id }, signal }),
  });
  return data?.can_write;
}

/** Makes a text the new version of a file, if the file still has that version. */
export async function saveText(f: Stored, text: string, version: string): Promise<void> {
  const bytes = new TextEncoder().encode(text).buffer as ArrayBuffer;
  const s = await createUpload(api, {
    share_id: f.share_id, file_name: f.name, file_size: bytes.byteLength, replace_file_id: f.id, modified_at: new Date().toISOString(),
    ...(f.folder_id ? { folder_id: f.folder_id } : {}),
  });
  for (let i = 0; i < s.total_chunks; i++) await putPart(api, s.session_id, i, new Blob([bytes.slice(i * s.chunk_size, (i + 1) * s.chunk_size)]), {});
  await completeUpload(api, s.session_id, version);
}

/** Makes a text the new version of a file, if the file still has the version that was edited. */
export function useSaveText() {
  return useMutation({
    mutationFn: ({ f, text, version }: { f: Stored; text: string; version: string }) => saveText(f, text, version),
    // The next edit begins with what this one made: the file is known anew before it is over.
    onSuccess: async (_, { f }) => {
      await fileNow(f.id).catch(() => {}); // it is stored all the same
      refresh(f);
    },
  });
}

/** Stores a text beside the file. */
export function useSaveCopy() {
  return useMutation({
    mutationFn: async ({ f, text }: { f: Stored; text: string }) => {
      const bytes = new TextEncoder().encode(text).buffer as ArrayBuffer;
      for (let n = 2; ; n++) {
        try {
          return await sendFile(api, { share: f.share_id, folder: f.folder_id, name: numbered(f.name, n), modified: new Date(), bytes }, {});
        } catch (e) {
          if (n > 20 || (e as { status?: number }).status !== 409) throw e;
        }
      }
    },
    onSuccess: (_, { f }) => refresh(f),
  });
}

/** Gives the file as the server has it now. */
export const fileNow = (id: string) => queryClient.fetchQuery({ queryKey: keys.file(id), queryFn: () => file(api, id), staleTime: 0 });

function refresh(f: Stored): void {
  void queryClient.invalidateQueries({ queryKey: keys.file(f.id) });
  void queryClient.invalidateQueries({ queryKey: keys.listing(f.share_id, f.folder_id) });
}
