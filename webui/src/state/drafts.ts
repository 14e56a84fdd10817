// What is typed and not stored yet. It outlives its view: when the sign-in ends, the
// page of it takes the view's place, and what was typed must be there after the next.
import { useState } from 'react';
import type { File as Stored } from '../api/types_gen';
import { onLeave } from './signin';

/** A text, and the version of the file that it began with. */
export interface Draft {
  base: Stored;
  text: string;
}

const files = new Map<string, Draft>();
const texts = new Map<string, string>();

export const draftOf = (file: string): Draft | undefined => files.get(file);

/** Keeps what is typed of a file; null forgets it. */
export function keepDraft(file: string, d: Draft | null): void {
  if (d) files.set(file, d);
  else files.delete(file);
}

/** A text that is kept by a name, such as a comment. */
export function useKeptText(name: string): [string, (text: string) => void] {
  const [text, setText] = useState(texts.get(name) ?? '');
  return [text, (v) => {
    if (v) texts.set(name, v);
    else texts.delete(name);
    setText(v);
  }];
}

onLeave(() => {
  files.clear();
  texts.clear();
});
