import { expect, test } from 'vitest';
import { compare, places } from './diff';

const text = (list: readonly string[]) => list.join('\n');
const side = (of: 'left' | 'right', pairs: ReturnType<typeof compare>) => pairs.flatMap((p) => p[of]?.text ?? []);

test('each side reads as it was, whatever the texts', () => {
  let x = 7;
  const next = (n: number) => { x = (x * 1103515245 + 12345) & 0x7fffffff; return x % n; };
  for (let round = 0; round < 300; round++) {
    const a = Array.from({ length: 1 + next(12) }, () => 'abc'[next(3)] ?? 'a');
    const b = a.filter(() => next(4) > 0).flatMap((l) => (next(4) === 0 ? [l, 'n'] : [l]));
    if (!b.length) b.push('z');
    const pairs = compare(text(a), text(b));
    expect(side('left', pairs), `${a} | ${b}`).toEqual(a);
    expect(side('right', pairs), `${a} | ${b}`).toEqual(b);
    for (const p of pairs) {
      if (p.same) expect(p.left?.text).toBe(p.right?.text);
      else expect(p.left === null || p.right === null || p.left.text !== p.right.text || !p.same).toBe(true);
    }
    expect([...pairs.flatMap((p) => p.left?.n ?? [])]).toEqual(a.map((_, i) => i + 1));
  }
});

test('what is common stays beside', () => {
  const pairs = compare('one\ntwo\nthree\nfour', 'one\n2\nthree\nfour\nfive');
  expect(pairs.filter((p) => p.same).map((p) => p.left?.text)).toEqual(['one', 'three', 'four']);
  expect(places(pairs)).toBe(2);
  expect(places(compare('a\r\nb', 'a\nb'))).toBe(0);
});
