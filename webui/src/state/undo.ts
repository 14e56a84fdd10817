// What can be taken back: the last action first. Undoing is an action of its own.
const most = 20;
const list: { run: () => void }[] = [];

/** Keeps a way back; what it gives runs it once. */
export function undoable(run: () => void): () => void {
  const entry = {
    run: () => {
      const i = list.indexOf(entry);
      if (i < 0) return;
      list.splice(i, 1);
      run();
    },
  };
  list.push(entry);
  if (list.length > most) list.shift();
  return entry.run;
}

/** Takes back the last action; false: there is none. */
export function undoLast(): boolean {
  const last = list.at(-1);
  last?.run();
  return last !== undefined;
}

export function forgetUndo(): void { list.length = 0; }
