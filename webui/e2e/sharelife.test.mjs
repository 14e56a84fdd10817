// The life of a share: its settings, who asks to join, its owner, archive, end.
import assert from 'node:assert/strict';
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

const toast = (page, text) => page.locator('.toast', { hasText: text }).waitFor();

async function signedInAs(who, where = '') {
  const page = await w.page({ expected: [404, 409, 410, 422] });
  await page.goto(w.server.url + where);
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password', { exact: true }).fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: /^Account of/ }).waitFor();
  return page;
}

test('a share opens to requests; who asks is let in and sees it at once', async () => {
  const share = await w.json('POST', '/shares', { name: 'Tenders', share_type: 'project' });
  await w.json('POST', '/shares', { name: 'Taken', share_type: 'project', slug: 'taken' });
  const page = await w.signedIn({ expected: [409, 422] });
  await page.goto(`${w.server.url}/files/${share.id}?share=${share.id}&tab=settings`);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Description' }).fill('What we <b>offer</b>');
  await dialog.getByLabel('Short name').fill('taken');
  await dialog.getByRole('radio', { name: /Everybody in the organisation/ }).check();
  await dialog.getByLabel('Quota in GB').fill('2,5');
  await dialog.getByLabel('When edits meet').selectOption('MANUAL');
  await dialog.getByLabel('Deleted items are kept').selectOption('days');
  await dialog.getByLabel('Days', { exact: true }).fill('7');
  await dialog.getByRole('button', { name: 'Save settings' }).click();
  await dialog.getByText('Another share has this short name').waitFor();
  await dialog.getByLabel('Short name').fill('tenders');
  await dialog.getByRole('button', { name: 'Save settings' }).click();
  await toast(page, 'are saved');
  await axe(page, 'share settings');
  const is = await w.json('GET', `/shares/${share.id}`);
  assert.deepEqual([is.slug, is.visibility, is.description, is.settings.conflict_resolution, is.settings.trash_retention_days, is.quota_bytes], ['tenders', 'discoverable', 'What we <b>offer</b>', 'MANUAL', 7, 2_500_000_000]);

  const theirs = await signedInAs(second, '/invitations');
  await theirs.getByRole('button', { name: 'Ask to join: Tenders' }).click();
  await theirs.getByRole('textbox', { name: 'Message' }).fill('I calculate the bridge');
  await axe(theirs, 'asking to join');
  await theirs.getByRole('dialog').getByRole('button', { name: 'Ask', exact: true }).click();
  await theirs.getByRole('button', { name: 'Withdraw: Tenders' }).click();
  await theirs.getByRole('button', { name: 'Ask to join: Tenders' }).click();
  await theirs.getByRole('textbox', { name: 'Message' }).fill('I calculate the piers, too');
  await theirs.getByRole('dialog').getByRole('button', { name: 'Ask', exact: true }).click();
  // It is told without a reload.
  await dialog.getByText('I calculate the piers, too').waitFor();
  await dialog.getByLabel('Role for Ines').selectOption('contributor');
  await axe(page, 'a request to join');
  await dialog.getByRole('button', { name: 'Let Ines in' }).click();
  await dialog.getByText('Nobody asks to join.').waitFor();
  await theirs.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: /Tenders/ }).waitFor();
  const { members } = await w.json('GET', `/shares/${share.id}/members`);
  assert.equal(members.find((m) => m.principal_id === ines.id).role, 'contributor');
  w.check(page);
  w.check(theirs);
  await theirs.context().close();
  await page.context().close();
});

test('an invitation is accepted at its address', async () => {
  const share = await w.json('POST', '/shares', { name: 'Board', share_type: 'project' });
  const made = await w.json('POST', `/shares/${share.id}/invitations`, { email: second.email, role: 'reader', message: 'Welcome' });
  const page = await signedInAs(second, new URL(made.url).pathname + new URL(made.url).hash);
  await page.getByText('Welcome').waitFor();
  await axe(page, 'invitations');
  await page.getByRole('button', { name: 'Join: Board' }).click();
  await page.getByRole('heading', { level: 1, name: 'Board' }).waitFor();
  w.check(page);
  await page.context().close();
});

test('a share is archived and opened, given away, deleted and brought back', async () => {
  const share = await w.json('POST', '/shares', { name: 'Old bridge', share_type: 'project' });
  const page = await w.signedIn({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, expected: [404, 410] });
  await page.goto(`${w.server.url}/files/${share.id}?share=${share.id}&tab=settings`);
  const dialog = page.getByRole('dialog');
  const is = () => w.json('GET', `/shares/${share.id}`);
  await dialog.getByLabel('Archive by itself at the end of').fill('2099-12-31');
  await dialog.getByRole('button', { name: 'Set the date' }).click();
  await toast(page, 'archived by itself on');
  assert.match((await is()).archive_at, /^2099-12-31|^2100-01-01/);
  await dialog.getByRole('button', { name: 'Archive now' }).click();
  await dialog.getByText(/^Archived/).waitFor();
  assert.equal((await is()).is_archived, true);
  await axe(page, 'an archived share');
  await dialog.getByRole('button', { name: 'Open it again' }).click();
  await dialog.getByRole('button', { name: 'Archive now' }).waitFor();
  assert.equal((await is()).is_archived, false);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${wide} px too wide`);

  await dialog.getByLabel('Give the share to').fill('ines');
  await dialog.getByRole('button', { name: 'Give: Ines' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Give the share' }).click();
  await toast(page, 'belongs to');
  assert.equal((await is()).owner_id, ines.id);

  await dialog.getByRole('button', { name: 'Delete the share' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete the share' }).click();
  await page.getByRole('heading', { level: 1, name: 'Shares' }).waitFor();
  assert.equal((await w.call('GET', `/shares/${share.id}`)).status, 410);
  await page.locator('.toast', { hasText: 'is deleted' }).getByRole('button', { name: 'Undo' }).click();
  await toast(page, 'is back');
  assert.equal((await is()).is_deleted, false);
  await page.context().close();
});
