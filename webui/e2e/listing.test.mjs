// Long folders, tiles, changes by others while one works, putting back to a moment.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { World, act, axe, eventually, file, focused, live, makeFolder, rowsAre, settled, shareOf, signIn } from './world.mjs';

let w;
before(async () => { w = await World.open(); });
after(() => w?.close());

const toast = (page, text) => page.locator('.toast', { hasText: text });
const shown = (page) => page.locator('.vgrid [data-index]');
// at waits until the entry of that name has the focus.
const at = (page, name) => eventually(async () => assert.equal(await page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent ?? ''), name));

// fill puts n empty files and a folder at the end of the alphabet into a share's root.
async function fill(share, n) {
  for (let i = 0; i < n; i += 1000) {
    const r = await w.json('POST', '/sync/apply', {
      device_id: 'test', share_id: share,
      changes: Array.from({ length: Math.min(1000, n - i) }, (_, j) => ({
        resource_type: 'file', change_type: 'created', name: `${i + j === n - 1 ? 'quark' : 'paper'} ${String(i + j).padStart(5, '0')}.txt`,
        content: { size: 0, checksum_sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
      })),
    });
    assert.deepEqual(r.errors, []);
  }
}

// png makes a picture of one colour.
function png(red) {
  const crc = (b) => { let c = ~0; for (const x of b) { c ^= x; for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (0xedb88320 & -(c & 1)); } return ~c >>> 0; };
  const chunk = (type, data) => { const b = Buffer.concat([Buffer.from(type), data]); const out = Buffer.alloc(b.length + 8); out.writeUInt32BE(data.length); b.copy(out, 4); out.writeUInt32BE(crc(b), b.length + 4); return out; };
  const head = Buffer.alloc(13); head.writeUInt32BE(64); head.writeUInt32BE(48, 4); head[8] = 8; head[9] = 2;
  const line = Buffer.concat([Buffer.from([0]), Buffer.concat(Array.from({ length: 64 }, () => Buffer.from([red, 90, 160])))]);
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: 48 }, () => line)))), chunk('IEND', Buffer.alloc(0))]);
}

test('a long folder: few rows in the document, any row is near, all of it goes and comes back', async () => {
  const page = await w.inShare('Long');
  const share = shareOf(page);
  await fill(share, 2500);
  await w.json('POST', '/folders', { share_id: share, name: 'Zebra' });
  await page.reload();
  await page.getByText('2,501 items').first().waitFor();
  assert.equal(await shown(page).first().locator('.name').textContent(), 'Zebra', 'folders do not stand first');
  await page.getByRole('row', { name: 'paper 00000.txt' }).click();
  assert.ok(await shown(page).count() <= 200);
  const asked = [];
  page.on('request', (r) => { if (r.url().includes('/children')) asked.push(new URL(r.url()).searchParams.get('position')); });
  await page.keyboard.press('End');
  await page.getByRole('row', { name: 'quark 02499.txt', selected: true }).waitFor();
  await at(page, 'quark 02499.txt');
  assert.ok(asked.length <= 3, `${asked.length} pages for one jump`);
  assert.ok(await shown(page).count() <= 200);
  await page.reload();
  await page.getByRole('row', { name: 'Zebra' }).click();
  await page.keyboard.type('q');
  await page.getByRole('row', { name: 'quark 02499.txt', selected: true }).waitFor();
  await page.keyboard.press('Shift+Home'); // also over rows that no page has brought yet
  await page.getByText('2,501 selected', { exact: true }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.getByText('1 selected', { exact: true }).waitFor();
  await page.keyboard.press('Control+a');
  await page.getByText('2,501 selected', { exact: true }).waitFor();
  await page.keyboard.press('Delete');
  await toast(page, '2,501 items are in the trash').hover({ timeout: 60_000 }); // it stays as long as one is at it
  await page.getByText('Nothing here yet').waitFor();
  await toast(page, '2,501 items are in the trash').getByRole('button', { name: 'Undo' }).click();
  await toast(page, 'back in their places').waitFor({ timeout: 60_000 });
  await page.getByText('2,501 items').first().waitFor();
  assert.equal((await w.json('GET', `/folders/root/children?share_id=${share}&limit=1`)).total, 2501);
  w.check(page);
  await page.context().close();
});

test('tiles have pictures, arrows go in both directions, and the selection is that of the list', async () => {
  const page = await w.inShare('Pictures');
  await makeFolder(page, 'Inside');
  await page.locator('#pick-files').setInputFiles([1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({ ...file(`view ${n}.png`, ''), buffer: png(n * 30) })));
  await settled(page);
  await rowsAre(page, ['Inside', ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `view ${n}.png`)]);
  const calls = [];
  page.on('request', (r) => { if (r.url().includes('/thumbnails')) calls.push(r.postDataJSON().ids.length); });
  const top = async () => (await page.getByRole('row', { name: 'view 1.png' }).boundingBox()).y;
  const was = await top();
  await page.getByRole('row', { name: 'view 1.png' }).click();
  await page.getByText('1 selected', { exact: true }).waitFor();
  assert.equal(await top(), was, 'the rows moved when the bar came');
  await page.getByRole('button', { name: 'Tiles' }).click();
  assert.ok(page.url().includes('view=grid'));
  const tile = (name) => page.getByRole('gridcell', { name });
  await tile('view 1.png').locator('img').waitFor({ timeout: 30_000 });
  await page.waitForFunction(() => document.querySelectorAll('.tile img').length === 8, null, { timeout: 30_000 });
  assert.equal(await tile('view 3.png').locator('img').evaluate((el) => el.naturalWidth > 0), true);
  assert.deepEqual(calls, [8]);
  await page.getByText('1 selected', { exact: true }).waitFor();
  await axe(page, 'tiles');
  await tile('view 1.png').click();
  await page.keyboard.press('ArrowRight');
  await at(page, 'view 2.png');
  await page.keyboard.press('ArrowDown');
  const lanes = Number(await page.getByRole('grid').getAttribute('aria-colcount'));
  await at(page, `view ${2 + lanes}.png`);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await page.getByText('3 selected', { exact: true }).waitFor();
  await page.keyboard.press('Home');
  await at(page, 'Inside');
  await page.keyboard.press('F2');
  await focused(page.getByLabel('New name of Inside'));
  await page.keyboard.type('Within');
  await page.keyboard.press('Enter');
  await tile('Within').waitFor();
  await tile('Within').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Within' }).waitFor();
  await page.getByRole('button', { name: 'List' }).click();
  w.check(page);
  await page.context().close();
});

test('what others do changes rows in place, and waits while a menu is open', async () => {
  const page = await w.inShare('Live');
  const share = shareOf(page);
  const make = async (name) => w.json('POST', '/folders', { share_id: share, name });
  await live(page, share);
  await make('alpha');
  const second = await make('charlie');
  await rowsAre(page, ['alpha', 'charlie']);
  await page.getByRole('row', { name: 'charlie' }).click();
  const asked = [];
  page.on('request', (r) => { if (r.url().includes('/children')) asked.push(new URL(r.url()).searchParams.get('item') ?? 'all'); });
  await make('bravo');
  await rowsAre(page, ['alpha', 'bravo', 'charlie']);
  await at(page, 'charlie'); // the focus stays with its row
  assert.ok(asked.length === 1 && asked[0] !== 'all', `asked for ${asked}`);
  await page.getByRole('row', { name: 'alpha' }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Rename' }).waitFor();
  await w.json('PATCH', `/folders/${second.id}`, { name: 'aardvark' });
  await page.getByText('1 change. Show').waitFor();
  await rowsAre(page, ['alpha', 'bravo', 'charlie']);
  await page.keyboard.press('Escape');
  await rowsAre(page, ['aardvark', 'alpha', 'bravo']);
  await w.json('DELETE', `/folders/${second.id}`);
  await rowsAre(page, ['alpha', 'bravo']);
  w.check(page);
  await page.context().close();
});

test('what others do before the window hears of changes shows once it does', async () => {
  const share = (await w.json('POST', '/shares', { name: 'Early', share_type: 'project' })).id;
  const page = await w.page();
  let hear;
  const heard = new Promise((ok) => { hear = ok; });
  await page.route('**/auth/ticket', async (route) => { // without one no socket opens
    await heard;
    await route.continue();
  });
  await page.goto(`${w.server.url}/files/${share}`);
  await signIn(page);
  await page.getByText('Nothing here yet').waitFor();
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Early' }).waitFor();
  await w.json('POST', '/folders', { share_id: share, name: 'meanwhile' });
  await w.json('POST', '/shares', { name: 'Another', share_type: 'project' });
  assert.equal(page.told.length, 0, 'it heard of it');
  hear();
  await rowsAre(page, ['meanwhile']);
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Another' }).waitFor();
  w.check(page);
  await page.context().close();
});

test('a folder goes back to a moment that a slider finds, and returns by undo', async () => {
  const page = await w.inShare('Moments');
  const share = shareOf(page);
  const now = async () => (await w.json('GET', `/folders/root/children?share_id=${share}`)).items.map((it) => it.name);
  await w.json('POST', '/folders', { share_id: share, name: 'kept' });
  const lost = await w.json('POST', '/folders', { share_id: share, name: 'lost' });
  await page.getByRole('row', { name: 'lost' }).waitFor();
  await page.waitForTimeout(2500); // a step of its own
  await w.json('DELETE', `/folders/${lost.id}`);
  await page.getByRole('row', { name: 'lost' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Put back to a moment…' }).click();
  const slider = page.getByRole('slider', { name: 'Moment' });
  await slider.waitFor();
  await axe(page, 'choosing a moment');
  await slider.focus();
  await page.keyboard.press('ArrowLeft');
  const put = page.getByRole('button', { name: 'Put 1 item back' });
  await put.waitFor();
  assert.ok(new URL(page.url()).searchParams.get('at'));
  await page.getByRole('cell', { name: '/lost' }).waitFor();
  await page.getByText('Comes back').waitFor();
  await axe(page, 'what would be done');
  await put.click();
  await toast(page, 'put back').waitFor();
  await page.getByRole('row', { name: 'lost' }).waitFor();
  assert.deepEqual(await now(), ['kept', 'lost']);
  await toast(page, 'put back').getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('row', { name: 'lost' }).waitFor({ state: 'detached' });
  assert.deepEqual(await now(), ['kept']);
  w.check(page);
  await page.context().close();
});

test('keys: places, filter, order, details, comment, download; a listing is printed whole', async () => {
  const page = await w.inShare('Keyboard');
  const share = shareOf(page);
  await fill(share, 260);
  await page.reload();
  await page.getByText('260 items').first().waitFor();
  await page.getByRole('row', { name: 'paper 00000.txt' }).click();
  await page.keyboard.press('/');
  await focused(page.locator('.namefilter input'));
  await page.keyboard.type('quark');
  await page.getByRole('row', { name: 'paper 00000.txt' }).waitFor({ state: 'detached' });
  await page.getByRole('row', { name: 'quark 00259.txt' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
  await page.getByRole('row', { name: 'paper 00258.txt' }).click();
  assert.ok(page.url().includes('order=desc'));
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Control+s')]);
  assert.equal(download.suggestedFilename(), 'paper 00258.txt');
  await page.keyboard.press('Control+i');
  await page.getByRole('complementary').waitFor();
  await page.keyboard.press('Control+i');
  await page.getByRole('complementary').waitFor({ state: 'detached' });
  await page.keyboard.press(':');
  await page.getByRole('tab', { name: 'Activity', selected: true }).waitFor();
  await page.evaluate(() => { window.print = () => { window.dispatchEvent(new Event('beforeprint')); }; });
  await page.getByRole('button', { name: 'Print' }).click();
  await page.waitForFunction(() => document.querySelectorAll('.printed tbody tr').length === 260);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.app').isVisible(), false);
  assert.equal(await page.locator('.printed').getByText('quark 00259.txt').isVisible(), true);
  await page.emulateMedia({ media: null });
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  for (const [key, where] of [['1', '/my'], ['2', '/favourites'], ['3', '/recent'], ['4', '/shared'], ['5', '/conflicts'], ['6', '/trash']]) {
    await page.keyboard.press(`Alt+Shift+${key}`);
    await page.waitForURL(`**${where}`);
  }
  await page.keyboard.press('F6');
  w.check(page);
  await page.context().close();
});

test('the desk: what is marked, used and shared with one is found, and opened where it lies', async () => {
  const page = await w.inShare('Desk');
  await makeFolder(page, 'Deep');
  await page.locator('#pick-files').setInputFiles([file('marked.txt', 'mark'), file('plain.txt', 'plain')]);
  await settled(page);
  await page.getByRole('row', { name: 'marked.txt' }).click();
  await page.keyboard.press('*');
  await page.getByRole('row', { name: 'marked.txt' }).getByText('Favourite').waitFor({ state: 'attached' });
  await page.keyboard.press('Alt+Shift+2');
  await page.getByRole('row', { name: 'marked.txt' }).waitFor();
  await axe(page, 'favourites');
  await act(page, 'marked.txt', 'Show in folder');
  await page.getByRole('heading', { level: 1, name: 'Desk' }).waitFor();
  await page.getByRole('row', { name: 'marked.txt', selected: true }).waitFor();
  await page.keyboard.press('Alt+Shift+3');
  await page.getByRole('row', { name: 'plain.txt' }).waitFor();
  await axe(page, 'recent');
  await page.keyboard.press('Alt+Shift+2');
  await page.getByRole('row', { name: 'marked.txt' }).click();
  await page.keyboard.press('*');
  await page.getByText('No favourites yet').waitFor();
  await page.keyboard.press('Alt+Shift+4');
  await page.getByText('Nobody shares anything with you yet').waitFor();
  w.check(page);
  await page.context().close();
});

test('the trash is searched, and only what was found comes back', async () => {
  const page = await w.inShare('Search of the bin');
  const share = shareOf(page);
  for (const name of ['plan one', 'plan two', 'minutes']) {
    const f = await w.json('POST', '/folders', { share_id: share, name });
    await w.json('DELETE', `/folders/${f.id}`);
  }
  await page.goto(`${w.server.url}/trash?in=${share}`);
  await page.getByRole('row', { name: 'minutes' }).waitFor();
  await page.keyboard.press('/');
  await focused(page.getByLabel('Search the trash by name'));
  await page.keyboard.type('plan');
  await page.getByRole('row', { name: 'minutes' }).waitFor({ state: 'detached' });
  await page.getByRole('row', { name: 'plan one' }).click();
  await page.keyboard.press('Control+a');
  await page.getByText('2 selected', { exact: true }).waitFor();
  await page.getByRole('toolbar').getByRole('button', { name: 'Put back' }).click();
  await toast(page, '2 items are back').waitFor();
  assert.deepEqual((await w.json('GET', `/folders/root/children?share_id=${share}`)).items.map((it) => it.name), ['plan one', 'plan two']);
  assert.deepEqual((await w.json('GET', `/trash?share_id=${share}`)).items.map((it) => it.name), ['minutes']);
  w.check(page);
  await page.context().close();
});
