// What the page is for: sign in, shares, folders, upload, download, trash.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { World, act, eventually, file, folderOf, makeFolder, makeShare, noise, settled, shareOf, signIn, signOut, slowly, tray } from './world.mjs';

let w;
before(async () => { w = await World.open(); });
after(() => w?.close());

test('a wrong password is told, the right one opens', async () => {
  const page = await w.page({ expected: [401] });
  await page.goto(w.server.url);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Type your e-mail address.', { exact: true }).first().waitFor();
  await signIn(page, 'wrong');
  await page.locator('.err', { hasText: 'The e-mail or the password is wrong.' }).waitFor();
  assert.equal(await page.getByLabel('Password', { exact: true }).getAttribute('aria-invalid'), 'true');
  await signIn(page);
  await page.getByRole('heading', { level: 1, name: 'Shares' }).waitFor();
  assert.ok(!page.url().includes('password'));
  w.check(page);
  await page.context().close();
});

test('shares and folders are made, walked and found again', async () => {
  const page = await w.inShare('Harbour bridge', { expected: [409, 422] });
  await makeFolder(page, 'Contracts');
  await page.getByRole('button', { name: 'New folder' }).first().click();
  await page.getByLabel('Name of the folder').fill('contracts');
  await page.getByRole('button', { name: 'Create folder' }).click();
  await page.getByText('This name is taken here.').waitFor();
  await page.getByLabel('Name of the folder').fill('a:b');
  await page.getByRole('button', { name: 'Create folder' }).click();
  await page.getByText(/character 2 \(:\)/).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Contracts' }).dblclick();
  await page.getByRole('heading', { level: 1, name: 'Contracts' }).waitFor();
  await makeFolder(page, 'Tender 2026');
  await page.getByRole('link', { name: 'Tender 2026' }).dblclick();
  await page.getByRole('heading', { level: 1, name: 'Tender 2026' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Tender 2026' }).waitFor();
  const crumbs = page.getByRole('navigation', { name: 'Where you are' });
  await eventually(async () => assert.deepEqual(await crumbs.getByRole('link').allTextContents(), ['Shares', 'Harbour bridge', 'Contracts']));
  await crumbs.getByRole('link', { name: 'Harbour bridge' }).click();
  await page.getByRole('heading', { level: 1, name: 'Harbour bridge' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Tender 2026' }).waitFor();
  await eventually(async () => assert.equal(await page.title(), 'Tender 2026 · ScaiDrive'));
  w.check(page);
  await page.context().close();
});

test('files go up with progress and come down byte for byte', async () => {
  const page = await w.inShare('Bytes');
  const contents = new Map([['big.bin', noise(17_000_001)], ['empty.txt', Buffer.alloc(0)], ['one.txt', Buffer.from('x')],
    ['Füße & "quotes\'.txt'.replaceAll('"', ''), Buffer.from('names')]]);
  await page.evaluate(() => {
    window.seen = [];
    new MutationObserver(() => {
      for (const p of document.querySelectorAll('.tray li [role=progressbar]')) { const at = Number(p.getAttribute('aria-valuenow')); if (at > 0 && at < 100) window.seen.push(at); }
    }).observe(document.body, { subtree: true, attributes: true, childList: true });
  });
  mkdirSync(w.path('bytes'));
  for (const [name, bytes] of contents) writeFileSync(w.path(`bytes/${name}`), bytes);
  const quickly = await slowly(page, 12_000_000); // it is drawn four times a second
  await page.locator('#pick-files').setInputFiles([...contents.keys()].map((name) => w.path(`bytes/${name}`)));
  await settled(page, '4 uploads finished');
  await quickly();
  assert.ok((await page.evaluate(() => window.seen)).length > 0, 'no progress was seen between 0 and 1');
  const listing = await w.listing(page);
  assert.deepEqual([...listing.keys()].sort(), [...contents.keys()].sort());
  for (const [name, bytes] of contents) {
    assert.ok((await w.content(listing.get(name).id)).equals(bytes), `${name} differs on the server`);
    const [download] = await Promise.all([page.waitForEvent('download'), act(page, name, 'Download')]);
    assert.equal(download.suggestedFilename(), name);
    assert.ok(readFileSync(await download.path()).equals(bytes), `${name} differs after the download`);
  }
  w.check(page);
  await page.context().close();
});

test('a large file is written straight into the chosen file', async () => {
  const page = await w.inShare('Large');
  const bytes = noise(40_000_003, 7);
  writeFileSync(w.path('large.bin'), bytes);
  await page.locator('#pick-files').setInputFiles(w.path('large.bin'));
  await settled(page);
  // The browser's own dialog can't be driven; a file of the page's private folder stands for the chosen one.
  await page.evaluate(() => {
    window.showSaveFilePicker = async ({ suggestedName }) => (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
  });
  await act(page, 'large.bin', 'Download');
  await tray(page).getByRole('heading', { name: '1 download finished' }).waitFor();
  const got = await page.evaluate(async () => {
    const f = await (await (await navigator.storage.getDirectory()).getFileHandle('large.bin')).getFile();
    const digest = await crypto.subtle.digest('SHA-256', await f.arrayBuffer());
    return { size: f.size, hash: [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, '0')).join('') };
  });
  const there = (await w.listing(page)).get('large.bin');
  assert.deepEqual(got, { size: bytes.length, hash: there.checksum_sha256 });
  assert.ok((await w.content(there.id)).equals(bytes));
  w.check(page);
  await page.context().close();
});

test('a download of wrong bytes saves nothing', async () => {
  const page = await w.inShare('Broken');
  await page.locator('#pick-files').setInputFiles(file('a.txt', 'the right bytes'));
  await settled(page);
  let saved = 0;
  page.on('download', () => { saved++; });
  await page.route('**/content', async (route) => {
    const r = await route.fetch();
    await route.fulfill({ status: 200, headers: { ETag: r.headers().etag, 'Content-Type': 'text/html' }, body: 'the wrong bytes' });
  });
  await act(page, 'a.txt', 'Download');
  await tray(page).getByText(/not what was stored/).waitFor();
  assert.equal(saved, 0);
  await page.unroute('**/content');
  const [download] = await Promise.all([page.waitForEvent('download'), tray(page).getByRole('button', { name: 'Try a.txt again' }).click()]);
  assert.equal(readFileSync(await download.path(), 'utf8'), 'the right bytes');
  w.check(page);
  await page.context().close();
});

test('whole folders are dropped, empty ones too', async () => {
  const page = await w.inShare('Dropped', { expected: [409] });
  const tree = w.path('Site');
  mkdirSync(`${tree}/north/photos`, { recursive: true });
  mkdirSync(`${tree}/nothing in here`, { recursive: true });
  const many = 130; // more than a reader gives at once
  for (let i = 0; i < many; i++) writeFileSync(`${tree}/north/photos/p${i}.txt`, `photo ${i}`);
  writeFileSync(`${tree}/top.txt`, 'top');
  writeFileSync(w.path('beside.txt'), 'beside');
  const cdp = await page.context().newCDPSession(page);
  await page.evaluate(() => { // counted where they begin and end: what is told of them outside comes in any order
    window.most = 0;
    let now = 0;
    const { open, send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.open = function opened(method, url, ...rest) {
      this.counts = method === 'POST' && String(url).endsWith('/files');
      return open.call(this, method, url, ...rest);
    };
    XMLHttpRequest.prototype.send = function sent(body) {
      if (this.counts) {
        window.most = Math.max(window.most, ++now);
        const over = () => { if (this.readyState === 4) { now--; this.removeEventListener('readystatechange', over); } };
        this.addEventListener('readystatechange', over);
      }
      return send.call(this, body);
    };
  });
  const data = { items: [], files: [tree, w.path('beside.txt')], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver']) await cdp.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data });
  await page.locator('.drop', { hasText: 'Drop to upload to' }).waitFor();
  await cdp.send('Input.dispatchDragEvent', { type: 'drop', x: 600, y: 400, data });
  await settled(page, `${many + 3} uploads finished`);
  assert.equal(await page.locator('.veil').count(), 0);
  const most = await page.evaluate(() => window.most);
  assert.ok(most >= 1 && most <= 3, `${most} at once`);
  const top = await w.listing(page);
  assert.deepEqual([...top.keys()].sort(), ['Site', 'beside.txt']);
  const site = await w.listing(page, top.get('Site').id);
  assert.deepEqual([...site.keys()].sort(), ['north', 'nothing in here', 'top.txt']);
  assert.equal((await w.listing(page, site.get('nothing in here').id)).size, 0);
  const photos = await w.listing(page, (await w.listing(page, site.get('north').id)).get('photos').id);
  assert.equal(photos.size, many);
  assert.equal((await w.content(photos.get('p77.txt').id)).toString(), 'photo 77');
  // The same folder again comes together with what is there.
  mkdirSync(w.path('again/Site/north'), { recursive: true });
  writeFileSync(w.path('again/Site/north/new.txt'), 'new');
  const again = { items: [], files: [w.path('again/Site')], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) await cdp.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data: again });
  await settled(page, '1 upload finished');
  assert.deepEqual([...(await w.listing(page, site.get('north').id)).keys()].sort(), ['new.txt', 'photos']);
  w.check(page);
  await page.context().close();
});

test('a synthetic drop works, and a drop outside of a share says so', async () => {
  const page = await w.inShare('Synthetic');
  const drop = (name) => page.evaluate((n) => {
    const data = new DataTransfer();
    data.items.add(new File(['dropped'], n));
    for (const type of ['dragenter', 'dragover', 'drop']) document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
  }, name);
  await drop('dropped.txt');
  await page.getByRole('row', { name: /dropped\.txt/ }).waitFor();
  await page.goto(w.server.url);
  await page.getByRole('heading', { level: 1, name: 'Shares' }).waitFor();
  await drop('lost.txt');
  await page.locator('.toast', { hasText: 'Open a share first' }).waitFor();
  w.check(page);
  await page.context().close();
});

test('a taken name asks: replace, keep both, skip', async () => {
  const page = await w.inShare('Taken', { expected: [409] });
  const put = (name, text) => page.locator('#pick-files').setInputFiles(file(name, text));
  await put('plan.txt', 'first');
  await settled(page);
  await put('plan.txt', 'second');
  await tray(page).getByText('A file or folder here has this name.').waitFor();
  let look;
  const looked = new Promise((ok) => { look = ok; });
  await page.route(/\/children\?/, async (route) => { // what there is to replace
    await looked;
    await route.continue().catch(() => {}); // nobody may want it any more
  });
  await tray(page).getByRole('button', { name: 'Replace plan.txt with a new version' }).click();
  await tray(page).getByRole('heading', { name: /^Uploading/ }).waitFor(); // it is not done before it begins
  look();
  await settled(page);
  await page.unroute(/\/children\?/);
  let listing = await w.listing(page);
  assert.equal(listing.size, 1);
  assert.equal(listing.get('plan.txt').version, 2);
  assert.equal((await w.content(listing.get('plan.txt').id)).toString(), 'second');
  await put('plan.txt', 'third');
  await tray(page).getByRole('button', { name: /^Keep both: upload plan\.txt/ }).click();
  await settled(page);
  await put('PLAN.txt', 'fourth');
  await tray(page).getByRole('button', { name: 'Skip PLAN.txt' }).click();
  listing = await w.listing(page);
  assert.deepEqual([...listing.keys()].sort(), ['plan (2).txt', 'plan.txt']);
  assert.equal((await w.content(listing.get('plan (2).txt').id)).toString(), 'third');
  // Many at once are settled at once.
  await page.locator('#pick-files').setInputFiles([file('plan.txt', 'a'), file('plan (2).txt', 'b')]);
  await tray(page).getByText('2 names are taken here. For all of them:').waitFor();
  await tray(page).getByRole('button', { name: 'Keep both', exact: true }).first().click();
  await settled(page);
  assert.deepEqual([...(await w.listing(page)).keys()].sort(), ['plan (2) (2).txt', 'plan (2).txt', 'plan (3).txt', 'plan.txt']);
  w.check(page);
  await page.context().close();
});

test('a refused name can be changed; the other files go on', async () => {
  const page = await w.inShare('Refused', { expected: [422] });
  await page.locator('#pick-files').setInputFiles([file('bad?.txt', 'x'), file('good.txt', 'y')]);
  await tray(page).getByText(/character 4 \(\?\)/).waitFor();
  await page.getByRole('row', { name: /good\.txt/ }).waitFor();
  await tray(page).getByRole('button', { name: /under another name/ }).click();
  await page.getByLabel('Name', { exact: true }).fill('better.txt');
  await page.getByRole('dialog').getByRole('button', { name: 'Upload' }).click();
  await page.getByRole('row', { name: /better\.txt/ }).waitFor();
  w.check(page);
  await page.context().close();
});

test('to the trash and back', async () => {
  const page = await w.inShare('Trash', { expected: [412] });
  await makeFolder(page, 'Old');
  await page.locator('#pick-files').setInputFiles([file('a.txt', 'a'), file('b.txt', 'b')]);
  await settled(page);
  await act(page, 'a.txt', 'Move to trash');
  const toast = page.locator('.toast', { hasText: /a\.txt.*is in the trash of.*Trash/ });
  await toast.waitFor();
  assert.deepEqual([...(await w.listing(page)).keys()].sort(), ['Old', 'b.txt']);
  const trash = await w.json('GET', `/trash?share_id=${shareOf(page)}`);
  assert.deepEqual(trash.items.map((i) => i.name), ['a.txt']);
  await toast.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('row', { name: /a\.txt/ }).waitFor();
  await act(page, 'Old', 'Move to trash');
  await page.locator('.toast', { hasText: /Old.*trash/ }).waitFor();
  await page.getByRole('row', { name: 'Old' }).waitFor({ state: 'detached' });
  // What changed since it was shown is not thrown away unseen.
  const b = (await w.listing(page)).get('b.txt');
  await page.getByRole('row', { name: 'b.txt' }).click({ button: 'right' }); // while a menu is open nothing changes below it
  await page.getByRole('menuitem', { name: 'Move to trash' }).waitFor();
  const s = await w.json('POST', '/uploads', { share_id: shareOf(page), file_name: 'b.txt', file_size: 0, replace_file_id: b.id });
  await w.json('POST', `/uploads/${s.session_id}/complete`);
  await eventually(async () => assert.ok(page.told.some((t) => t.includes('file_updated') && t.includes(b.id)), 'the window did not hear of it'));
  await page.getByRole('menuitem', { name: 'Move to trash' }).click();
  await page.locator('.toast', { hasText: /b\.txt.*stays here: someone changed it/ }).waitFor();
  assert.ok((await w.listing(page)).has('b.txt'));
  w.check(page);
  await page.context().close();
});

test('a long folder comes in pages, and few of its rows are in the document', async () => {
  const page = await w.inShare('Long');
  const share = shareOf(page);
  const names = Array.from({ length: 1450 }, (_, i) => `f${String(i).padStart(4, '0')}`);
  const grant = await w.json('POST', '/auth/login', { email: 'mara@example.com', password: 'correct horse battery staple' });
  for (const name of names) {
    const r = await fetch(`${w.server.url}/api/v1/folders`, { method: 'POST', headers: { Authorization: `Bearer ${grant.access_token}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ share_id: share, name }) });
    assert.equal(r.status, 201);
  }
  await page.reload();
  const grid = page.getByRole('grid');
  await page.getByRole('row', { name: 'f0000' }).waitFor();
  assert.equal(await grid.getAttribute('aria-rowcount'), '1451');
  await page.getByRole('row', { name: 'f0000' }).click();
  await page.keyboard.press('End');
  await page.getByRole('row', { name: 'f1449' }).waitFor();
  await page.waitForFunction(() => document.activeElement.textContent.includes('f1449'));
  assert.equal(await page.getByRole('row', { name: 'f1449' }).getAttribute('aria-rowindex'), '1451');
  assert.ok(await page.locator('.vline').count() <= 200);
  await page.keyboard.type('f0777');
  await page.waitForFunction(() => document.activeElement.textContent.includes('f0777'));
  await page.keyboard.press('Control+a');
  await page.getByText('1,450 selected').waitFor();
  w.check(page);
  await page.context().close();
});

test('a reload keeps the session, signing out ends it', async () => {
  const page = await w.signedIn();
  for (let i = 0; i < 3; i++) {
    await page.reload();
    await page.getByRole('button', { name: /^Account of/ }).waitFor();
  }
  await makeShare(page, 'After reload');
  // No script can read the session: it is in no storage, and in no cookie that it sees.
  const kept = (await page.context().cookies()).find((c) => c.name === 'scaidrive_session');
  assert.ok(kept.httpOnly && kept.sameSite === 'Strict' && kept.expires === -1, JSON.stringify(kept));
  assert.ok(!(await page.evaluate(() => document.cookie)).includes(kept.value));
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  const me = () => fetch(`${w.server.url}/api/v1/users/me`, { headers: { Cookie: `scaidrive_session=${kept.value}` } });
  assert.equal((await me()).status, 200);
  await signOut(page);
  await page.getByLabel('E-mail').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await eventually(async () => assert.equal((await me()).status, 401, 'the session lives on')); // the page doesn't wait for it
  await eventually(async () => assert.deepEqual(await page.context().cookies(), []));
  await page.reload();
  await page.getByLabel('E-mail').waitFor();
  assert.equal(folderOf(page), undefined);
  w.check(page);
  await page.context().close();
});
