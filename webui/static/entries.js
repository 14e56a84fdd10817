// What a person dropped or chose, file by file: {dirs, file} for a file in
// folders, {dirs, folder: true} for a folder in which nothing is.

// dropped takes what a drop holds. It must be called while the drop is handled:
// afterwards the browser forgets it. What it returns is read as it is needed, so
// that a tree of 100,000 files is never in memory at once.
export function dropped(transfer) {
  const entries = [], files = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry?.();
    if (entry) entries.push(entry);
    else {
      const file = item.getAsFile();
      if (file) files.push(file);
    }
  }
  return (async function* () {
    for (const file of files) yield { dirs: [], name: file.name, file: async () => file };
    for (const entry of entries) yield* walk(entry, []);
  })();
}

// chosen takes the files of an input; those of a folder carry their path.
export function chosen(list) {
  const files = Array.from(list);
  return (async function* () {
    for (const file of files) {
      const dirs = file.webkitRelativePath ? file.webkitRelativePath.split('/').slice(0, -1) : [];
      yield { dirs, name: file.name, size: file.size, file: async () => file };
    }
  })();
}

async function* walk(entry, dirs) {
  if (entry.isFile) {
    yield { dirs, name: entry.name, file: () => new Promise((ok, no) => { entry.file(ok, no); }) };
    return;
  }
  const below = [...dirs, entry.name];
  const reader = entry.createReader();
  let empty = true;
  for (;;) {
    let batch;
    try {
      batch = await new Promise((ok, no) => { reader.readEntries(ok, no); });
    } catch {
      yield { dirs: below, name: entry.name, folder: true, unreadable: true };
      return;
    }
    if (!batch.length) break; // readers give their entries in batches, the last is empty
    empty = false;
    for (const child of batch) yield* walk(child, below);
  }
  if (empty) yield { dirs: below, name: entry.name, folder: true };
}
