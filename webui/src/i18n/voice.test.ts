// One voice: who reads is "du" in German and "je" in Dutch, in the texts and in the help.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));
const filesOf = (language: string) => [
  ...readdirSync(`${here}${language}`).map((n) => `${here}${language}/${n}`), `${here}../views/help/${language}.md`,
];

// "Sie" at the beginning of a sentence may be a thing; after a word or a comma it is who reads.
const formal: Record<string, RegExp> = {
  de: /[a-zäöüß*`“],? Sie\b|\b(Ihre[mnrs]?|Ihnen)\b|\bIhr [A-Z]/u,
  nl: /[a-z}',] uw?[ :,.?]|\bUw? [a-z]/u,
};

test.each(Object.keys(formal))('nobody is addressed formally: %s', (language) => {
  const found = filesOf(language).flatMap((name) => readFileSync(name, 'utf8').split('\n')
    .filter((line) => formal[language]?.test(line)).map((line) => `${name}: ${line.slice(0, 120)}`));
  expect(found).toEqual([]);
});
