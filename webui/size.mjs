// Prints how much script comes before the first listing, compressed, and fails when
// that is over the limit. `firstScripts` is also what the unit test reads.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

export const limit = 300_000; // bytes
const dist = path.join(import.meta.dirname, 'dist');

// What is loaded for /files/…: the page's scripts, their static imports, one
// language, and the chunk of the view.
export function firstScripts() {
  const all = readdirSync(path.join(dist, 'assets')).filter((f) => f.endsWith('.js'));
  const text = (f) => readFileSync(path.join(dist, 'assets', f), 'utf8');
  const page = readFileSync(path.join(dist, 'index.html'), 'utf8');
  const seen = new Set();
  const add = (f) => {
    if (seen.has(f) || !all.includes(f)) return;
    seen.add(f);
    for (const m of text(f).matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) add(m[1]);
  };
  for (const m of page.matchAll(/assets\/([^"]+\.js)"/g)) add(m[1]);
  for (const name of [/^files-/, /^en-/]) {
    const hits = all.filter((f) => name.test(f));
    if (!hits.length) throw new Error(`no chunk ${name}`);
    hits.forEach(add);
  }
  return [...seen].map((f) => ({ file: f, bytes: gzipSync(readFileSync(path.join(dist, 'assets', f)), { level: 9 }).length })).sort((a, b) => b.bytes - a.bytes);
}

if (process.argv[1] === import.meta.filename) {
  const list = firstScripts();
  const sum = list.reduce((n, f) => n + f.bytes, 0);
  for (const f of list) console.log(`${String(f.bytes).padStart(8)}  ${f.file}`);
  console.log(`${String(sum).padStart(8)}  bytes of compressed script before the first listing (at most ${limit})`);
  if (sum > limit) process.exit(1);
}
