import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const pages = (language: string) => [...readFileSync(path.join(import.meta.dirname, `${language}.md`), 'utf8').matchAll(/^@(\S+) (\S+) (\S.*)\n(?!@)/gm)].map((m) => `${m[1]} ${m[2]}`);

test('every language has the same pages, each with a text', () => {
  const en = pages('en');
  expect(en.length).toBeGreaterThan(30);
  expect(new Set(en).size).toBe(en.length);
  for (const language of ['de', 'nl']) expect(pages(language), language).toEqual(en);
});
