// Texts for components: useTexts('files').upload, useFormat().size(n).
import { createContext, useContext } from 'react';
import type { Area, Texts } from './areas';
import type { Format } from './format';
import type { Spoken } from './load';

export type { Area, Texts } from './areas';
export { Format } from './format';
export { visible } from './names';

const Context = createContext<Spoken | null>(null);

export const TextsProvider = Context.Provider;

export function useSpoken(): Spoken {
  const s = useContext(Context);
  if (!s) throw new Error('no language is loaded');
  return s;
}

/** Gives the texts of an area. */
export function useTexts<A extends Area>(area: A): Texts[A] {
  return useSpoken().texts[area];
}

export function useFormat(): Format {
  return useSpoken().format;
}
