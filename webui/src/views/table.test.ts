import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { views } from './table';

test('the server answers the address of every view with the page', () => {
  const go = readFileSync(path.resolve(import.meta.dirname, '../../embed.go'), 'utf8');
  const places = [.../var places = map\[string\]bool\{([^}]*)\}/.exec(go)?.[1]?.matchAll(/"(\w*)": true/g) ?? []].map((m) => m[1]);
  for (const v of views) expect(places, v.path).toContain(v.path.split('/')[1]);
});

test('no address stands twice', () => {
  const paths = views.map((v) => v.path);
  expect(new Set(paths).size).toBe(paths.length);
});

test('a folder within a share has the code of the share', () => {
  const view = (path: string) => views.find((v) => v.path === path)?.View;
  expect(view('/files/:share/:folder')).toBe(view('/files/:share'));
});
