import { expect, test } from 'vitest';
import type { Item } from '../api/types_gen';
import { Rows, type Tail } from './rows';

const item = (id: string) => ({ id, name: id }) as Item;
const items = (text: string) => [...text].map(item);
const tail = (total: number, more: Partial<Tail> = {}): Tail => ({ total, exact: true, seekable: true, token: '', ...more });
const shown = (r: Rows) => Array.from({ length: r.total }, (_, i) => r.at(i)?.id ?? '.').join('');
const fresh = (at: number, page: string, t: Tail) => new Rows([], new Map(), t).fresh(at, items(page), t);

test('pages stand at their places', () => {
  let r = fresh(0, 'abc', tail(9));
  expect(shown(r)).toBe('abc......');
  r = r.merged(5, items('fgh'), tail(9));
  expect(shown(r)).toBe('abc..fgh.');
  expect([r.hole(0, 8), r.hole(5, 7), r.indexOf('g'), r.complete]).toEqual([3, -1, 6, false]);
  r = r.merged(3, items('de'), tail(9)).merged(8, items('i'), tail(9));
  expect([shown(r), r.complete, [...r].length]).toEqual(['abcdefghi', true, 9]);
});

test('a page of a folder that changed since puts nothing beside what is old', () => {
  const r = fresh(0, 'abc', tail(9));
  expect(shown(r.merged(5, items('fgh'), tail(10)))).toBe('.....fgh..'); // another length
  expect(shown(r.merged(2, items('xyz'), tail(9)))).toBe('..xyz....'); // another row in a place
  expect(shown(r.merged(4, items('be'), tail(9)))).toBe('a.c.be...'); // a row that was elsewhere
  expect(r.merged(4, items('be'), tail(9)).get('a')?.id).toBe('a');
});

test('one row comes, changes, goes', () => {
  let r = fresh(2, 'cde', tail(7));
  r = r.inserted(3, item('x'));
  expect([shown(r), r.total]).toEqual(['..cxde..', 8]);
  r = r.inserted(6, item('x')); // it has moved
  expect([shown(r), r.total]).toEqual(['..cde.x.', 8]);
  r = r.patched('d', { name: 'new' });
  expect(r.at(3)?.name).toBe('new');
  r = r.without('c');
  expect([shown(r), r.get('c'), r.total]).toEqual(['..de.x.', undefined, 7]);
});

test('rows that come one after the other', () => {
  const t = tail(2, { exact: false, seekable: false, token: 'more' });
  let r = fresh(0, 'ab', t);
  expect([r.total, r.complete]).toEqual([2, false]);
  r = r.appended(items('bcd'), tail(4, { seekable: false }));
  expect([shown(r), r.complete]).toEqual(['abcd', true]);
});
