import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

// A person waits for these bytes before the first listing.
test.skipIf(!existsSync(path.join(root, 'dist/index.html')))('script before the first listing', async () => {
  const size = path.join(root, 'size.mjs');
  const { firstScripts, limit } = (await import(size)) as { firstScripts(): { bytes: number }[]; limit: number };
  const sum = firstScripts().reduce((n, f) => n + f.bytes, 0);
  console.log(`${sum} bytes of compressed script before the first listing`);
  expect(sum).toBeLessThanOrEqual(limit);
  expect(sum).toBeGreaterThan(50_000);
});
