// Comparing texts: in a worker where there is one.
import { useEffect, useState } from 'react';
import { type Answered, type Asked, answer } from './worker';

export type { Cell, Compared, Row } from './diff';
export type { Part } from './words';
export { asking, decide, type Merged } from './merge';

/** Bytes of a text that is compared, at most. */
export const mostText = 2_000_000;

interface Waiting {
  settle: (value: never) => void;
  ask: Asked;
}

let worker: Worker | null | undefined; // null: there is none
let number = 0;
const waiting = new Map<number, Waiting>();

function start(): Worker | null {
  if (worker !== undefined) return worker;
  try {
    const made = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    made.onmessage = (e: MessageEvent<{ id: number; answer: never }>) => {
      waiting.get(e.data.id)?.settle(e.data.answer);
      waiting.delete(e.data.id);
    };
    made.onerror = () => { // then the page does it
      worker = null;
      for (const w of waiting.values()) w.settle(answer(w.ask) as never);
      waiting.clear();
    };
    worker = made;
  } catch {
    worker = null;
  }
  return worker;
}

export function compared<A extends Asked>(ask: A): Promise<Answered<A>> {
  const w = start();
  if (!w) return Promise.resolve(answer(ask) as Answered<A>);
  return new Promise((settle) => {
    const id = ++number;
    waiting.set(id, { settle: settle as (v: never) => void, ask });
    w.postMessage({ id, ask });
  });
}

/** What comes of texts; null: it is being worked out, or nothing was asked. The same asking must be the same object. */
export function useCompared<A extends Asked>(ask: A | null): Answered<A> | null {
  const [done, set] = useState<{ ask: A; is: Answered<A> } | null>(null);
  useEffect(() => {
    if (!ask) return undefined;
    let over = false;
    void compared(ask).then((is) => { if (!over) set({ ask, is }); });
    return () => { over = true; };
  }, [ask]);
  return done && done.ask === ask ? done.is : null;
}
