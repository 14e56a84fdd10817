import { describe, expect, test } from 'vitest';
import { Format } from './format';
import { type Language, choose, languages } from './languages';
import { load } from './load';
import { numbered, visible } from './names';

// shape gives the paths of all texts, with what kind each is.
function shape(value: unknown, path = ''): string[] {
  if (value !== null && typeof value === 'object') return Object.entries(value).flatMap(([k, v]) => shape(v, `${path}.${k}`));
  if (typeof value === 'string' && value.trim() === '') return [`${path}: empty`];
  return [`${path}: ${typeof value}`];
}

describe('every language has every text', async () => {
  const en = shape((await load('en')).texts).sort();
  test('English has some', () => expect(en.length).toBeGreaterThan(100));
  for (const l of Object.keys(languages) as Language[]) {
    test(l, async () => expect(shape((await load(l)).texts).sort()).toEqual(en));
  }
});

test('words that are not ours', async () => {
  for (const l of Object.keys(languages) as Language[]) {
    const text = JSON.stringify((await load(l)).texts, (_k, v: unknown) => (typeof v === 'function' ? String(v) : v));
    for (const bad of ['please', 'Please', 'Oops', 'successfully', 'Bitte', 'alstublieft', 'erfolgreich']) {
      expect(text.includes(bad), `${l}: ${bad}`).toBe(false);
    }
  }
});

test('the language of the person, then of the browser', () => {
  expect(choose('nl', ['de-CH'])).toBe('nl');
  expect(choose(undefined, ['fr', 'de-CH', 'en'])).toBe('de');
  expect(choose('xx', ['fr'])).toBe('en');
});

test('figures', () => {
  const f = new Format('en');
  expect([0, 999, 1000, 18_200_000, 1_240_000_000].map((n) => f.size(n).replace('\u00a0', ' '))).toEqual(['0 B', '999 B', '1 kB', '18.2 MB', '1.24 GB']);
  expect(new Format('de').size(2_400_000)).toBe('2,4\u00a0MB');
  expect(f.count(1, { one: '# item', other: '# items' })).toBe('1 item');
  expect(f.count(1204, { one: '# item', other: '# items' })).toBe('1,204 items');
});

test('dates', () => {
  const f = new Format('en');
  const now = new Date(2026, 10, 18, 12);
  expect(f.when(new Date(2026, 10, 18, 9, 41), now)).toBe('Today 09:41');
  expect(f.when(new Date(2026, 10, 17, 23), now)).toBe('Yesterday');
  expect(f.when(new Date(2026, 10, 12), now)).toBe('12 Nov');
  expect(f.when(new Date(2025, 11, 19), now)).toBe('19 Dec 2025');
  expect(new Format('de').when(new Date(2026, 10, 18, 9, 41), now)).toBe('Heute 09:41');
});

test('names show what would not be seen', () => {
  expect(visible('invoice\u202etxt.exe')).toBe('invoice□txt.exe');
  expect(visible('a\u0007b\u200bc')).toBe('a□b□c');
  expect(visible('👩‍🚀.jpg')).toBe('👩‍🚀.jpg');
  expect(numbered('a.txt', 2)).toBe('a (2).txt');
  expect(numbered('.env', 2)).toBe('.env (2)');
});
