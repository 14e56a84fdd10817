// At the edges: uploads that outlive the page, and what files hold shown.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { World, file, noise, settled, signOut, tray } from './world.mjs';

let w;
before(async () => { w = await World.open(); });
after(() => w?.close());

// hold lets an upload come to a part and no further.
async function hold(page, part) {
  const sent = [];
  let reached;
  const there = new Promise((ok) => { reached = ok; });
  await page.route(/\/chunks\/\d+$/, async (route) => {
    const n = Number(/(\d+)$/.exec(route.request().url())[1]);
    if (n >= part) return reached(); // it never gets an answer
    sent.push(n);
    return route.continue();
  });
  return { sent, there, go: () => page.unroute(/\/chunks\/\d+$/) };
}

test('an interrupted upload is continued after a reload', async () => {
  const page = await w.inShare('Reload', { expected: ['network'] });
  page.on('dialog', (d) => void d.accept());
  const bytes = noise(26_000_007, 5);
  writeFileSync(w.path('long.bin'), bytes);
  const held = await hold(page, 2);
  await page.locator('#pick-files').setInputFiles(w.path('long.bin'));
  await held.there;
  await page.waitForTimeout(400); // the record is written a moment after a part
  await page.reload();
  await held.go();
  const after = [];
  page.on('request', (r) => { const n = /chunks\/(\d+)$/.exec(r.url())?.[1]; if (n) after.push(Number(n)); });
  await tray(page).getByText('1 upload was interrupted').waitFor();
  // A stranger of the same name is not mixed with what was sent.
  await page.locator('#pick-again').setInputFiles([file('long.bin', 'another')]);
  await page.getByText('1 file is none of those').first().waitFor();
  await page.locator('#pick-files').setInputFiles(w.path('long.bin'));
  await settled(page, '1 upload finished');
  assert.deepEqual(after, [2, 3]);
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
  const page = await w.inShare('Handles', { expected: ['network', 401, 404] });
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
  const held = await hold(page, 2);
  await drop([['a.bin', 20_000_000, 3], ['b.bin', 20_000_000, 7]]);
  await held.there;
  await tray(page).getByText('b.bin').waitFor();
  await page.waitForTimeout(400);
  await page.evaluate(async () => { // another content of the same size
    const out = await (await (await navigator.storage.getDirectory()).getFileHandle('b.bin')).createWritable();
    await out.write(new Uint8Array(20_000_000).fill(9));
    await out.close();
  });
  await held.go();
  await page.reload();
  await settled(page, '2 uploads finished');
  const there = await w.listing(page);
  assert.ok((await w.content(there.get('a.bin').id)).equals(Buffer.from(new Uint8Array(20_000_000).map((_, i) => (i * 3) >> 3))));
  assert.ok((await w.content(there.get('b.bin').id)).equals(Buffer.alloc(20_000_000, 9)));
  const kept = () => page.evaluate(() => new Promise((ok) => {
    const r = indexedDB.open('scaidrive.uploads');
    r.onsuccess = () => { const q = r.result.transaction('items').objectStore('items').getAll(); q.onsuccess = () => { r.result.close(); ok(q.result.map((k) => k.name)); }; };
  }));
  assert.deepEqual(await kept(), []);
  const again = await hold(page, 1);
  writeFileSync(w.path('c.bin'), noise(20_000_000, 6));
  await page.locator('#pick-files').setInputFiles(w.path('c.bin'));
  await again.there;
  await page.waitForTimeout(400);
  assert.deepEqual(await kept(), ['c.bin']);
  await signOut(page);
  await page.getByRole('button', { name: 'Stop uploads and sign out' }).click();
  await page.getByLabel('E-mail').waitFor();
  await page.waitForTimeout(400);
  assert.deepEqual(await kept(), []);
  w.check(page);
  await page.context().close();
});
