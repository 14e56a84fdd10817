import { expect, test } from 'vitest';
import type { Item } from '../api/types_gen';
import { Rows } from './rows';

test('rows are found in pages of any length', () => {
  const item = (id: number) => ({ id: String(id) }) as Item;
  const rows = new Rows([[item(0), item(1)], [], [item(2)], [item(3), item(4), item(5)]]);
  expect(rows.length).toBe(6);
  expect(Array.from({ length: 8 }, (_, i) => rows.at(i - 1)?.id)).toEqual([undefined, '0', '1', '2', '3', '4', '5', undefined]);
  expect(rows.indexOf('4')).toBe(4);
  expect([...rows].map((r) => r.id)).toEqual(['0', '1', '2', '3', '4', '5']);
});
