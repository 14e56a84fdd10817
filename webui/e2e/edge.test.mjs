// At the edges: uploads that outlive the page, and what files hold shown.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { World, axe, byParts, eventually, file, noise, partly, settled, signOut, slowly, tray } from './world.mjs';

let w;
before(async () => { w = await World.open(); });
after(() => w?.close());

// hold lets uploads, which go part by part, come to a part and no further; there: so many have come to it.
async function hold(page, part, many = 1) {
  await byParts(page);
  const sent = [];
  let reached;
  const there = new Promise((ok) => { reached = ok; });
  await page.route(/\/chunks\/\d+$/, async (route) => {
    const n = Number(/(\d+)$/.exec(route.request().url())[1]);
    if (n >= part) { // it never gets an answer
      if (--many === 0) reached();
      return undefined;
    }
    sent.push(n);
    return route.continue();
  });
  return { sent, there, go: () => page.unroute(/\/chunks\/\d+$/) };
}

test('an interrupted upload is continued after a reload', async () => {
  const page = await w.inShare('Reload', { expected: ['network'] });
  page.on('dialog', (d) => void d.accept());
  const bytes = noise(42_000_007, 5);
  writeFileSync(w.path('long.bin'), bytes);
  const quickly = await slowly(page, 8_000_000);
  const begun = partly(w, page, 2);
  await page.locator('#pick-files').setInputFiles(w.path('long.bin'));
  const id = await begun;
  await page.reload();
  await quickly();
  const after = [];
  let had; // the last part that the server has when the page goes on
  page.on('response', async (r) => {
    if (r.request().method() === 'GET' && r.url().endsWith(`/uploads/${id}`)) had ??= r.json().then(({ received }) => received[0][1]);
  });
  page.on('request', (r) => { const n = /chunks\/(\d+)$/.exec(r.url())?.[1]; if (n) after.push(Number(n)); });
  await tray(page).getByText('1 upload was interrupted').waitFor();
  // A stranger of the same name is not mixed with what was sent.
  await page.locator('#pick-again').setInputFiles([file('long.bin', 'another')]);
  await page.getByText('1 file is none of those').first().waitFor();
  await page.locator('#pick-files').setInputFiles(w.path('long.bin'));
  await settled(page, '1 upload finished');
  assert.deepEqual(after, [0, 1, 2, 3, 4, 5].slice(await had + 1));
  assert.ok(after.length && after.length < 5, 'it was interrupted in the middle');
  const there = await w.listing(page);
  assert.deepEqual([...there.keys()], ['long.bin']);
  assert.ok((await w.content(there.get('long.bin').id)).equals(bytes));
  await page.reload();
  await page.getByRole('row', { name: 'long.bin' }).waitFor();
  assert.equal(await tray(page).count(), 0, 'what is settled comes back');
  w.check(page);
  await page.context().close();
});

test('what was dropped goes on by itself, what was changed begins again, and who signs out leaves nothing', async () => {
  const page = await w.inShare('Handles', { expected: ['network', 401, 404, 413] });
  page.on('dialog', (d) => void d.accept());
  // A drop can't be made with a handle of the disk; files of the page's private folder stand for them.
  const drop = (names) => page.evaluate(async (list) => {
    const root = await navigator.storage.getDirectory();
    const transfer = new DataTransfer();
    const handles = [];
    for (const [name, size, seed] of list) {
      const handle = await root.getFileHandle(name, { create: true });
      const out = await handle.createWritable();
      await out.write(new Uint8Array(size).map((_, i) => (i * seed) >> 3));
      await out.close();
      handles.push(handle);
      transfer.items.add(await handle.getFile());
    }
    DataTransferItem.prototype.getAsFileSystemHandle = async () => handles.shift();
    DataTransferItem.prototype.webkitGetAsEntry = function entry() { const f = this.getAsFile(); return { isFile: true, name: f.name, file: (ok) => ok(f) }; };
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, names);
  const held = await hold(page, 2, 2);
  await drop([['a.bin', 20_000_000, 3], ['b.bin', 20_000_000, 7]]);
  await held.there;
  await tray(page).getByText('b.bin').waitFor();
  const kept = () => page.evaluate(() => new Promise((ok) => {
    const r = indexedDB.open('scaidrive.uploads');
    r.onsuccess = () => { const q = r.result.transaction('items').objectStore('items').getAll(); q.onsuccess = () => { r.result.close(); ok(q.result); }; };
  }));
  // What it takes to go on is kept: the handle, the session, and by what its parts are known again.
  await eventually(async () => assert.deepEqual((await kept()).map((k) => [k.name, Boolean(k.source && k.session), k.marks.length]).sort(), [['a.bin', true, 2], ['b.bin', true, 2]]));
  await page.evaluate(async () => { // another content of the same size
    const out = await (await (await navigator.storage.getDirectory()).getFileHandle('b.bin')).createWritable();
    await out.write(new Uint8Array(20_000_000).fill(9));
    await out.close();
  });
  await page.reload();
  await held.go(); // it lets go of what it holds, so the page that sent it must be gone
  await settled(page, '2 uploads finished');
  const there = await w.listing(page);
  assert.ok((await w.content(there.get('a.bin').id)).equals(Buffer.from(new Uint8Array(20_000_000).map((_, i) => (i * 3) >> 3))));
  assert.ok((await w.content(there.get('b.bin').id)).equals(Buffer.alloc(20_000_000, 9)));
  const keeps = (names) => eventually(async () => assert.deepEqual((await kept()).map((k) => k.name), names));
  await keeps([]);
  const again = await hold(page, 1);
  writeFileSync(w.path('c.bin'), noise(20_000_000, 6));
  await page.locator('#pick-files').setInputFiles(w.path('c.bin'));
  await again.there;
  await keeps(['c.bin']);
  await signOut(page);
  await page.getByRole('button', { name: 'Stop uploads and sign out' }).click();
  await page.getByLabel('E-mail').waitFor();
  await keeps([]);
  w.check(page);
  await page.context().close();
});

// put stores a file in a share.
async function put(share, name, bytes) {
  const form = new FormData();
  form.append('share_id', share);
  form.append('name', name);
  form.append('file', new Blob([bytes]), name);
  const r = await w.call('POST', '/files', form);
  assert.equal(r.status, 201, await r.clone().text());
  return r.json();
}

// tone gives a WAV file of some seconds.
function tone(seconds) {
  const n = 8000 * seconds, b = Buffer.alloc(44 + n, 128);
  b.write('RIFF', 0); b.writeUInt32LE(36 + n, 4); b.write('WAVEfmt ', 8); b.writeUInt32LE(16, 16); b.writeUInt16LE(1, 20); b.writeUInt16LE(1, 22);
  b.writeUInt32LE(8000, 24); b.writeUInt32LE(8000, 28); b.writeUInt16LE(1, 32); b.writeUInt16LE(8, 34); b.write('data', 36); b.writeUInt32LE(n, 40);
  for (let i = 0; i < n; i++) b[44 + i] = 128 + Math.round(60 * Math.sin(i / 3));
  return b;
}

const dot = readFileSync(new URL('../public/icon-192.png', import.meta.url));
const evil = '<script>window.top.ran=1</script><img src=x onerror="window.top.ran=2"><svg onload="window.top.ran=3">';

test('what files hold is shown, and nothing of it runs', async () => {
  const page = await w.inShare('Shown', { expected: [422] });
  const share = new URL(page.url()).pathname.split('/')[2];
  const picture = await put(share, 'a.png', dot);
  await put(share, 'b.svg', `<svg xmlns="http://www.w3.org/2000/svg" onload="window.ran=1"><script>window.ran=1</script></svg>`);
  await put(share, 'c.html', `<h1>Hello</h1>${evil}`);
  await put(share, 'd.md', `# Title\n\nSome **bold** and [bad](javascript:window.ran=5) and [good](https://example.com/).\n\n${evil}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\n![p](https://example.com/p.png)\n`);
  await put(share, 'e.js', '// a comment\nconst x = "text"; // 1\n');
  await put(share, 'f.wav', tone(20));
  const odd = await put(share, '<img src=x onerror=top.ran=6>\u202egpj.bin'.replace(/[<>]/g, '_'), noise(100));
  await page.goto(`${w.server.url}/preview/${picture.id}`);
  await page.getByRole('img', { name: 'a.png' }).waitFor();
  assert.ok(await page.getByRole('img', { name: 'a.png' }).evaluate((i) => i.decode().then(() => i.naturalWidth > 0)));
  await axe(page, 'picture');
  const next = async (name) => {
    await page.getByRole('button', { name: 'Next file' }).and(page.locator(':not([aria-disabled=true])')).waitFor(); // it is known what comes next
    await page.keyboard.press('ArrowRight');
    await page.getByRole('heading', { level: 1, name }).waitFor();
  };
  await next('b.svg');
  await page.getByText('<script>window.ran=1</script>').waitFor();
  await next('c.html');
  await page.getByText('<h1>').first().waitFor();
  await page.getByText('window.top.ran=1').waitFor();
  await next('d.md');
  await page.getByRole('heading', { level: 2, name: 'Title' }).waitFor();
  await page.getByText('onerror="window.top.ran=2"').waitFor();
  assert.equal(await page.getByRole('link', { name: 'good' }).getAttribute('rel'), 'noopener noreferrer nofollow');
  assert.equal(await page.getByRole('link', { name: 'bad' }).count(), 0);
  assert.equal(await page.locator('.prose img, .prose script').count(), 0);
  await axe(page, 'markdown');
  await next('e.js');
  await page.locator('.tok-k', { hasText: 'const' }).waitFor();
  await axe(page, 'code');
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  const ranged = page.context().waitForEvent('response', (r) => r.url().includes('/media/') && r.status() === 206);
  await next('f.wav');
  await ranged; // the player asks in ranges, by the worker
  await page.waitForFunction(() => document.querySelector('audio').duration > 19);
  assert.ok(await page.evaluate(async () => { const a = document.querySelector('audio'); a.muted = true; a.currentTime = 15; await a.play(); return a.currentTime >= 15; }));
  await page.getByRole('button', { name: 'Back to the folder' }).click();
  await page.getByRole('row', { name: /onerror/ }).waitFor();
  await page.goto(`${w.server.url}/preview/${odd.id}`);
  await page.getByRole('heading', { name: 'No preview' }).waitFor();
  await axe(page, 'no preview');
  assert.equal(await page.evaluate(() => window.ran), undefined);
  await page.goto(`${w.server.url}/preview/fil_01ARZ3NDEKTSV4RRFFQ69G5FAV`);
  await page.getByRole('heading', { name: 'You can’t see this' }).waitFor();
  page.problems = page.problems.filter((p) => !/404/.test(p));
  w.check(page);
  await page.context().close();
});

test('a text is edited, and nobody’s version is lost', async () => {
  const page = await w.inShare('Edited', { expected: [412, 409] });
  const share = new URL(page.url()).pathname.split('/')[2];
  const f = await put(share, 'notes.md', 'one\r\n');
  await page.goto(`${w.server.url}/preview/${f.id}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  const area = page.getByRole('textbox', { name: 'Content of notes.md' });
  await area.fill('one\ntwo\n');
  await axe(page, 'editor');
  const told = (url) => url.pathname === `/api/v1/files/${f.id}`;
  let known = false;
  await page.route(told, async (route) => { // what the file is now takes a while
    await new Promise((ok) => { setTimeout(ok, 1000); });
    known = true;
    await route.continue().catch(() => {});
  });
  await page.keyboard.press('Control+s');
  await page.getByRole('button', { name: 'Edit' }).waitFor(); // it is saved: the content is shown again
  assert.ok(known, 'the next edit would begin with the version of before');
  assert.equal((await w.content(f.id)).toString(), 'one\r\ntwo\r\n');
  await page.getByRole('button', { name: 'Edit' }).click();
  assert.equal(await area.inputValue(), 'one\ntwo\n'); // also who edits again at once goes on from what was saved
  await page.unroute(told);
  await area.fill('mine');
  const s = await w.json('POST', '/uploads', { share_id: share, file_name: 'notes.md', file_size: 6, replace_file_id: f.id });
  assert.ok((await w.call('PUT', `/uploads/${s.session_id}/chunks/0`, new Blob(['theirs']))).ok);
  await w.json('POST', `/uploads/${s.session_id}/complete`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Someone saved another version meanwhile').waitFor();
  assert.equal((await w.content(f.id)).toString(), 'theirs');
  await axe(page, 'conflict');
  await page.getByRole('button', { name: 'Save as a new file' }).click();
  await page.getByRole('button', { name: 'Edit' }).waitFor(); // it is saved beside: the other content is shown
  await page.getByText('theirs', { exact: true }).waitFor();
  const there = new Map((await w.json('GET', `/folders/root/children?share_id=${share}`)).items.map((it) => [it.name, it]));
  const other = [...there.keys()].find((n) => n !== 'notes.md');
  assert.equal((await w.content(there.get(other).id)).toString(), 'mine');
  w.check(page);
  await page.context().close();
});

test('without a server the shell is there, and holds nothing of anybody', async () => {
  const page = await w.inShare('Offline', { expected: ['network', 401] });
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.reload();
  await page.getByText('Nothing here yet').waitFor();
  await eventually(async () => assert.ok(await page.evaluate(async () => { // the worker has what the page is made of
    const used = performance.getEntriesByType('resource').map((e) => new URL(e.name).pathname).filter((p) => p.startsWith('/assets/'));
    const there = await Promise.all(['/', ...used].map((p) => caches.match(p)));
    return used.length > 0 && there.every(Boolean);
  })));
  await w.server.stop();
  await page.reload();
  await page.getByRole('heading', { name: 'No connection to the server' }).waitFor();
  const kept = await page.evaluate(async () => { const out = []; for (const n of await caches.keys()) for (const r of await (await caches.open(n)).keys()) out.push(new URL(r.url).pathname); return out; });
  assert.deepEqual(kept.filter((p) => p !== '/' && !p.startsWith('/assets/')), []);
  await w.server.start();
  await page.getByText('Nothing here yet').waitFor({ timeout: 20_000 });
  await page.context().close();
});

test('settings: a token’s secret is shown once, and acts', async () => {
  const page = await w.signedIn();
  await page.goto(`${w.server.url}/settings`);
  await page.getByLabel('Colours').selectOption('dark');
  await page.locator('html[data-theme=dark]').waitFor();
  await axe(page, 'settings');
  await page.getByRole('tab', { name: 'Devices' }).click();
  await page.getByText('No devices yet').waitFor();
  assert.ok((await w.call('POST', '/sync/devices', { device_id: 'dev-0123456789', device_name: 'Laptop <b>of Mara', platform: 'linux', client_version: '1' })).ok);
  await page.reload();
  await page.getByText('Laptop <b>of Mara').waitFor();
  await axe(page, 'devices');
  await page.getByRole('tab', { name: 'API tokens' }).click();
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('What it is for').fill('Backup');
  await page.getByRole('button', { name: 'Create token' }).click();
  const secret = await page.getByLabel('Copy the token now').last().inputValue();
  assert.match(secret, /^sdt_/);
  assert.equal((await fetch(`${w.server.url}/api/v1/users/me/shares`, { headers: { Authorization: `Bearer ${secret}` } })).status, 200);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('heading', { name: 'Backup' }).waitFor();
  assert.ok(!(await page.content()).includes(secret));
  await axe(page, 'tokens');
  await page.getByRole('button', { name: 'Delete token: Backup' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete token' }).click();
  await page.getByText('No API tokens').waitFor();
  assert.equal((await fetch(`${w.server.url}/api/v1/users/me/shares`, { headers: { Authorization: `Bearer ${secret}` } })).status, 401);
  w.check(page);
  await page.context().close();
});

test('help is searched, in the person’s language, and ? shows the keys', async () => {
  const page = await w.signedIn({ locale: 'en-GB', viewport: { width: 390, height: 844 } });
  await page.goto(`${w.server.url}/help`);
  await page.getByLabel('Search in help').fill('interrupted same file');
  await page.getByRole('link', { name: 'When an upload was interrupted' }).click();
  await page.getByText('An upload can be continued for a day').waitFor();
  await axe(page, 'help');
  await page.getByRole('heading', { level: 1 }).focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await axe(page, 'keys');
  await page.keyboard.press('Escape');
  await page.goto(`${w.server.url}/settings`);
  await page.getByLabel('Language').selectOption('de');
  await page.goto(`${w.server.url}/help?page=resume`);
  await page.getByText('Fortsetzen geht einen Tag lang').waitFor();
  w.check(page);
  await page.context().close();
});
