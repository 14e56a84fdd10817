// A language's texts are one chunk, loaded when it is chosen.
import type { Makers, Texts } from './areas';
import { Format } from './format';
import type { Language } from './languages';

type Files = Record<string, (f: Format) => Texts[keyof Texts]>;

const loaders: Record<Language, () => Promise<{ default: Files }>> = {
  en: () => import('./en'),
  de: () => import('./de'),
  nl: () => import('./nl'),
};

export interface Spoken {
  language: Language;
  texts: Texts;
  format: Format;
}

export async function load(language: Language): Promise<Spoken> {
  const format = new Format(language);
  return { language, format, texts: make((await loaders[language]()).default, format) };
}

/** Makes the texts of a language of its files ("./files.ts" is the area files). */
export function make(files: Files, format: Format): Texts {
  const texts: Record<string, unknown> = {};
  for (const [path, maker] of Object.entries(files)) texts[path.slice(2).replace(/\.ts$/, '') satisfies string as keyof Makers] = maker(format);
  return texts as unknown as Texts;
}
