// The languages that are complete. Another one: a folder with the same files, and
// a line here.
export const languages = { en: 'English', de: 'Deutsch', nl: 'Nederlands' } as const;

export type Language = keyof typeof languages;

const rightToLeft = new Set(['ar', 'dv', 'fa', 'he', 'ku', 'ps', 'ur', 'yi']);

export const directionOf = (language: string): 'ltr' | 'rtl' => (rightToLeft.has(language.split('-')[0] ?? '') ? 'rtl' : 'ltr');

/** Chooses by what the person set, then by what the browser asks for. */
export function choose(set: string | undefined, wanted: readonly string[]): Language {
  for (const w of [set ?? '', ...wanted]) {
    const l = w.toLowerCase().split('-')[0] ?? '';
    if (l in languages) return l as Language;
  }
  return 'en';
}
