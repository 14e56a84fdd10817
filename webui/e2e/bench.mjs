// Figures of the page in a real browser against the built binary: how long the first
// listing takes, what scrolling costs, how fast a large file goes up. Each row says what was asked for.
//
//	go build -o /tmp/scaidrive ./cmd/scaidrive
//	SCAIDRIVE_BIN=/tmp/scaidrive node webui/e2e/bench.mjs [ROW...]
//
// ROW is first, listing, scroll or upload (all without one); RUNS is how often the
// timed ones run, MIB the size of the uploaded file. Medians are told. A row that misses makes the run end with 1.
import { uploads } from './bench-upload.mjs';
import { World, signIn } from './world.mjs';
import { email, password } from './rig.mjs';
import { firstScripts, limit as mostScript } from '../size.mjs';

const runs = Number(process.env.RUNS || 5);
const asked = process.argv.slice(2);
let missed = 0;

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

// row tells a figure; most is what it may be, and least what it must be.
function row(name, figure, unit, { most, least, more = '' } = {}) {
  const bad = (most !== undefined && figure > most) || (least !== undefined && figure < least);
  if (bad) missed++;
  const must = most !== undefined ? `at most ${most}` : least !== undefined ? `at least ${least}` : '';
  console.log(`| ${name} | ${Math.round(figure * 10) / 10} ${unit}${more} | ${must} | ${must ? (bad ? 'MISSED' : 'met') : ''} |`);
}

// post calls the API with one sign-in for all.
let token = '';
async function post(w, where, body) {
  const send = (to, b, headers = {}) => fetch(`${w.server.url}/api/v1${to}`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(b) }).then((r) => r.json());
  token ||= (await send('/auth/login', { email, password })).access_token;
  return send(where, body, { Authorization: `Bearer ${token}` });
}

// fill puts n small files and a few folders into a folder, by sync/apply.
async function fill(w, share, parent, n) {
  for (let i = 0; i < n; i += 1000) {
    const changes = Array.from({ length: Math.min(1000, n - i) }, (_, j) => {
      const k = i + j;
      const folder = k % 500 === 499;
      return {
        resource_type: folder ? 'folder' : 'file', change_type: 'created', parent_id: parent, name: folder ? `Folder ${String(k).padStart(6, '0')}` : `document ${String((k * 7919) % n).padStart(6, '0')}.txt`,
        modified_at: new Date(1.7e12 + k * 60_000).toISOString(),
        ...(folder ? {} : { content: { size: 0, checksum_sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'} }),
      };
    });
    const r = await post(w, '/sync/apply', { device_id: 'bench', share_id: share, changes });
    if (!r.applied || r.errors.length) throw new Error(JSON.stringify(r.errors?.[0] ?? r));
  }
}

async function folderOf(w, share, name, n) {
  const f = await post(w, '/folders', { share_id: share, name });
  await fill(w, share, f.id, n);
  return `/files/${share}/${f.id}`;
}

// watchRows has a page note when it first shows a row of a listing.
const watchRows = (page) => page.addInitScript(() => {
  const look = () => {
    if (document.querySelector('.vgrid [data-index] .name')) { window.firstRow = performance.now(); return; }
    requestAnimationFrame(look);
  };
  look();
});

const rowsShown = (page) => page.waitForFunction(() => window.firstRow).then((h) => h.jsonValue());

// A browser that never was here: nothing in its cache but the sign-in.
async function first(w, where) {
  const times = [];
  for (let i = 0; i < runs; i++) {
    const page = await w.page();
    await page.goto(w.server.url);
    await signIn(page);
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.clearBrowserCache');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    await page.evaluate(async () => { for (const r of await navigator.serviceWorker?.getRegistrations() ?? []) await r.unregister(); for (const k of await caches?.keys() ?? []) await caches.delete(k); });
    await watchRows(page);
    await page.goto(w.server.url + where);
    times.push(await rowsShown(page));
    await page.context().close();
  }
  row('first listing, cold cache, folder of 200', median(times), 'ms', { most: 1000, more: ` (${times.map(Math.round).join(', ')})` });
  row('compressed script before it', firstScripts().reduce((n, f) => n + f.bytes, 0) / 1000, 'kB', { most: mostScript / 1000 });
}

// From the click on a folder to its rows.
async function listing(w, share, where) {
  const page = await w.page();
  await page.goto(w.server.url);
  await signIn(page);
  const times = [];
  for (let i = 0; i < runs; i++) {
    await page.goto(`${w.server.url}/files/${share}`);
    const link = page.locator(`a.name[href="${where}"]`);
    await link.waitFor();
    times.push(await link.evaluate((a, to) => new Promise((ok) => {
      const t0 = performance.now();
      const look = () => {
        if (location.pathname === to && document.querySelector('.vgrid [data-index="5"] .name') && document.querySelectorAll('.vgrid [data-index]').length > 10) ok(performance.now() - t0);
        else requestAnimationFrame(look);
      };
      a.dispatchEvent(new MouseEvent('dblclick', { bubbles: true, cancelable: true }));
      look();
    }), where));
  }
  row('folder of 10,000, from its name to its rows', median(times), 'ms', { most: 300, more: ` (${times.map(Math.round).join(', ')})` });
  await page.context().close();
}

// longestTask gives the longest task of a page's main thread in a trace, in
// milliseconds of processor time: other work on the machine doesn't lengthen that.
function longestTask(trace) {
  const { traceEvents } = JSON.parse(trace);
  const mains = new Set(traceEvents.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid}/${e.tid}`));
  return Math.max(0, ...traceEvents.filter((e) => e.ph === 'X' && /RunTask/.test(e.name) && mains.has(`${e.pid}/${e.tid}`)).map((e) => (e.tdur ?? e.dur) / 1000));
}

// Tasks and rows in the document while a folder of 100,000 is scrolled.
async function scroll(w, where) {
  const tasks = [], ends = [];
  let most = 0;
  const page = await w.page();
  await page.goto(w.server.url);
  await signIn(page);
  await watchRows(page);
  for (let i = 0; i < runs; i++) {
    await page.goto(w.server.url + where, { timeout: 120_000 });
    await rowsShown(page);
    await page.waitForTimeout(1500);
    await w.browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] });
    const got = await page.evaluate(async () => {
      const box = document.querySelector('.vgrid');
      let rows = 0;
      const frame = () => new Promise((ok) => { requestAnimationFrame(ok); });
      const count = () => { rows = Math.max(rows, box.querySelectorAll('[data-index]').length); };
      for (let n = 0; n < 200; n++) { box.scrollTop += 400; await frame(); count(); } // a fast wheel
      for (let n = 0; n < 60; n++) { box.scrollTop += box.scrollHeight / 70; await frame(); count(); } // the bar is dragged
      const t0 = performance.now();
      box.scrollTop = box.scrollHeight;
      while (performance.now() - t0 < 20_000) {
        await frame();
        count();
        const last = [...box.querySelectorAll('[data-index]')].filter((r) => r.getBoundingClientRect().bottom <= innerHeight).at(-1);
        if (Number(last?.dataset.index) > 99_000 && last.querySelector('.name')) break;
      }
      return { rows, end: performance.now() - t0 };
    });
    tasks.push(longestTask(await w.browser.stopTracing()));
    ends.push(got.end);
    most = Math.max(most, got.rows);
  }
  row('longest task while 100,000 rows are scrolled, processor time', median(tasks), 'ms', { most: 50, more: ` (${tasks.map(Math.round).join(', ')})` });
  row('rows in the document meanwhile', most, '', { most: 200 });
  row('from a jump to the end to its rows', median(ends), 'ms', { more: ` (${ends.map(Math.round).join(', ')})` });
  await page.context().close();
}

// One large file by the page and by curl, in turn; the quotient of each round counts.
async function upload(w, share) {
  const mib = Number(process.env.MIB || 512);
  const { curl, browser } = await uploads(w, { share, mib, rounds: runs });
  const list = (l) => l.map((n) => Math.round(n)).join(', ');
  row(`one file of ${mib} MiB by curl`, median(curl), 'MB/s', { more: ` (${list(curl)})` });
  row('the same size by the page', median(browser), 'MB/s', { more: ` (${list(browser)})` });
  row('the page beside curl', 100 * median(browser.map((b, i) => b / curl[i])), '%', { least: 70 });
}

const w = await World.open();
try {
  const wants = (name) => !asked.length || asked.includes(name);
  const share = (await post(w, '/shares', { name: 'Bench', share_type: 'project' })).id;
  console.log('| row | figure | must | verdict |\n| --- | --- | --- | --- |');
  if (wants('first')) await first(w, await folderOf(w, share, 'two hundred', 200));
  if (wants('listing')) await listing(w, share, await folderOf(w, share, 'ten thousand', 10_000));
  if (wants('scroll')) await scroll(w, await folderOf(w, share, 'hundred thousand', 100_000));
  if (wants('upload')) await upload(w, share);
} finally {
  await w.close();
}
process.exitCode = missed ? 1 : 0;
