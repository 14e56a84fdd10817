// An item of the queue of uploads: a file or a folder on its way to a place.
import { randomText } from '../api/session';
import type { Mark, Source } from './shelf';

export interface Target {
  share: string;
  /** null: the share's root. */
  folder: string | null;
  name: string;
}

export type ItemState = 'waiting' | 'sending' | 'storing' | 'done' | 'failed' | 'taken' | 'absent' | 'cancelled';
export type Reason = 'taken' | 'taken-by-folder' | 'folder-is-file' | 'unreadable' | 'unreadable-folder' | 'too-large' | 'broke-off' | 'api';

export interface UploadItem {
  readonly number: number;
  /** Names it on the shelf. */
  readonly id: string;
  readonly target: Target;
  readonly dirs: readonly string[];
  name: string;
  originalName: string;
  file: (() => Promise<File>) | null;
  folderOnly: boolean;
  unreadable: boolean;
  size: number | null;
  sent: number;
  state: ItemState;
  error: { code: Reason; error?: unknown; name?: string } | null;
  /** What was sent was there already. */
  wasHere: boolean;
  limit: number;
  tries: number;
  /** One body with the whole file does not get through. */
  byParts: boolean;
  unsure: boolean;
  session: { id: string; size: number; count: number } | null;
  /** The first and the last part that were sent. */
  marks: readonly Mark[];
  source: (() => Promise<Source | null>) | null;
  /** The size it had when it was kept. */
  readonly expected: number | null;
  /** Its file was given again: what was sent must be the same. */
  check: boolean;
  lastModified: number;
  folderID: string | null;
  replace: { id: string; version: string } | null;
  keepBoth: number;
  abort: AbortController | null;
}

/** A reason of our own not to send something. */
export class Refused extends Error {
  readonly code: Reason;
  readonly about: string;

  constructor(code: Reason, about = '') {
    super(code);
    this.code = code;
    this.about = about;
  }
}

export function newItem(number: number, target: Target, have: Pick<UploadItem, 'dirs' | 'name' | 'originalName' | 'folderOnly' | 'size'> & Partial<UploadItem>): UploadItem {
  return {
    number, id: randomText(), target, file: null, unreadable: false, sent: 0, state: 'waiting', error: null, wasHere: false, limit: 0, tries: 0, byParts: false,
    unsure: false, session: null, marks: [], source: null, check: false, expected: have.size, lastModified: 0, folderID: null, replace: null, keepBoth: 0, abort: null, ...have,
  };
}

/** Tells apart where things go. */
export const placeOf = (t: Target, dirs: readonly string[], name: string) => JSON.stringify([t.share, t.folder, ...dirs, name]);
