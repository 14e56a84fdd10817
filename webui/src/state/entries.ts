// What a person dropped or chose, file by file, read as it is needed, so that a
// tree of 100,000 files is never in memory at once.

import type { Source } from './shelf';

export interface Entry {
  /** The folders it lies in, below the target. */
  dirs: string[];
  name: string;
  size?: number;
  /** A folder in which nothing is. */
  folderOnly?: boolean;
  unreadable?: boolean;
  file?: () => Promise<File>;
  /** Where the file is found again after a reload, if the browser tells. */
  source?: () => Promise<Source | null>;
}

type WithHandle = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> };

/** Takes what a drop holds. It must be called while the drop is handled: afterwards the browser forgets it. */
export function dropped(transfer: DataTransfer): AsyncGenerator<Entry> {
  const entries: { entry: FileSystemEntry; root: Promise<FileSystemHandle | null> }[] = [];
  const files: File[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry?.();
    const file = entry ? null : item.getAsFile();
    if (entry) entries.push({ entry, root: (item as WithHandle).getAsFileSystemHandle?.().catch(() => null) ?? Promise.resolve(null) });
    else if (file) files.push(file);
  }
  return (async function* () {
    for (const file of files) yield { dirs: [], name: file.name, file: async () => file };
    for (const { entry, root } of entries) yield* walk(entry, [], root);
  })();
}

/** Takes the files of an input; those of a folder carry their path. */
export const chosen = (list: FileList): AsyncGenerator<Entry> => chosenFiles(Array.from(list));

export function chosenFiles(files: readonly File[]): AsyncGenerator<Entry> {
  return (async function* () {
    for (const file of files) {
      const dirs = file.webkitRelativePath ? file.webkitRelativePath.split('/').slice(0, -1) : [];
      yield { dirs, name: file.name, size: file.size, file: async () => file };
    }
  })();
}

async function* walk(entry: FileSystemEntry, dirs: string[], from: Promise<FileSystemHandle | null>): AsyncGenerator<Entry> {
  if (entry.isFile) {
    const one = entry as FileSystemFileEntry;
    const way = dirs.length ? [...dirs.slice(1), entry.name] : [];
    yield {
      dirs, name: entry.name, file: () => new Promise((ok, no) => { one.file(ok, no); }),
      source: async () => { const root = await from; return root && { root, way }; },
    };
    return;
  }
  const below = [...dirs, entry.name];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  let empty = true;
  for (;;) {
    let batch: FileSystemEntry[];
    try {
      batch = await new Promise((ok, no) => { reader.readEntries(ok, no); });
    } catch {
      yield { dirs: below, name: entry.name, folderOnly: true, unreadable: true };
      return;
    }
    if (!batch.length) break; // readers give their entries in batches, the last is empty
    empty = false;
    for (const child of batch) yield* walk(child, below, from);
  }
  if (empty) yield { dirs: below, name: entry.name, folderOnly: true };
}
