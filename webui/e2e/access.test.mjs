// That everybody can use it: by keyboard alone, with a screen reader, at any
// width and zoom, in light and dark.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { World, act, axe, eventually, file, focused, makeFolder, settled, tray } from './world.mjs';
import { email, password } from './rig.mjs';

let w;
before(async () => { w = await World.open(); });
after(() => w?.close());

for (const [what, options, colours] of [
  ['light', { colorScheme: 'light' }], ['dark', { colorScheme: 'dark' }, true], ['more contrast', { contrast: 'more' }, true],
  ['a phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]) {
  test(`axe finds nothing: ${what}`, async () => {
    const look = (where) => axe(page, where, colours);
    const page = await w.page({ ...options, expected: [401, 404, 409, 422] });
    await page.goto(w.server.url);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill('wrong');
    await look('sign-in');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.err', { hasText: 'The e-mail or the password is wrong.' }).waitFor();
    await look('sign-in, refused');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Shares' }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Personal' }).waitFor();
    await look('shares');
    await page.getByRole('main').getByRole('button', { name: 'New share' }).first().click();
    await page.getByRole('button', { name: 'Create share' }).click();
    await page.getByText('Type a name.').waitFor();
    await look('dialog with an error');
    await page.getByLabel('Name of the share').fill(`Axe ${what}`);
    await page.getByRole('button', { name: 'Create share' }).click();
    await page.getByText('Nothing here yet').waitFor();
    await look('empty folder and a message');
    await makeFolder(page, 'Folder');
    await page.locator('#pick-files').setInputFiles([file('a.pdf', 'a'), file('b.xlsx', 'b')]);
    await settled(page);
    await page.locator('#pick-files').setInputFiles([file('a.pdf', 'a'), file('b.xlsx', 'b'), file('c?.txt', 'c'), file('d.txt', 'd')]);
    await tray(page).getByText('2 names are taken here').waitFor();
    await tray(page).getByText(/character 2/).waitFor();
    await page.getByRole('row', { name: /d\.txt/ }).waitFor(); // the rows stand where they stay
    await look('listing and tray');
    await page.goto(`${w.server.url}/files/shr_01ARZ3NDEKTSV4RRFFQ69G5FAV`);
    await page.getByRole('heading', { name: 'You can’t see this' }).waitFor();
    await look('out of sight');
    w.check(page);
    await page.context().close();
  });
}

test('the keyboard alone does everything', async () => {
  const page = await w.page();
  page.on('filechooser', () => {}); // from here on the browser's own dialog stays away
  const press = async (...keys) => { for (const k of keys) await page.keyboard.press(k); };
  const at = () => page.evaluate(() => (document.activeElement.getAttribute('aria-label') || document.activeElement.textContent).trim());
  // tabTo goes on until something is focused, as a person would.
  const tabTo = async (text) => {
    for (let i = 0; i < 60; i++) {
      if (await at() === text) return;
      await press('Tab');
    }
    assert.fail(`${text} is not reached by Tab`);
  };
  await page.goto(w.server.url);
  await page.getByLabel('E-mail').waitFor();
  await page.keyboard.type(email);
  await press('Tab');
  await page.keyboard.type(password);
  await press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Shares' }).waitFor();
  await page.getByRole('main').getByRole('link', { name: 'Personal' }).waitFor();
  await tabTo('New share');
  await press('Enter');
  await focused(page.getByLabel('Name of the share'));
  await page.keyboard.type('By keyboard');
  await press('Enter');
  await page.getByRole('heading', { level: 1, name: 'By keyboard' }).waitFor();
  await page.waitForFunction(() => document.activeElement.tagName === 'H1');
  await tabTo('New folder');
  await press('Enter');
  await focused(page.getByLabel('Name of the folder'));
  await page.keyboard.type('Papers');
  await press('Enter');
  await page.waitForFunction(() => document.activeElement.textContent.includes('Papers'));
  // The file dialog is the browser's own: that Enter opens it is what can be seen.
  await page.getByRole('heading', { level: 1 }).focus();
  await tabTo('Upload');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press('Enter')]);
  await chooser.setFiles([file('a.txt', 'by keyboard'), file('b.txt', 'b')]);
  await settled(page);
  await page.getByRole('row', { name: /b\.txt/ }).waitFor();
  const row = (text) => page.waitForFunction((t) => document.activeElement.getAttribute('role') === 'row' && document.activeElement.textContent.includes(t), text);
  for (let i = 0; i < 60 && !(await page.evaluate(() => document.activeElement.getAttribute('role') === 'row')); i++) await press('Tab');
  await press('Home', 'ArrowDown'); // folders come first
  await row('a.txt');
  await press('Enter');
  await page.getByRole('heading', { level: 1, name: 'a.txt' }).waitFor();
  await page.getByText('by keyboard', { exact: true }).waitFor();
  await page.goBack();
  await page.getByRole('row', { name: /b\.txt/ }).waitFor();
  for (let i = 0; i < 60 && !(await page.evaluate(() => document.activeElement.getAttribute('role') === 'row')); i++) await press('Tab');
  await press('Home', 'ArrowDown');
  await row('a.txt');
  const [download] = await Promise.all([page.waitForEvent('download'), press('Control+s')]);
  assert.equal(readFileSync(await download.path(), 'utf8'), 'by keyboard');
  await press('ArrowDown');
  await row('b.txt');
  await press('Home', 'ArrowDown');
  await row('a.txt');
  await press('Delete');
  await page.locator('.toast', { hasText: 'trash' }).waitFor();
  await row('b.txt');
  await tabTo('Undo');
  await press('Enter');
  await row('a.txt');
  await press('F2');
  await focused(page.getByLabel('New name of a.txt'));
  await page.keyboard.type('renamed');
  await press('Enter');
  await page.locator('.toast', { hasText: 'is now' }).waitFor();
  await row('renamed.txt');
  await press('>'); // move to…
  await page.getByRole('dialog').getByRole('row', { name: 'Papers' }).waitFor();
  await row('Papers');
  await press('Enter');
  await page.getByRole('dialog').getByText('No folders in here').waitFor();
  await tabTo('Move to “\u2068Papers\u2069”');
  await press('Enter');
  await page.locator('.toast', { hasText: 'moved to' }).waitFor();
  await page.getByRole('row', { name: 'renamed.txt' }).waitFor({ state: 'detached' });
  for (let i = 0; i < 60 && !(await page.evaluate(() => document.activeElement.getAttribute('role') === 'row')); i++) await press('Tab');
  await press('Home');
  await row('Papers');
  await press('ContextMenu');
  await page.getByRole('menuitem', { name: 'Open' }).waitFor();
  await press('Escape');
  await row('Papers');
  await press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Papers' }).waitFor();
  await page.waitForFunction(() => document.activeElement.tagName === 'H1');
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'By keyboard' }).waitFor();
  await tabTo('Skip to content');
  await press('Enter');
  await focused(page.locator('#main'));
  await page.getByRole('button', { name: /^Account of/ }).focus();
  await press('Enter');
  await page.getByRole('menuitem', { name: 'Sign out' }).focus();
  await press('Enter');
  await focused(page.getByLabel('E-mail'));
  w.check(page);
  await page.context().close();
});

test('nothing is lost or cut at any width', async () => {
  const page = await w.inShare('Width', { expected: [422] });
  await makeFolder(page, 'A folder with a name that is longer than any narrow window could ever show on one line of it');
  await page.locator('#pick-files').setInputFiles([file('a.txt', 'a'), file('bad?.txt', 'b')]);
  await tray(page).getByText(/character 4/).waitFor();
  const grip = page.getByRole('row', { name: 'a.txt' });
  for (const [width, height] of [[1280, 800], [720, 450], [640, 400], [390, 844], [320, 568], [844, 390]]) {
    await page.setViewportSize({ width, height });
    await eventually(async () => { // the page takes the new width a moment later
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${width} x ${height}: ${wide} px too wide`);
      await grip.hover({ position: { x: 60, y: 12 } }); // the row's menu shows where it is used
      for (const name of [width > 600 ? 'Upload' : 'Add', /^Account of/, 'More for a.txt']) {
        const box = await page.getByRole('button', { name, exact: true }).last().boundingBox();
        assert.ok(box && box.x >= 0 && box.x + box.width <= width, `${width} x ${height}: ${name} is at ${JSON.stringify(box)}`);
      }
    });
  }
  w.check(page);
  await page.context().close();
});

test('nothing moves for who wants nothing to move', async () => {
  const page = await w.page({ reducedMotion: 'reduce' });
  await page.goto(w.server.url);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  const style = await page.evaluate(() => getComputedStyle(document.querySelector('.btn.primary')).transitionProperty);
  assert.ok(style === 'none' || style === 'all', style);
  await page.context().close();
});

test('what happens is announced', async () => {
  const page = await w.inShare('Announced', { expected: [409] });
  await page.evaluate(() => {
    window.said = [];
    for (const id of ['polite', 'urgent']) {
      new MutationObserver(() => { const text = document.getElementById(id).textContent; if (text) window.said.push(`${id}: ${text}`); }).observe(document.getElementById(id), { childList: true, characterData: true, subtree: true });
    }
  });
  const heard = (text) => page.waitForFunction((want) => window.said.some((s) => s.includes(want)), text);
  await page.locator('#pick-files').setInputFiles([file('a.txt', 'a'), file('b.txt', 'b')]);
  await heard('polite: 2 uploads finished.');
  await page.locator('#pick-files').setInputFiles([file('a.txt', 'a')]);
  await heard('urgent: a.txt: A file or folder here has this name.');
  await heard('polite: Uploads ended: 0 finished, 1 failed.');
  await act(page, 'b.txt', 'Move to trash');
  await heard('is in the trash of');
  w.check(page);
  await page.context().close();
});
