// What stands beside files and folders: versions, comments, tags, what happened.
import { type Api, newKey, wholeList } from './api';
import { kindOf } from './sharing';
import type { Activities, Comment, Comments, RestoredVersion, Tags, Version, Versions } from './types_gen';

const id = encodeURIComponent;
const place = (which: string) => `/${kindOf(which)}s/${id(which)}`;

export const versions = (api: Api, file: string, signal?: AbortSignal) => wholeList<Version>(async (offset) => {
  const r = await api.call<Versions>('GET', `/files/${id(file)}/versions`, { query: { limit: 100, offset: offset || null }, signal });
  return { items: r.versions, total: r.total };
});

export const restoreVersion = (api: Api, file: string, version: number, seen: string) =>
  api.call<RestoredVersion>('POST', `/files/${id(file)}/versions/${version}/restore`, { ifMatch: seen || undefined, key: newKey() });

/** The bytes of a file; version 0 is the current one. */
export const bytes = async (api: Api, file: string, version: number, signal?: AbortSignal) =>
  (await api.stream(`/files/${id(file)}/content`, { query: { version: version || null }, signal })).blob();

export const comments = (api: Api, which: string, signal?: AbortSignal) => wholeList<Comment>(async (offset) => {
  const r = await api.call<Comments>('GET', `${place(which)}/comments`, { query: { limit: 100, offset: offset || null }, signal });
  return { items: r.comments, total: r.total };
});

export const addComment = (api: Api, which: string, text: string) => api.call<Comment>('POST', `${place(which)}/comments`, { json: { text }, key: newKey() });

export const editComment = (api: Api, comment: string, text: string) => api.call<Comment>('PATCH', `/comments/${id(comment)}`, { json: { text }, key: newKey() });

export const deleteComment = (api: Api, comment: string) => api.call<null>('DELETE', `/comments/${id(comment)}`, { key: newKey() });

export const tags = (api: Api, which: string, signal?: AbortSignal) => api.call<Tags>('GET', `${place(which)}/tags`, { signal });

export const setTags = (api: Api, which: string, list: string[]) => api.call<Tags>('PUT', `${place(which)}/tags`, { json: { tags: list }, key: newKey() });

/** What happened to a file, in a folder, or in a share; latest first. */
export const activity = (api: Api, which: string, token: string, signal?: AbortSignal, limit = 30) =>
  api.call<Activities>('GET', '/activity', { query: { [`${kindOf(which)}_id`]: which, limit, page_token: token }, signal });
