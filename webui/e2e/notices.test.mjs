// The bell: what happened while somebody was away, told as it comes.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { World, axe } from './world.mjs';

const second = { email: 'ines@example.com', password: 'correct horse battery second', name: 'Ines' };
let w;
let ines;
before(async () => {
  w = await World.open();
  ines = await w.json('POST', '/admin/users', { email: second.email, name: second.name, password: second.password });
});
after(() => w?.close());

const shots = process.env.SHOTS;
async function shot(page, name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.waitForTimeout(400); // pictures of what has come to rest
  await page.screenshot({ path: `${shots}/${name}.png` });
}

test('somebody is told what happens to them, live, and marks it as read', async () => {
  const page = await w.page({ locale: 'en-GB', expected: [404] });
  await page.goto(w.server.url);
  await page.getByLabel('E-mail').fill(second.email);
  await page.getByLabel('Password', { exact: true }).fill(second.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Notices', exact: true }).click();
  const bell = page.getByRole('dialog', { name: 'Notices' });
  await bell.getByText('Nothing new').waitFor();
  await axe(page, 'no notices');

  const share = await w.json('POST', '/shares', { name: 'Harbour bridge', share_type: 'project' });
  await w.json('POST', `/shares/${share.id}/members`, { principal_id: ines.id, role: 'reader' });
  const given = bell.getByRole('link', { name: /New:.*gave you access to .*Harbour bridge.* as reader/ });
  await given.waitFor(); // without a reload
  const form = new FormData();
  form.append('share_id', share.id);
  form.append('name', 'Open #1 questions.md');
  form.append('file', new Blob(['# Open']), 'x');
  const file = await (await w.call('POST', '/files', form)).json();
  for (const text of [`Please look, @${second.email}.`, `And again, @${second.email}`]) await w.json('POST', `/files/${file.id}/comments`, { text });
  await bell.getByRole('link', { name: /mentioned you beside .*Open #1 questions\.md.* \(2\)/ }).waitFor();
  await axe(page, 'notices');
  await shot(page, 'light');
  for (const [name, set] of [['dark', () => page.emulateMedia({ colorScheme: 'dark' })], ['phone', () => page.setViewportSize({ width: 390, height: 844 })]]) {
    await set();
    await shot(page, name);
    await axe(page, `notices, ${name}`);
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${wide} px too wide`);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Notices, 2 new' }).click();
  await bell.getByRole('link', { name: /gave you access/ }).click();
  await page.getByRole('heading', { level: 1, name: /Harbour/ }).waitFor();
  await page.getByRole('button', { name: 'Notices, 1 new' }).click();
  await bell.getByRole('button', { name: 'Mark all as read' }).click();
  await bell.getByRole('button', { name: 'Mark all as read' }).waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Notices', exact: true }).waitFor();

  await page.goto(w.server.url);
  await w.json('DELETE', `/shares/${share.id}/members/${ines.id}`);
  await page.getByRole('button', { name: 'Notices, 1 new' }).click();
  await bell.getByText('A role in a share was taken from you').waitFor();
  assert.equal(await bell.getByText('Harbour').count(), 0);
  w.check(page);
  await page.context().close();
});
