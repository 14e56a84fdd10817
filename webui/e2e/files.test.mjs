// What is done with files: rename, move, copy, undo, trash, archives, by mouse and keys.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { World, act, axe, eventually, file, focused, makeFolder, rowsAre, settled, shareOf, signIn, signOut } from './world.mjs';

let w;
before(async () => { w = await World.open(); });
after(() => w?.close());

const upload = async (page, names) => {
  await page.locator('#pick-files').setInputFiles(names.map((n) => file(n, `content of ${n}`)));
  await settled(page);
  for (const n of names) await page.getByRole('row', { name: n }).waitFor();
};
const names = async (page, folder) => [...(await w.listing(page, folder)).keys()].sort();
const toast = (page, text) => page.locator('.toast', { hasText: text });
const focusRow = async (page, name) => {
  await page.getByRole('row', { name }).click();
  await page.getByRole('row', { name, selected: true }).waitFor();
};

test('a file is renamed and moved by keys alone, and undone', async () => {
  const page = await w.inShare('Keys', { expected: [409, 422] });
  await makeFolder(page, 'Archive');
  await upload(page, ['plan.final.pdf', 'other.txt']);
  await focusRow(page, 'other.txt');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('F2');
  const field = page.getByLabel('New name of plan.final.pdf');
  await focused(field);
  assert.equal(await field.evaluate((el) => el.value.slice(el.selectionStart, el.selectionEnd)), 'plan.final', 'the ending is selected');
  await page.keyboard.type('oth:er');
  await page.keyboard.press('Enter');
  await page.locator('.rename .err').waitFor();
  await focused(field);
  assert.equal(await field.inputValue(), 'oth:er.pdf');
  assert.equal(await field.evaluate((el) => el.value.slice(el.selectionStart, el.selectionEnd)), ':', 'the wrong place is not marked');
  await axe(page, 'a refused name');
  await field.fill('other.txt');
  await page.keyboard.press('Enter');
  await page.getByText('This name is taken here.').waitFor();
  await focused(field);
  await page.keyboard.press('Escape');
  await focused(page.getByRole('row', { name: 'plan.final.pdf' }));
  await page.keyboard.press('F2');
  await focused(field);
  await page.keyboard.type('tender');
  await page.keyboard.press('Enter');
  await toast(page, 'is now').waitFor();
  assert.deepEqual(await names(page), ['Archive', 'other.txt', 'tender.pdf']);
  await page.keyboard.press('Control+z');
  await toast(page, /tender\.pdf.* is now .*plan\.final\.pdf/).waitFor(); // the row shows it before it is done
  await page.getByRole('row', { name: 'plan.final.pdf' }).waitFor();
  assert.deepEqual(await names(page), ['Archive', 'other.txt', 'plan.final.pdf']);

  await focusRow(page, 'plan.final.pdf');
  await page.keyboard.press('>');
  await focused(page.getByRole('dialog').getByRole('row', { name: 'Archive' }));
  await axe(page, 'choosing a folder');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('No folders in here').waitFor();
  await page.getByRole('button', { name: /^Move to “.*Archive/ }).focus();
  await page.keyboard.press('Enter');
  await toast(page, 'moved to').waitFor();
  const archive = (await w.listing(page)).get('Archive').id;
  assert.deepEqual(await names(page, archive), ['plan.final.pdf']);
  await page.getByRole('row', { name: 'plan.final.pdf' }).waitFor({ state: 'detached' });

  await focusRow(page, 'other.txt');
  await page.keyboard.press('Control+x');
  await page.getByRole('link', { name: 'Archive' }).dblclick();
  await page.getByRole('heading', { level: 1, name: 'Archive' }).waitFor();
  await page.keyboard.press('Control+v');
  await page.getByRole('row', { name: 'other.txt' }).waitFor();
  assert.deepEqual(await names(page, archive), ['other.txt', 'plan.final.pdf']);
  await focusRow(page, 'other.txt');
  await page.keyboard.press('Control+c');
  await page.keyboard.press('Control+v');
  await page.getByRole('row', { name: 'other (2).txt' }).waitFor();
  w.check(page);
  await page.context().close();
});

test('many go as a job, and come back by undo; a drag moves into a folder', async () => {
  const page = await w.inShare('Many');
  await makeFolder(page, 'Goal');
  await upload(page, ['a.txt', 'b.txt', 'c.txt']);
  await focusRow(page, 'a.txt');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await page.getByText('3 selected', { exact: true }).waitFor();
  const goal = (await w.listing(page)).get('Goal').id;
  await page.getByRole('row', { name: 'b.txt' }).locator('.name').dragTo(page.getByRole('row', { name: 'Goal' }));
  await toast(page, '3 items moved to “').waitFor();
  assert.deepEqual(await names(page, goal), ['a.txt', 'b.txt', 'c.txt']);
  await toast(page, 'moved to').getByRole('button', { name: 'Undo' }).click();
  await toast(page, '3 items are back in their places').waitFor();
  assert.deepEqual(await names(page), ['Goal', 'a.txt', 'b.txt', 'c.txt']);
  await rowsAre(page, ['Goal', 'a.txt', 'b.txt', 'c.txt']);
  await focusRow(page, 'a.txt');
  await page.keyboard.press('Shift+ArrowDown');
  await page.getByText('2 selected', { exact: true }).waitFor();
  await act(page, 'a.txt', 'Rename…');
  const many = page.getByRole('dialog', { name: 'Rename 2 items' });
  await many.getByLabel('Replace in the names').fill('txt');
  await many.getByText('No name has this').waitFor(); // endings stay
  await many.getByLabel('Replace in the names').fill('b');
  await many.getByLabel('By', { exact: true }).fill('Pier 4');
  await many.getByText('1 of 2 items gets another name').waitFor();
  await axe(page, 'many new names');
  await page.keyboard.press('Enter');
  await toast(page, '1 item renamed').waitFor();
  assert.deepEqual(await names(page), ['Goal', 'Pier 4.txt', 'a.txt', 'c.txt']);
  await toast(page, '1 item renamed').getByRole('button', { name: 'Undo' }).click();
  await toast(page, '1 item is as it was').waitFor();
  assert.deepEqual(await names(page), ['Goal', 'a.txt', 'b.txt', 'c.txt']);
  await rowsAre(page, ['Goal', 'a.txt', 'b.txt', 'c.txt']);
  await focusRow(page, 'c.txt');
  await page.keyboard.press('*');
  await page.getByRole('row', { name: 'c.txt' }).getByText('Favourite').waitFor({ state: 'attached' });
  w.check(page);
  await page.context().close();
});

test('what was done is taken back from anywhere: by keys, from the list, after a reload; another person can’t', async () => {
  const page = await w.inShare('Taken back', { expected: [401] });
  const share = shareOf(page);
  await page.locator('#pick-files').setInputFiles(['a.txt', 'b.txt', ...Array.from({ length: 21 }, (_, i) => `many ${String(i).padStart(2, '0')}.txt`)].map((n) => file(n, n)));
  await page.getByText('23 items').first().waitFor();
  await act(page, 'a.txt', 'Move to trash');
  await toast(page, 'a.txt').waitFor();
  await page.getByRole('link', { name: 'Favourites' }).click();
  await page.getByRole('heading', { level: 1, name: 'Favourites' }).waitFor();
  await page.keyboard.press('Control+z'); // in another view
  await toast(page, 'is back').waitFor();
  await page.getByRole('link', { name: 'Taken back' }).first().click();
  await page.getByRole('row', { name: 'a.txt' }).waitFor();
  await act(page, 'b.txt', 'Move to trash');
  await toast(page, 'b.txt').waitFor();
  await page.getByRole('row', { name: 'b.txt' }).waitFor({ state: 'detached' });
  await focusRow(page, 'many 00.txt');
  await page.keyboard.press('Shift+End');
  await page.getByText('21 selected', { exact: true }).waitFor();
  await page.keyboard.press('Delete');
  await toast(page, '21 items are in the trash').waitFor();
  const actions = async () => {
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Recent actions' }).click();
    return page.getByRole('dialog', { name: 'Recent actions' });
  };
  const jobs = page.waitForResponse((r) => new URL(r.url()).pathname === '/api/v1/jobs' && r.request().method() === 'GET');
  const list = await actions();
  await list.getByText('21 items are in the trash').waitFor();
  await (await jobs).finished(); // what the server knows stands there, too
  assert.equal(await list.getByRole('listitem').count(), 2, 'a job stands twice');
  await axe(page, 'recent actions');
  await list.getByRole('button', { name: /^Undo: .*b\.txt/ }).click();
  await page.getByRole('row', { name: 'b.txt' }).waitFor();
  await page.goto(`${w.server.url}/files/${share}?dialog=actions`); // another window, another day
  await page.getByRole('dialog').getByRole('button', { name: 'Undo: 21 items moved to the trash' }).click();
  await toast(page, '21 items are as they were').waitFor();
  await page.getByText('23 items').first().waitFor();

  await act(page, 'a.txt', 'Move to trash');
  await toast(page, 'a.txt').waitFor();
  await w.json('POST', '/admin/users', { email: 'ottilie@example.com', name: 'Ottilie', password: 'correct horse battery staple' });
  await signOut(page);
  await page.getByLabel('E-mail').waitFor();
  await signIn(page, 'correct horse battery staple', 'ottilie@example.com');
  await page.getByRole('button', { name: 'Account of Ottilie' }).waitFor();
  assert.equal(await page.locator('.toast').count(), 0, 'the former person’s messages stand there');
  await page.keyboard.press('Control+z');
  await toast(page, 'There is nothing to undo').waitFor();
  assert.equal((await w.json('GET', `/folders/root/children?share_id=${share}&limit=1`)).total, 22);
  w.check(page);
  await page.context().close();
});

test('folders and selections come down as one archive; hostile names stay text', async () => {
  const page = await w.inShare('Zip');
  await makeFolder(page, 'Papers');
  const evil = 'x <img src=x onerror=alert(1)>.txt'.replaceAll('<', '‹').replaceAll('>', '›');
  const hidden = 'a\u202etxt.exe';
  await upload(page, ['one.txt']);
  const papers = (await w.listing(page)).get('Papers').id;
  const form = new FormData();
  form.set('share_id', shareOf(page));
  form.set('folder_id', papers);
  form.set('file', new Blob(['inside']), 'in.txt');
  await w.json('POST', '/files', form);
  for (const name of [evil, hidden]) {
    const f = new FormData();
    f.set('share_id', shareOf(page));
    f.set('file', new Blob(['evil']), name);
    await w.json('POST', '/files', f);
  }
  await rowsAre(page, ['Papers', 'a□txt.exe', 'one.txt', evil]);
  await focusRow(page, 'one.txt');
  await page.keyboard.press('Control+a');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('toolbar').getByRole('button', { name: 'Download' }).click()]);
  const list = execFileSync('python3', ['-c', 'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(z.testzip()); print("\\n".join(sorted(z.namelist())))', await download.path()], { encoding: 'utf8' });
  assert.ok(list.startsWith('None'), list);
  for (const n of ['one.txt', 'Papers/in.txt']) assert.ok(list.split('\n').includes(n), `${n} is not in the archive: ${list}`);
  await focusRow(page, 'a□txt.exe');
  await act(page, 'a□txt.exe', 'Rename');
  assert.equal(await page.getByLabel(/New name of/).inputValue(), hidden);
  await page.keyboard.press('Escape');
  w.check(page);
  await page.context().close();
});

test('what one deletion took away comes back together', async () => {
  const page = await w.inShare('Together');
  await upload(page, ['one.txt', 'two.txt', 'three.txt']);
  const share = shareOf(page);
  await focusRow(page, 'three.txt');
  await page.keyboard.press('Delete');
  await page.getByRole('row', { name: 'three.txt' }).waitFor({ state: 'detached' });
  const items = [...(await w.listing(page)).values()].map((i) => ({ id: i.id }));
  assert.equal(items.length, 2);
  await w.json('POST', '/jobs', { kind: 'delete', items }); // as many are deleted
  await page.getByText('Nothing here yet').waitFor();
  await page.goto(`${w.server.url}/trash?in=${share}`);
  await page.getByRole('row', { name: 'three.txt' }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Put back', exact: true }).waitFor();
  assert.equal(await page.getByRole('menuitem', { name: /deleted with it/ }).count(), 0, 'it was deleted alone');
  await page.keyboard.press('Escape');
  await act(page, 'two.txt', 'Put back all that was deleted with it');
  await toast(page, '2 items').waitFor();
  await page.getByRole('row', { name: 'one.txt' }).waitFor({ state: 'detached' });
  assert.deepEqual([...(await w.json('GET', `/folders/root/children?share_id=${share}`)).items.map((i) => i.name)].sort(), ['one.txt', 'two.txt']);
  w.check(page);
  await page.context().close();
});

test('the trash gives back, and deletes for good only when asked', async () => {
  const page = await w.inShare('Bin');
  await upload(page, ['keep.txt', 'gone.txt', 'rest.txt']);
  await focusRow(page, 'keep.txt');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.getByText('Nothing here yet').waitFor();
  const share = shareOf(page);
  await page.goto(`${w.server.url}/trash?in=${share}`);
  await focusRow(page, 'keep.txt');
  await axe(page, 'the trash');
  await page.getByRole('toolbar').getByRole('button', { name: 'Put back' }).click();
  await toast(page, 'is back').waitFor();
  assert.deepEqual([...(await w.json('GET', `/folders/root/children?share_id=${share}`)).items.map((i) => i.name)], ['keep.txt']);
  await page.getByRole('row', { name: 'keep.txt' }).waitFor({ state: 'detached' });
  await focusRow(page, 'gone.txt');
  await page.keyboard.press('Delete');
  const ask = page.getByRole('alertdialog');
  await focused(ask.getByRole('button', { name: 'Keep' })); // the safe one
  await page.keyboard.press('Enter');
  await ask.waitFor({ state: 'detached' });
  await focused(page.getByRole('row', { name: 'gone.txt' }));
  await page.keyboard.press('Delete');
  await ask.getByRole('button', { name: 'Delete 1 item for good' }).click();
  await toast(page, 'deleted for good').waitFor();
  await page.getByLabel('Search the trash by name').fill('nothing');
  await page.getByText('Nothing in this trash is called').waitFor();
  await page.getByLabel('Search the trash by name').fill('');
  await page.getByRole('row', { name: 'rest.txt' }).waitFor();
  assert.equal((await w.json('GET', `/trash?share_id=${share}`)).total, 1);
  await page.getByRole('button', { name: 'Empty trash' }).click();
  await ask.getByRole('button', { name: 'Empty trash for good' }).click();
  await page.getByText('The trash is empty').waitFor();
  w.check(page);
  await page.context().close();
});
