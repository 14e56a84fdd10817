// When things go wrong around the page: no connection, no session, a second tab.
import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import * as rig from './rig.mjs';
import { World, act, file, focused, makeShare, noise, partly, settled, shareOf, signIn, signOut, slowly, tray } from './world.mjs';

let w;
before(async () => { w = await World.open(); });
after(() => w?.close());

test('an upload goes on after the server was killed', async () => {
  const page = await w.inShare('Killed', { expected: ['network', 401, 404, 410, 503] });
  const bytes = noise(60_000_007, 3);
  writeFileSync(w.path('long.bin'), bytes);
  const sent = [];
  page.on('request', (r) => { const part = /chunks\/(\d+)$/.exec(r.url())?.[1]; if (part) sent.push(Number(part)); });
  const quickly = await slowly(page, 10_000_000);
  const begun = partly(w, page, 2);
  await page.locator('#pick-files').setInputFiles(w.path('long.bin'));
  await begun;
  await w.server.stop('SIGKILL');
  await quickly();
  await page.locator('.strip', { hasText: 'No connection since' }).waitFor();
  await tray(page).getByRole('heading', { name: /Waiting for the connection/ }).waitFor();
  await w.server.start();
  await page.getByRole('button', { name: 'Try now' }).click({ timeout: 5000 }).catch(() => {}); // it may be back by itself
  await settled(page);
  await page.locator('.strip').waitFor({ state: 'hidden' });
  const there = (await w.listing(page)).get('long.bin');
  assert.ok((await w.content(there.id)).equals(bytes));
  assert.ok(sent.length && !sent.some((n) => n < 2), `the parts that came whole were sent again: ${sent}`);
  w.check(page);
  await page.context().close();
});

test('an upload whose answer was lost is not taken for a stranger', async () => {
  const page = await w.inShare('Lost answer', { expected: ['network', 409] });
  let lost = 0;
  await page.route('**/api/v1/files', async (route) => {
    if (lost++) return route.continue();
    await route.fetch(); // it arrives
    await route.abort('connectionreset'); // and nobody is told
  });
  writeFileSync(w.path('once.txt'), 'once');
  await page.locator('#pick-files').setInputFiles(w.path('once.txt'));
  await settled(page, '1 upload finished');
  assert.equal(lost, 2);
  assert.deepEqual([...(await w.listing(page)).keys()], ['once.txt']);
  // Somebody else's file of that name is not mistaken for ours.
  lost = 0;
  await page.unroute('**/api/v1/files');
  await page.route('**/api/v1/files', (route) => (lost++ ? route.continue() : route.abort('connectionreset')));
  writeFileSync(w.path('once.txt'), 'other bytes');
  await page.locator('#pick-files').setInputFiles(w.path('once.txt'));
  await tray(page).getByText('A file or folder here has this name.').waitFor();
  w.check(page);
  await page.context().close();
});

test('a file that changes while it is sent is not stored half and half', async () => {
  const page = await w.inShare('Changing', { expected: ['network'] });
  writeFileSync(w.path('moving.bin'), noise(40_000_000, 11));
  const other = noise(40_000_000, 12);
  let changed = 0;
  await page.route(/\/uploads\/\w+\/(content|complete)$/, async (route) => {
    if (changed++ === 0) writeFileSync(w.path('moving.bin'), other);
    await route.continue();
  });
  await page.locator('#pick-files').setInputFiles(w.path('moving.bin'));
  await tray(page).getByText(/can’t be read any more/).waitFor();
  assert.equal(changed, 1); // and it never came to complete

  // All parts are with the server, the answer is on its way.
  writeFileSync(w.path('late.bin'), other);
  const cdp = await page.context().newCDPSession(page);
  let late = 0;
  cdp.on('Fetch.requestPaused', ({ requestId }) => {
    if (late++ === 0) writeFileSync(w.path('late.bin'), noise(40_000_000, 13));
    cdp.send('Fetch.continueRequest', { requestId });
  });
  await cdp.send('Fetch.enable', { patterns: [{ urlPattern: '*/content', requestStage: 'Response' }] });
  await page.locator('#pick-files').setInputFiles(w.path('late.bin'));
  await tray(page).getByText(/can’t be read any more/).nth(1).waitFor();
  assert.equal(late, 1);
  assert.equal((await w.listing(page)).size, 0);
  w.check(page);
  await page.context().close();
});

test('a download cut short saves nothing', async () => {
  const page = await w.inShare('Cut', { expected: ['network', 401, 503] });
  writeFileSync(w.path('cut.bin'), noise(50_000_000, 9));
  await page.locator('#pick-files').setInputFiles(w.path('cut.bin'));
  await settled(page);
  let saved = 0;
  page.on('download', () => { saved++; });
  await page.evaluate(() => {
    window.showSaveFilePicker = async ({ suggestedName }) => {
      const handle = await (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
      const out = await handle.createWritable();
      await out.write('what was here before');
      await out.close();
      return handle;
    };
  });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: 4_000_000, uploadThroughput: -1 });
  await act(page, 'cut.bin', 'Download');
  await page.waitForFunction(() => Number(document.querySelector('.tray li [role=progressbar]')?.getAttribute('aria-valuenow')) > 5);
  await w.server.stop('SIGKILL');
  await tray(page).getByText('The download ended before the end of the file. Nothing was saved.').waitFor();
  assert.equal(saved, 0);
  const left = await page.evaluate(async () => (await (await (await navigator.storage.getDirectory()).getFileHandle('cut.bin')).getFile()).text());
  assert.equal(left, 'what was here before');
  await w.server.start();
  await page.context().close();
});

test('what was loaded stays readable without a connection', async () => {
  const page = await w.inShare('Offline', { expected: ['network', 503] });
  await page.locator('#pick-files').setInputFiles(file('a.txt', 'a'));
  await settled(page);
  await page.getByRole('row', { name: /a\.txt/ }).waitFor();
  await w.server.stop();
  await act(page, 'a.txt', 'Move to trash');
  await page.locator('.toast', { hasText: /a\.txt.*stays here: no connection/ }).waitFor();
  assert.ok(await page.getByRole('row', { name: /a\.txt/ }).isVisible());
  await page.getByRole('link', { name: 'Shares' }).first().click();
  await page.getByRole('main').getByRole('row', { name: 'Offline' }).waitFor();
  await page.locator('.strip', { hasText: 'No connection since' }).waitFor();
  await page.getByRole('main').getByRole('link', { name: 'Personal' }).click(); // never opened before
  await page.getByRole('heading', { name: 'No connection to the server' }).waitFor();
  await w.server.start();
  await page.getByRole('button', { name: 'Try again' }).click({ timeout: 5000 }).catch(() => {});
  await page.getByText('Nothing here yet').waitFor();
  await page.locator('.strip').waitFor({ state: 'hidden' });
  w.check(page);
  await page.context().close();
});

test('when the sign-in ends, uploads wait for the next one', async () => {
  const page = await w.inShare('Ended', { expected: [401] });
  writeFileSync(w.path('wait.bin'), noise(30_000_001, 5));
  const cookie = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
  let ended;
  const quickly = await slowly(page, 10_000_000); // it is on its way for some seconds
  page.on('request', (r) => {
    if (!ended && /content$/.test(r.url())) ended = fetch(`${w.server.url}/api/v1/auth/logout`, { method: 'POST', headers: { Cookie: cookie, 'X-Requested-With': 'scaidrive' } });
  });
  await page.locator('#pick-files').setInputFiles(w.path('wait.bin'));
  await page.getByText('Your sign-in ended. Uploads are paused, nothing is lost.').first().waitFor();
  assert.equal((await ended).status, 204);
  await quickly();
  await signIn(page);
  await page.getByRole('heading', { level: 1, name: 'Ended' }).waitFor();
  await settled(page);
  const there = (await w.listing(page)).get('wait.bin');
  assert.equal(there.size, statSync(w.path('wait.bin')).size);
  w.check(page);
  await page.context().close();
});

test('tabs share a session, and one that another person signs in is theirs', async () => {
  await w.json('POST', '/admin/users', { email: 'ben@example.com', name: 'Ben', password: rig.password });
  const page = await w.inShare('Two tabs', { expected: [404] });
  const opened = await page.context().newPage(); // as by a link
  await opened.goto(page.url());
  await opened.getByRole('heading', { level: 1, name: 'Two tabs' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: /^Account of/ }).waitFor();
  await page.locator('#pick-files').setInputFiles(file('still.txt', 'here'));
  await page.getByRole('row', { name: /still\.txt/ }).waitFor();
  await opened.getByRole('row', { name: /still\.txt/ }).waitFor(); // live
  await signOut(page);
  await opened.getByLabel('E-mail').waitFor();
  await signIn(page, rig.password, 'ben@example.com');
  await page.getByRole('button', { name: 'Account of Ben' }).waitFor();
  await opened.getByRole('button', { name: 'Account of Ben' }).waitFor();
  await opened.getByRole('row', { name: /still\.txt/ }).waitFor({ state: 'detached' });
  assert.equal(await opened.getByText('Two tabs').count(), 0, 'what the other one saw is there');


  // A tab that heard nothing asks nothing in another's name.
  const deaf = await page.context().newPage();
  await deaf.addInitScript(() => { delete window.BroadcastChannel; });
  await deaf.goto(w.server.url);
  await deaf.getByRole('button', { name: 'Account of Ben' }).waitFor();
  await deaf.waitForLoadState('networkidle');
  const status = await page.evaluate(async (body) => (await fetch('/api/v1/auth/session', {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'scaidrive' }, body: JSON.stringify(body),
  })).status, { email: rig.email, password: rig.password });
  assert.equal(status, 200);
  const asked = [];
  deaf.on('request', (r) => { if (r.url().includes('/api/')) asked.push(new URL(r.url()).pathname); });
  await deaf.getByRole('link', { name: 'Recent' }).first().click();
  await deaf.getByRole('button', { name: /^Account of (?!Ben)/ }).waitFor();
  assert.equal(asked[0], '/api/v1/users/me', `${asked}`);
  w.check(page);
  await page.context().close();
});

test('an address out of sight looks like one that never was', async () => {
  const page = await w.inShare('Sight', { expected: [404, 410, 422] });
  const share = shareOf(page);
  const made = await w.json('POST', '/folders', { share_id: share, name: 'Going' });
  await w.call('DELETE', `/folders/${made.id}`);
  for (const where of [`files/${share}/${made.id}`, `files/${share}/fld_01ARZ3NDEKTSV4RRFFQ69G5FAV`, 'files/shr_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'files/nonsense', 'files/<b>']) {
    await page.goto(`${w.server.url}/${where}`);
    await page.getByRole('heading', { name: 'You can’t see this' }).waitFor();
    await page.getByRole('link', { name: 'Go to your shares' }).click();
    await page.getByRole('heading', { level: 1, name: 'Shares' }).waitFor();
  }
  w.check(page);
  await page.context().close();
});

test('signing out asks while uploads run', async () => {
  const page = await w.inShare('Busy', { expected: [401] });
  await page.route('**/api/v1/files', () => {}); // never answered
  await page.locator('#pick-files').setInputFiles([file('a.txt', 'a'), file('b.txt', 'b')]);
  await tray(page).getByText('a.txt').waitFor();
  await signOut(page);
  await page.getByRole('alertdialog', { name: 'Uploads are not finished' }).waitFor();
  await focused(page.getByRole('button', { name: 'Stay signed in' }));
  await page.keyboard.press('Enter');
  assert.ok(await tray(page).isVisible());
  await signOut(page);
  await page.getByRole('button', { name: 'Stop uploads and sign out' }).click();
  await page.getByLabel('E-mail').waitFor();
  w.check(page);
  await page.context().close();
});

test('a session that the server doesn’t know any more signs in anew', async () => {
  const page = await w.signedIn({ expected: [401] });
  const [of] = (await page.context().cookies()).filter((c) => c.name === 'scaidrive_session');
  await page.context().addCookies([{ ...of, value: 'pst_unknown' }]);
  await page.reload();
  await page.getByText('Your sign-in ended. Sign in again to go on.').first().waitFor();
  await signIn(page);
  await makeShare(page, 'Again');
  w.check(page);
  await page.context().close();
});

test('what is typed outlives the end of the sign-in, and the file', async () => {
  const page = await w.inShare('Typing', { expected: [401, 403, 404, 409, 410, 412] });
  const share = new URL(page.url()).pathname.split('/')[2];
  const put = async (name) => {
    const form = new FormData();
    for (const [k, v] of [['share_id', share], ['name', name], ['file', new Blob(['one'])]]) form.append(k, v);
    return w.json('POST', '/files', form);
  };
  const f = await put('notes.md');
  await page.goto(`${w.server.url}/preview/${f.id}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  const area = page.getByRole('textbox', { name: 'Content of notes.md' });
  await area.fill('one, and an hour of work');
  const opened = await page.context().newPage(); // a second window signs out
  await opened.goto(w.server.url);
  await opened.getByRole('button', { name: /^Account of/ }).waitFor();
  await signOut(opened);
  await page.getByLabel('E-mail').waitFor();
  const s = await w.json('POST', '/uploads', { share_id: share, file_name: 'notes.md', file_size: 6, replace_file_id: f.id });
  assert.ok((await w.call('PUT', `/uploads/${s.session_id}/chunks/0`, new Blob(['theirs']))).ok);
  await w.json('POST', `/uploads/${s.session_id}/complete`); // somebody else, meanwhile
  await signIn(page);
  await area.waitFor();
  assert.equal(await area.inputValue(), 'one, and an hour of work');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Someone saved another version meanwhile').waitFor(); // the edit began with the first one
  await w.call('DELETE', `/files/${f.id}`);
  await page.getByText('You can’t store this file any more').waitFor();
  assert.equal(await area.inputValue(), 'one, and an hour of work');

  // A dialog that is open when the sign-in ends is there again after the next one.
  await page.getByRole('button', { name: 'Cancel' }).click({ trial: true });
  page.once('dialog', (d) => void d.accept());
  await page.goto(`${w.server.url}/files/${share}?dialog=new-folder`);
  await page.getByLabel('Name of the folder').waitFor();
  await opened.getByRole('button', { name: /^Account of/ }).waitFor();
  await signOut(opened);
  await page.getByLabel('E-mail').waitFor();
  await signIn(page);
  await page.getByLabel('Name of the folder').fill('After');
  await w.server.stop();
  await page.getByRole('button', { name: 'Create folder' }).click(); // nobody answers
  await page.getByRole('dialog').locator('.err', { hasText: /./ }).waitFor();
  assert.equal(await page.getByLabel('Name of the folder').inputValue(), 'After');
  await w.server.start();
  await page.getByRole('button', { name: 'Create folder' }).click();
  await page.getByRole('row', { name: 'After' }).waitFor();
  page.problems = page.problems.filter((p) => !/net::ERR_|WebSocket/.test(p));
  w.check(page);
  await page.context().close();
});
