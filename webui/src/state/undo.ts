// What can be taken back: what was done last comes first. Undoing is an action of its own.
import { onLeave } from './signin';
import { Store, useStore } from './store';

const most = 20;

export interface Action {
  id: number;
  /** What was done. */
  text: string;
  at: Date;
  /** The jobs on the server that did it. */
  jobs: readonly string[];
  /** Takes it back, once. */
  undo: () => void;
}

let number = 0;
const actions = new Store<readonly Action[]>([]);

/** What this window can take back, the last first. */
export const useActionsDone = () => useStore(actions);

/** Keeps a way back; what it gives goes it once. */
export function undoable(text: string, run: () => void, jobs: readonly string[] = []): () => void {
  const id = ++number;
  const undo = () => {
    if (!actions.get().some((a) => a.id === id)) return;
    actions.update((list) => list.filter((a) => a.id !== id));
    run();
  };
  actions.update((list) => [{ id, text, at: new Date(), jobs, undo }, ...list].slice(0, most));
  return undo;
}

/** Takes back the last action; false: there is none. */
export function undoLast(): boolean {
  const [last] = actions.get();
  last?.undo();
  return last !== undefined;
}

onLeave(() => actions.set([])); // what one person did, nobody else takes back
