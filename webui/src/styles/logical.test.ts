import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const src = path.resolve(import.meta.dirname, '..');

// Right to left needs only `dir`: what is beside stands at the start or the end,
// never left or right. Sides that are equal ("inset: 0", "padding: 0 1rem") say neither.
test('no style knows left and right', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.css'));
  expect(files.length).toBeGreaterThan(10);
  for (const f of files) {
    const css = readFileSync(path.join(src, f), 'utf8').replace(/\/\*[^]*?\*\//g, '');
    const bad: string[] = [];
    for (const [all, property = '', value = ''] of css.matchAll(/(?<=[{;]\s*)([\w-]+)\s*:\s*([^;{}]+)/g)) {
      const sided = /^(left|right|(margin|padding|border|scroll-margin|scroll-padding)-(left|right)(-\w+)?|border-(top|bottom)-(left|right)-radius)$/.test(property);
      const aligned = /^(text-align|float|clear)$/.test(property) && /\b(left|right)\b/.test(value);
      const sides = value.match(/(?:[^\s()]|\([^()]*(?:\([^()]*\)[^()]*)*\))+/g) ?? [];
      const uneven = /^(inset|margin|padding)$/.test(property) && sides.length === 4 && sides[1] !== sides[3];
      if (sided || aligned || uneven) bad.push(all);
    }
    expect(bad, f).toEqual([]);
  }
});
