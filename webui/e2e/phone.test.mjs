// Everything once more on a phone: 390 x 844, by touch.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { World, axe, file, noise, settled, shareOf, signIn } from './world.mjs';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const other = { email: 'ines@example.com', password: 'correct horse battery second' };
let w, page, ines, share;

before(async () => {
  w = await World.open();
  ines = await w.json('POST', '/admin/users', { email: other.email, name: 'Ines', password: other.password });
  page = await w.page({ ...phone, expected: [404, 409] });
});
after(() => w?.close());

// fits says that nothing stands beside the page, and that a finger hits what it aims at.
async function fits(what, on = page) {
  const bad = await on.evaluate(() => {
    const out = [];
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide > 0) out.push(`${wide} px too wide`);
    const top = document.querySelector('.scrim') ?? document;
    for (const el of top.querySelectorAll('button, a[href], select, input, textarea, [role=tab], [role^=menuitem]')) {
      if (!el.checkVisibility({ visibilityProperty: true }) || el.parentElement.style.clipPath || el.closest('.vh, .prose, [aria-hidden=true], .toast') || (el.tagName === 'A' && el.parentElement.tagName === 'P')) continue;
      const boxes = [el, el.closest('label'), el.matches('a') ? el.closest('[role=row]') : null].filter(Boolean).map((e) => e.getBoundingClientRect());
      const r = boxes.reduce((a, b) => (a.height >= b.height ? a : b));
      if (!r.width || r.right <= 0 || r.bottom <= 0) continue;
      // A larger area around a small drawing counts.
      const area = getComputedStyle(el, '::before');
      const more = area.position === 'absolute' && area.content !== 'none' ? Math.max(0, -Number.parseFloat(area.insetBlockStart) || 0) * 2 : 0;
      if (r.height + more < 43.5) out.push(`${el.tagName} ${el.className} ${(el.getAttribute('aria-label') ?? el.textContent).slice(0, 40)}: ${Math.round(r.width)} x ${Math.round(r.height)}`);
    }
    return out;
  });
  assert.deepEqual(bad, [], what);
}

const more = async (name, action) => {
  await page.getByRole('button', { name: `More for ${name}` }).tap();
  await page.getByRole('menuitem', { name: action, exact: true }).tap();
};
const heading = (name, on = page) => on.getByRole('heading', { level: 1, name }).waitFor();

test('sign in, make a share, upload from the sheet', async () => {
  await page.goto(w.server.url);
  await page.getByLabel('E-mail').waitFor();
  await fits('sign-in');
  await signIn(page);
  await heading('Shares');
  await fits('shares');
  share = await w.json('POST', '/shares', { name: 'On the way', share_type: 'project' });
  await page.goto(`${w.server.url}/files/${share.id}`);
  await page.getByText('Nothing here yet').waitFor();
  await page.getByRole('button', { name: 'Add' }).tap();
  await page.getByRole('button', { name: 'Photos and videos' }).waitFor();
  await fits('the sheet of ways to add');
  await axe(page, 'the sheet of ways to add');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Photos and videos' }).tap()]);
  assert.ok(chooser.isMultiple());
  await chooser.setFiles([file('IMG_0001.jpg', noise(9_000_000)), file('IMG_0002.jpg', 'two'), file('plan.txt', 'first')]);
  await settled(page, '3 uploads finished');
  assert.equal(await page.locator('#pick-photo').getAttribute('capture'), 'environment');
  assert.deepEqual([...(await w.listing(page)).keys()].sort(), ['IMG_0001.jpg', 'IMG_0002.jpg', 'plan.txt']);
  await page.getByRole('row', { name: 'plan.txt' }).waitFor();
  await fits('a listing');
});

test('rename, move, trash, put back', async () => {
  await page.getByRole('button', { name: 'Add' }).tap();
  await page.getByRole('button', { name: 'New folder' }).tap();
  await page.getByLabel('Name of the folder').fill('Photos');
  await fits('a dialog');
  await page.getByRole('button', { name: 'Create folder' }).tap();
  await page.getByRole('row', { name: 'Photos' }).waitFor();
  await more('IMG_0002.jpg', 'Rename');
  await page.getByLabel('New name of IMG_0002.jpg').fill('pier.jpg');
  await page.keyboard.press('Enter');
  await page.locator('.toast', { hasText: 'is now' }).waitFor(); // the row shows it before it is done
  await more('pier.jpg', 'Move to…');
  await page.getByRole('dialog').getByRole('row', { name: 'Photos' }).tap();
  await fits('choosing a folder');
  await page.getByRole('button', { name: /^Move to “.*Photos/ }).tap();
  await page.locator('.toast', { hasText: 'moved to' }).waitFor();
  const photos = (await w.listing(page)).get('Photos').id;
  assert.deepEqual([...(await w.listing(page, photos)).keys()], ['pier.jpg']);
  await more('IMG_0001.jpg', 'Move to trash');
  await page.getByRole('row', { name: 'IMG_0001.jpg' }).waitFor({ state: 'detached' });
  await page.goto(`${w.server.url}/trash?in=${share.id}`);
  await page.getByRole('row', { name: 'IMG_0001.jpg' }).waitFor();
  await fits('trash');
  await page.getByRole('row', { name: 'IMG_0001.jpg' }).getByRole('checkbox').tap();
  await page.getByRole('toolbar').getByRole('button', { name: 'Put back' }).tap();
  await page.locator('.toast', { hasText: 'is back' }).waitFor();
  await page.goto(`${w.server.url}/files/${share.id}`);
  await page.getByRole('row', { name: 'IMG_0001.jpg' }).waitFor();
});

test('share with a second person, and shut them out of a folder', async () => {
  const theirs = await w.page({ ...phone, expected: [404] });
  await theirs.goto(w.server.url);
  await theirs.getByLabel('E-mail').fill(other.email);
  await theirs.getByLabel('Password', { exact: true }).fill(other.password);
  await theirs.getByRole('button', { name: 'Sign in' }).tap();
  await heading('Shares', theirs);
  await page.getByRole('button', { name: 'Share', exact: true }).tap();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Add people or groups').fill('ines');
  await dialog.getByRole('button', { name: /^Add: Ines/ }).tap();
  await dialog.getByRole('button', { name: /^Role of Ines/ }).waitFor();
  await fits('share dialog');
  await theirs.getByRole('main').getByRole('link', { name: 'On the way' }).tap({ timeout: 20_000 });
  await theirs.getByRole('row', { name: 'Photos' }).waitFor();
  const photos = (await w.listing(page)).get('Photos').id;
  await page.goto(`${w.server.url}/files/${share.id}?share=${photos}&tab=permissions`);
  await dialog.getByRole('button', { name: 'Add an entry' }).tap();
  const form = dialog.getByRole('form', { name: 'Add an entry' });
  await form.getByLabel('Person or group').fill('ines');
  await form.getByRole('button', { name: /^Choose: Ines/ }).tap();
  await form.getByRole('button', { name: 'Deny' }).tap();
  await fits('an entry');
  await form.getByRole('button', { name: 'Save entry' }).tap();
  await theirs.getByRole('row', { name: 'Photos' }).waitFor({ state: 'detached', timeout: 20_000 });
  await axe(theirs, 'what is left');
  await dialog.getByRole('button', { name: 'Close' }).tap();
  w.check(theirs);
  await theirs.context().close();
});

// edit gives a file new content as a client does that saw only its first version.
async function edit(f, text, device) {
  const bytes = Buffer.from(text), length = Buffer.alloc(4);
  const sum = createHash('sha256').update(bytes).digest('hex');
  length.writeUInt32BE(bytes.length);
  assert.ok((await w.call('POST', `/sync/chunks?share_id=${share.id}`, new Blob([length, bytes]))).ok);
  return w.json('POST', '/sync/apply', {
    device_id: device, share_id: share.id, conflict_resolution: 'MANUAL',
    changes: [{ client_ref: `${device} ${f.id}`, resource_type: 'file', change_type: 'updated', resource_id: f.id, base_version_id: f.version_id,
      content: { size: bytes.length, checksum_sha256: sum, chunks: [{ sha256: sum, size: bytes.length }] } }],
  });
}

test('a version is restored, a conflict settled', async () => {
  const f = (await w.listing(page)).get('plan.txt');
  await edit(f, 'second', 'desk');
  await page.goto(`${w.server.url}/files/${share.id}`);
  await more('plan.txt', 'Details');
  const panel = page.getByRole('complementary');
  await panel.getByRole('tab', { name: 'Versions' }).tap();
  await fits('versions');
  await panel.getByRole('button', { name: 'Restore version 1' }).tap();
  await panel.getByText('Version 3').first().waitFor();
  assert.equal((await w.content(f.id)).toString(), 'first');
  const form = new FormData();
  for (const [k, v] of [['share_id', share.id], ['name', 'questions.md'], ['file', new Blob(['one'])]]) form.append(k, v);
  const q = await w.json('POST', '/files', form);
  await edit(q, 'two', 'desk');
  const made = await edit(q, 'three', 'laptop');
  assert.equal(made.conflicts.length, 1, JSON.stringify(made));
  await page.getByRole('navigation', { name: 'Places' }).getByRole('button', { name: 'More' }).tap();
  await page.getByRole('dialog', { name: 'Places' }).getByRole('link', { name: 'Trash' }).waitFor();
  await fits('drawer');
  await axe(page, 'drawer');
  await page.getByRole('dialog', { name: 'Places' }).getByRole('link', { name: /Conflicts.*1/ }).tap();
  await page.getByRole('main').getByRole('link', { name: /questions\.md/ }).tap();
  await page.getByRole('region', { name: 'The texts beside each other' }).getByText('three').waitFor();
  await fits('a conflict');
  await axe(page, 'a conflict');
  await page.getByRole('button', { name: /^Keep both/ }).tap();
  await page.getByText('Nothing to settle').waitFor();
  const { items } = await w.json('GET', `/folders/root/children?share_id=${share.id}`);
  assert.equal(items.filter((i) => i.name.startsWith('questions')).length, 2);
});

test('an administrator makes a person and suspends them', async () => {
  await page.goto(`${w.server.url}/admin`);
  await heading('Dashboard');
  await fits('dashboard');
  await page.goto(`${w.server.url}/admin/users`);
  await page.getByRole('button', { name: 'New user' }).tap();
  await page.getByLabel('E-mail address').fill('jonas@example.com');
  await page.getByLabel('Name', { exact: true }).fill('Jonas');
  await fits('a new person');
  await page.getByRole('button', { name: 'Create user' }).tap();
  await page.getByRole('button', { name: 'Done' }).tap();
  await page.getByRole('main').getByRole('row', { name: /Ines/ }).tap();
  const account = page.getByRole('complementary', { name: 'Users' });
  await account.getByRole('button', { name: 'Suspend' }).tap();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Suspend' }).tap();
  await account.getByText('Suspended').waitFor();
  await fits('an account');
  assert.equal((await w.json('GET', `/admin/users/${ines.id}`)).status, 'suspended');
  for (const where of ['/settings', '/help', '/recent', '/favourites']) {
    await page.goto(w.server.url + where);
    await page.locator('#main h1').waitFor();
    await fits(where);
  }
});

test('what another app shares waits for a place, and goes there', async () => {
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.evaluate(async () => { // as the system does it: a form that is posted to the address of the manifest
    const form = new FormData();
    form.append('files', new File(['from the gallery'], 'shared <b>.jpg'.replace(/[<>]/g, '_'), { type: 'image/jpeg' }));
    await fetch('/receive', { method: 'POST', body: form });
  });
  const { share_target: target } = await (await fetch(`${w.server.url}/manifest.webmanifest`)).json();
  assert.deepEqual([target.action, target.method, target.enctype, target.params.files[0].name], ['/receive', 'POST', 'multipart/form-data', 'files']);
  await page.goto(`${w.server.url}/receive`);
  const dialog = page.getByRole('dialog', { name: 'Where does 1 file go?' });
  await dialog.getByRole('row', { name: 'On the way' }).tap();
  await fits('a place for it');
  await axe(page, 'a place for it');
  await dialog.getByRole('button', { name: /^Upload to/ }).tap();
  await settled(page, '1 upload finished');
  assert.equal(shareOf(page), share.id);
  const there = (await w.listing(page)).get('shared _b_.jpg');
  assert.equal((await w.content(there.id)).toString(), 'from the gallery');
  await page.goto(`${w.server.url}/receive`);
  await page.getByText('Nothing is waiting here').waitFor();
  await axe(page, 'nothing is waiting');
  w.check(page);
});
