import { expect, test, vi } from 'vitest';
import { type Row, align, compare, inline } from './diff';
import { asking, decide, merge } from './merge';
import { words } from './words';

const text = (list: readonly string[]) => list.join('\n');
const column = (i: number, rows: readonly Row[]) => rows.flatMap((r) => r.cells[i]?.parts.map((p) => p.text).join('') ?? []);

function random(seed: number) {
  let x = seed;
  return (n: number) => { x = (x * 1103515245 + 12345) & 0x7fffffff; return (x >> 8) % n; };
}

function changed(a: readonly string[], next: (n: number) => number): string[] {
  const b = a.filter(() => next(4) > 0).flatMap((l) => (next(4) === 0 ? [l, `n${next(3)}`] : [l]));
  return b.length ? b : ['z'];
}

vi.setConfig({ testTimeout: 60_000 }); // on busy machines

test('each side reads as it was, whatever the texts', () => {
  const next = random(7);
  for (let round = 0; round < 100; round++) {
    const a = Array.from({ length: 1 + next(12) }, () => 'abc'[next(3)] ?? 'a');
    const [b, c] = [changed(a, next), changed(a, next)];
    const rows = align(text(a), text(b), text(c));
    for (const [i, want] of [a, b, c].entries()) {
      expect(column(i, rows)).toEqual(want);
      expect(rows.flatMap((r) => r.cells[i]?.n ?? [])).toEqual(want.map((_, n) => n + 1));
    }
    for (const r of rows) {
      const said = r.cells.map((x) => x?.parts.map((p) => p.text).join(''));
      if (!r.place) expect(new Set(said).size).toBe(1);
      else expect(r.cells.some((x) => x === null || x.kind !== '')).toBe(true);
    }
    const one = inline([text(a), text(b)]);
    expect(one.rows.filter((r) => r.cells[0]?.kind !== 'add').flatMap((r) => r.cells[0]?.parts.map((p) => p.text).join('') ?? [])).toEqual(a);
    expect(one.rows.filter((r) => r.cells[0]?.kind !== 'del').flatMap((r) => r.cells[0]?.parts.map((p) => p.text).join('') ?? [])).toEqual(b);
  }
});

test('what is common stays beside', () => {
  const { rows, places } = compare(['one\ntwo\nthree\nfour', 'one\n2\nthree\nfour\nfive']);
  expect(rows.filter((r) => !r.place).map((r) => r.cells[0]?.parts[0]?.text)).toEqual(['one', 'three', 'four']);
  expect(places).toBe(2);
  const ends = compare(['a\r\nb', 'a\nb']);
  expect([ends.places, ends.ends]).toEqual([0, true]);
  expect(compare(['a\n', 'a']).ends).toBe(true);
});

test('long texts fold, and stay within bounds when nothing is common', () => {
  const long = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
  const other = long.map((l, i) => (i === 5_000 || i === 15_000 ? `${l} new` : l));
  const c = compare([text(long), text(other)]);
  expect([c.places, c.rows.length]).toEqual([2, 2 * 7 + 3]);
  expect(c.rows[0]?.fold).toBe(4_997);
  const all = compare([text(long), text(long.map((l) => `x${l}`))]);
  expect([all.places, all.rows.length, all.left]).toEqual([1, 3_000, 17_000]);
  const next = random(3);
  long.length = 5_000;
  const shuffled = long.map((l) => ({ l, at: next(1_000_000) })).sort((a, b) => a.at - b.at).map((x) => x.l);
  const began = performance.now();
  compare([text(long), text(shuffled)]);
  expect(performance.now() - began).toBeLessThan(30_000);
});

test('words that differ are marked', () => {
  const [a, b] = words('Pour on 24 Nov, if dry', 'Pour on 27 Nov, if dry');
  expect(a.filter((p) => p.changed).map((p) => p.text)).toEqual(['24']);
  expect(b.filter((p) => p.changed).map((p) => p.text)).toEqual(['27']);
  expect(words('abc def', 'xyz')).toEqual([[{ text: 'abc def', changed: true }], [{ text: 'xyz', changed: true }]]);
});

test('a merge takes what one side changed, and asks for the rest', () => {
  const base = 'a\nb\nc\nd\ne\n';
  expect(merge(base, 'a\nB\nc\nd\ne\n', 'a\nb\nc\nd\nE\n')).toEqual({ text: 'a\nB\nc\nd\nE\n', clear: 2, open: 0 });
  expect(merge(base, 'a\nB\nc\nd\ne\n', 'a\nB\nc\nd\ne\n')).toEqual({ text: 'a\nB\nc\nd\ne\n', clear: 1, open: 0 });
  const both = merge(base, 'a\nT\nc\nd\ne\n', 'a\nM\nc\nD\ne\n');
  expect([both.clear, both.open]).toEqual([1, 1]);
  expect(asking(both.text)).toEqual([{ n: 1, mine: 'M', theirs: 'T' }]);
  expect(decide(both.text, 1, 'mine')).toBe('a\nM\nc\nD\ne\n');
  expect(decide(both.text, 1, 'theirs')).toBe('a\nT\nc\nD\ne\n');
  expect(decide(both.text, 1, 'both')).toBe('a\nM\nT\nc\nD\ne\n');
  expect(merge(null, 'a\nT', 'a\nM').open).toBe(1);
});

test('a merge loses nothing that one side alone changed, and is one side where the other did nothing', () => {
  const next = random(11);
  for (let round = 0; round < 100; round++) {
    const a = Array.from({ length: 1 + next(12) }, () => 'abcdefgh'[next(8)] ?? 'a');
    const b = changed(a, next);
    expect(merge(text(a), text(b), text(a)).text).toBe(text(b));
    expect(merge(text(a), text(a), text(b)).text).toBe(text(b));
    const c = changed(a, next);
    let both = merge(text(a), text(b), text(c));
    let [mine, theirs] = [merge(null, text(b), text(c)).text, merge(null, text(b), text(c)).text];
    for (const o of asking(mine)) { mine = decide(mine, o.n, 'mine'); theirs = decide(theirs, o.n, 'theirs'); }
    expect([mine, theirs]).toEqual([text(c), text(b)]);
    for (const o of asking(both.text)) both = { ...both, text: decide(both.text, o.n, 'both') };
    expect(asking(both.text)).toEqual([]);
    expect(both.text).not.toMatch(/^[<>=]{7} \d/m);
  }
});
