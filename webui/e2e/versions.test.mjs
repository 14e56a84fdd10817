// Versions looked at, compared and brought back; conflicts that a computer made,
// settled in the browser and seen by the computer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Computer } from './cli.mjs';
import { World, act, axe } from './world.mjs';

let w;
let desk;
before(async () => {
  w = await World.open();
  desk = await Computer.signedIn(w, 'desk');
});
after(() => w?.close());

const makeShare = (name) => w.json('POST', '/shares', { name, share_type: 'project' });
const toast = (page, text) => page.locator('.toast', { hasText: text }).waitFor();

// idOf gives a file of the root of a share.
async function idOf(share, name) {
  const { items } = await w.json('GET', `/folders/root/children?share_id=${share.id}`);
  return items.find((it) => it.name === name);
}

async function put(share, name, ...texts) {
  for (const text of texts) {
    desk.write(name, text);
    await desk.run(['put', name, `${share.id}:/`]);
  }
  return idOf(share, name);
}

const numbered = (n, change = {}) => Array.from({ length: n }, (_, i) => change[i + 1] ?? `line ${i + 1}`).join('\n');

test('versions are looked at, compared, brought back, and that is undone', async () => {
  const share = await makeShare('Bridge');
  const f = await put(share, 'plan.md', 'first\n', `${numbered(200)}\n`, `${numbered(200, { 20: 'line 20, Pour on 24 Nov', 180: '<img src=x onerror=alert(1)>' })}\n`);
  const page = await w.signedIn();
  await page.goto(`${w.server.url}/files/${share.id}`);
  await act(page, /plan\.md/, 'Versions');
  await page.getByRole('heading', { level: 1, name: 'plan.md' }).waitFor();
  const list = page.getByRole('list', { name: /^Versions, newest first/ });
  await list.getByText('Current').waitFor();
  await page.getByRole('button', { name: 'Look at version 1' }).click();
  await page.getByRole('region', { name: 'Content of version 1' }).getByText('first').waitFor();
  await axe(page, 'a version');

  await page.getByLabel('Tick version 2 to compare').check();
  await page.getByLabel('Tick version 3 to compare').check();
  await page.getByRole('button', { name: 'Compare the 2 ticked' }).click();
  const diff = page.getByRole('region', { name: 'Version 2 and version 3' });
  await diff.locator('ins', { hasText: 'Pour on 24 Nov' }).waitFor();
  await page.getByText('2 places differ').waitFor();
  assert.equal(await diff.getByText('line 100', { exact: true }).count(), 0, 'what is the same is folded');
  await page.keyboard.press('n');
  await page.keyboard.press('n');
  await page.getByText('2 of 2', { exact: true }).waitFor();
  await diff.getByText('<img src=x onerror=alert(1)>').waitFor();
  assert.ok(await diff.getByText('line 181', { exact: true }).first().isVisible());
  await page.keyboard.press('p');
  await page.getByText('1 of 2', { exact: true }).waitFor();
  await axe(page, 'two versions');
  await page.getByRole('button', { name: 'One column' }).click();
  await diff.locator('tr', { hasText: 'Removed: line 20' }).waitFor();
  assert.match(page.url(), /a=2&b=3&layout=inline/); // where one is stands in the address
  await page.reload();
  await diff.locator('ins', { hasText: 'Pour on 24 Nov' }).waitFor();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Look at version 1' }).click();
  await page.getByRole('button', { name: 'Restore version 1' }).click();
  await toast(page, 'has the content of version 1 again');
  assert.equal((await w.content(f.id)).toString(), 'first\n');
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Look at version 5' }).waitFor();
  assert.equal((await w.content(f.id)).toString(), `${numbered(200, { 20: 'line 20, Pour on 24 Nov', 180: '<img src=x onerror=alert(1)>' })}\n`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download version 1' }).click()]);
  assert.equal(download.suggestedFilename(), 'plan (version 1).md');
  assert.equal(await page.locator('img[src=x]').count(), 0);
  w.check(page);
  await page.context().close();
});

test('versions on a phone; large, empty and foreign ones say so; out of sight', async () => {
  const share = await makeShare('Odd ones');
  const large = await put(share, 'large.txt', 'x\n'.repeat(1_200_000), '');
  const odd = await put(share, 'odd.bin', 'a', 'b');
  const page = await w.signedIn({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, expected: [404] });
  await page.goto(`${w.server.url}/versions/${large.id}`);
  await page.getByText('This version is empty').waitFor();
  await page.getByRole('button', { name: 'Look at version 1' }).click();
  await page.getByText('Only texts up to 2 MB').waitFor();
  await axe(page, 'versions on a phone');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${wide} px too wide`);
  await page.goto(`${w.server.url}/versions/${odd.id}?a=1&b=2`);
  await page.getByText('can’t be shown here').waitFor();
  await page.goto(`${w.server.url}/versions/fil_01ARZ3NDEKTSV4RRFFQ69G5FAV`);
  await page.getByRole('heading', { name: 'You can’t see this' }).waitFor();
  w.check(page);
  await page.context().close();
});

// quarrel has two computers change one file from one state, under MANUAL.
async function quarrel(share, name, base, theirs, mine) {
  const laptop = await Computer.signedIn(w, `laptop ${share.id}`);
  const tower = await Computer.signedIn(w, `tower ${share.id}`);
  for (const c of [laptop, tower]) await c.run(['sync', 'add', share.id, 'Work', '--strategy', 'manual']);
  tower.write(`Work/${name}`, base);
  await tower.run(['sync', 'run', '--once']);
  await laptop.run(['sync', 'run', '--once']);
  tower.write(`Work/${name}`, theirs);
  await tower.run(['sync', 'run', '--once']);
  laptop.write(`Work/${name}`, mine);
  const { code } = await laptop.run(['sync', 'run', '--once'], { codes: [3] });
  assert.equal(code, 3);
  return { laptop, tower };
}

test('a conflict of two computers is settled by a key, and the computer has it', async () => {
  const share = await makeShare('Quarrel');
  const page = await w.signedIn();
  await page.goto(`${w.server.url}/conflicts`);
  await page.getByText('Nothing to settle').waitFor();
  const { laptop, tower } = await quarrel(share, 'open questions.md', 'one\ntwo\nthree\n', 'one\n2\nthree\n', 'one\nzwei\nthree\n');
  await page.reload();
  await page.getByRole('main').getByRole('link', { name: /open questions\.md/ }).click();
  const texts = page.getByRole('region', { name: 'The texts beside each other' });
  await texts.getByRole('row', { name: 'Removed: two Added: 2 Added: zwei' }).waitFor();
  await texts.getByRole('columnheader', { name: /Before both.*Version 1/ }).waitFor();
  await axe(page, 'a conflict');
  await page.keyboard.press('1');
  await page.getByText('Nothing to settle').waitFor();
  assert.equal((await w.content((await idOf(share, 'open questions.md')).id)).toString(), 'one\nzwei\nthree\n');
  for (const c of [laptop, tower]) {
    await c.run(['sync', 'run', '--once']);
    assert.equal(c.read('Work/open questions.md'), 'one\nzwei\nthree\n');
  }
  await axe(page, 'no conflicts');
  w.check(page);
  await page.context().close();
});

test('a conflict is merged: what is clear is done, the rest asks; nothing is lost', async () => {
  const share = await makeShare('Merge');
  const { laptop } = await quarrel(share, 'list.txt', 'a\nb\nc\nd\ne\n', 'a\nTHEIRS\nc\nd\ne\n', 'a\nMINE\nc\nd\nEEE\n');
  const page = await w.signedIn();
  await page.goto(`${w.server.url}/conflicts`);
  await page.getByRole('main').getByRole('link', { name: /list\.txt/ }).click();
  await page.getByText('1 place is clear, 1 asks you').waitFor();
  await page.keyboard.press('4');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('1 place asks you').waitFor();
  assert.equal(await dialog.getByRole('button', { name: 'Save the merged text' }).getAttribute('aria-disabled'), 'true');
  await axe(page, 'a merge');
  await dialog.getByRole('button', { name: 'Take both' }).click();
  const merged = dialog.getByLabel('Merged text');
  assert.equal(await merged.inputValue(), 'a\nMINE\nTHEIRS\nc\nd\nEEE\n');
  await merged.fill('a\nBOTH\nc\nd\nEEE\n');
  await dialog.getByRole('button', { name: 'Save the merged text' }).click();
  await page.getByText('Nothing to settle').waitFor();
  const f = await idOf(share, 'list.txt');
  assert.equal((await w.content(f.id)).toString(), 'a\nBOTH\nc\nd\nEEE\n');
  const kept = [];
  for (const v of (await w.json('GET', `/files/${f.id}/versions`)).versions) kept.push(await (await w.call('GET', `/files/${f.id}/content?version=${v.version_number}`)).text());
  for (const text of ['a\nb\nc\nd\ne\n', 'a\nTHEIRS\nc\nd\ne\n', 'a\nMINE\nc\nd\nEEE\n', 'a\nBOTH\nc\nd\nEEE\n']) assert.ok(kept.includes(text), `lost: ${text}`);
  await laptop.run(['sync', 'run', '--once']);
  assert.equal(laptop.read('Work/list.txt'), 'a\nBOTH\nc\nd\nEEE\n');
  w.check(page);
  await page.context().close();
});

test('who looks at a conflict sees that somebody else settled it; a reader can’t', async () => {
  const lena = await w.json('POST', '/admin/users', { email: 'lena@example.com', name: 'Lena', password: 'correct horse battery lena' });
  const share = await makeShare('Watched');
  await w.json('POST', `/shares/${share.id}/members`, { principal_id: lena.id, role: 'reader' });
  await quarrel(share, 'picture.png', 'not a picture', 'nor this', 'nor that');
  const page = await w.page();
  await page.goto(w.server.url);
  await page.getByLabel('E-mail').fill('lena@example.com');
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery lena');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: /Conflicts.*1/ }).click();
  await page.getByRole('main').getByRole('link', { name: /picture\.png/ }).click();
  await page.getByText(/^Waiting, from/).first().waitFor();
  assert.equal(await page.getByRole('button', { name: /Keep what waits/ }).getAttribute('aria-disabled'), 'true');
  const [open] = await w.json('GET', `/sync/conflicts?share_id=${share.id}`);
  await w.json('POST', `/sync/conflicts/${open.id}/resolve?resolution=SERVER_WINS`);
  await toast(page, 'Somebody settled the conflict');
  await page.getByText('Nothing to settle').waitFor();
  w.check(page);
  await page.context().close();
});
