// Compares texts beside the page, so that nothing waits for it.
import { type Compared, compare, inline } from './diff';
import { type Merged, merge } from './merge';

export type Asked =
  | { how: 'columns' | 'inline'; texts: readonly string[] }
  | { how: 'merge'; base: string | null; theirs: string; mine: string };

export type Answered<A extends Asked> = A extends { how: 'merge' } ? Merged : Compared;

export function answer(a: Asked): Compared | Merged {
  if (a.how === 'merge') return merge(a.base, a.theirs, a.mine);
  return a.how === 'inline' ? inline(a.texts) : compare(a.texts);
}

// In the page this file is a module like others; in a worker it answers.
if (typeof WorkerGlobalScope !== 'undefined' && self instanceof WorkerGlobalScope) {
  self.addEventListener('message', (e: MessageEvent<{ id: number; ask: Asked }>) => {
    self.postMessage({ id: e.data.id, answer: answer(e.data.ask) });
  });
}
declare const WorkerGlobalScope: (new () => typeof globalThis) | undefined;
