import { expect, test } from 'vitest';
import { match, withQuery } from './router';

test('paths are matched by segments', () => {
  expect(match('/', '/')).toEqual({});
  expect(match('/files/:share/:folder', '/files/shr_1/fld_2')).toEqual({ share: 'shr_1', folder: 'fld_2' });
  expect(match('/files/:share', '/files/shr_1/')).toEqual({ share: 'shr_1' });
  expect(match('/files/:share', '/files')).toBeNull();
  expect(match('/files/:share', '/files/%zz')).toBeNull();
  expect(match('/admin/*', '/admin/users/1')).toEqual({ '*': 'users/1' });
  expect(match('/admin/*', '/admin')).toEqual({ '*': '' });
  expect(match('/my', '/mine')).toBeNull();
});

test('query values are set and taken out', () => {
  const place = { path: '/my', search: '?sort=size&view=grid' };
  expect(withQuery({ sort: '', order: 'desc' }, place)).toBe('/my?view=grid&order=desc');
  expect(withQuery({ sort: '', view: '' }, place)).toBe('/my');
});
