import { expect, test } from 'vitest';
import type { Item } from '../../api/types_gen';
import { renamed } from './renames';

test('a part of names is replaced; endings stay', () => {
  const item = (name: string, type: 'file' | 'folder' = 'file') => ({ id: name, name, type }) as Item;
  const names = (find: string, by: string, ...of: Item[]) => renamed(of, find, by).map((c) => c.name);
  expect(names('IMG_', 'Pier ', item('IMG_1.jpg'), item('IMG_IMG_2.jpg'), item('other.jpg'))).toEqual(['Pier 1.jpg', 'Pier Pier 2.jpg']);
  expect(names('jpg', 'x', item('jpg.jpg'), item('a.jpg', 'folder'))).toEqual(['x.jpg', 'a.x']);
  expect(names('.', '_', item('v1.2.txt'), item('.hidden'))).toEqual(['v1_2.txt', '_hidden']);
  expect(names('$&', '$1', item('a$&b.txt'))).toEqual(['a$1b.txt']);
  expect(names('', 'x', item('a'))).toEqual([]);
});
