import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { familyOf } from './icon';

const src = path.resolve(import.meta.dirname, '..');

test('the names of icons are those of the sprite', () => {
  const have = [...readFileSync(`${src}/styles/icons.svg`, 'utf8').matchAll(/symbol id="[if]-(\w+)"/g)].map((m) => m[1]).sort();
  const told = [...readFileSync(`${src}/components/iconnames.ts`, 'utf8').matchAll(/'(\w+)'/g)].map((m) => m[1]).sort();
  expect(told).toEqual(have);
});

test('families by ending', () => {
  expect(['a.PDF', 'b.tar.gz', '.env', 'x', 'plan.dwg'].map(familyOf)).toEqual(['pdf', 'zip', 'file', 'file', 'drawing']);
});

// Colours are tokens: no other style sheet and no component writes one.
test('no colour outside the tokens', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.(css|tsx)$/.test(f) && !f.startsWith('styles/tokens.css') && !f.startsWith('styles/themes.css'));
  expect(files.length).toBeGreaterThan(10);
  for (const f of files) {
    const bad = readFileSync(path.join(src, f), 'utf8').match(/#[0-9a-fA-F]{3,8}\b(?![\w-])|\brgba?\(|\bhsla?\(|light-dark\(/g)?.filter((m) => !/^#(?:i|f)/.test(m));
    expect(bad ?? [], f).toEqual([]);
  }
});
