// What a version of a file held.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { bytes } from '../api/annotate';
import type { Version } from '../api/types_gen';
import { api } from './client';
import { endingOf } from './preview';

export const mostPicture = 25_000_000; // bytes

const pictures: Record<string, string> = { png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp', avif: 'image/avif', bmp: 'image/bmp' };

/** The type that a browser draws a picture of that name as, '' if it is none. The name decides. */
export const pictureType = (name: string) => pictures[endingOf(name)] ?? '';

/** The text of bytes; null: they are none. */
export function textOf(content: ArrayBuffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return null;
  }
}

const read = (file: string, v: Version, signal: AbortSignal) => bytes(api, file, v.version_number, signal);

/** The text of a version; null: it is none. */
export function useVersionText(file: string, v: Version | undefined, enabled = true) {
  return useQuery({
    queryKey: ['version', v?.id, 'text'], enabled: enabled && Boolean(v), staleTime: Infinity, gcTime: 120_000,
    queryFn: async ({ signal }) => textOf(await (await read(file, v as Version, signal)).arrayBuffer()),
  });
}

/** An address of a version's bytes as a picture; null: not yet. */
export function useVersionPicture(file: string, v: Version | undefined, type: string) {
  const query = useQuery({
    queryKey: ['version', v?.id, 'bytes'], enabled: type !== '' && Boolean(v), staleTime: Infinity, gcTime: 30_000,
    queryFn: ({ signal }) => read(file, v as Version, signal),
  });
  return { ...query, url: usePictureAddress(query.data, type) };
}

export function usePictureAddress(blob: Blob | undefined | null, type: string): string | null {
  const [url, setURL] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) return setURL(null);
    const made = URL.createObjectURL(new Blob([blob], { type }));
    setURL(made);
    return () => URL.revokeObjectURL(made);
  }, [blob, type]);
  return url;
}
