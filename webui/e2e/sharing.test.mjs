// People together: sharing, shutting out, versions, comments, conflicts.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { email, password } from './rig.mjs';
import { World, axe } from './world.mjs';

const second = { email: 'ines@example.com', password: 'correct horse battery second', name: 'Ines <img src=x onerror=alert(1)>' };
let w;
let ines;
before(async () => {
  w = await World.open();
  ines = await w.json('POST', '/admin/users', { email: second.email, name: 'Ines', display_name: second.name, password: second.password });
});
after(() => w?.close());

async function signedInAs(who, options) {
  const page = await w.page(options);
  await page.goto(w.server.url);
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password', { exact: true }).fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: /^Account of/ }).waitFor();
  return page;
}

const makeShare = (name) => w.json('POST', '/shares', { name, share_type: 'project' });

async function put(share, name, text) {
  const form = new FormData();
  form.append('share_id', share);
  form.append('name', name);
  form.append('file', new Blob([text]), name);
  const r = await w.call('POST', '/files', form);
  const body = await r.json();
  assert.ok(r.ok, JSON.stringify(body));
  return body;
}

// edit gives a file new content as a client does that saw only its first version.
async function edit(share, file, text, device) {
  const bytes = Buffer.from(text);
  const sum = createHash('sha256').update(bytes).digest('hex');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  const grant = await (await fetch(`${w.server.url}/api/v1/auth/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }) })).json();
  const sent = await fetch(`${w.server.url}/api/v1/sync/chunks?share_id=${share}`, {
    method: 'POST', headers: { Authorization: `Bearer ${grant.access_token}`, 'Content-Type': 'application/octet-stream' }, body: Buffer.concat([length, bytes]),
  });
  assert.ok(sent.ok, await sent.text());
  return w.json('POST', '/sync/apply', {
    device_id: device, share_id: share, conflict_resolution: 'MANUAL', client_now: new Date().toISOString(), round_id: `${share} ${device}`,
    changes: [{ client_ref: `${share} ${file.id}`, resource_type: 'file', change_type: 'updated', resource_id: file.id, base_version_id: file.version_id, seen_at: new Date(Date.now() - 1000).toISOString(),
      content: { size: bytes.length, checksum_sha256: sum, chunks: [{ sha256: sum, size: bytes.length }] } }],
  });
}

test('a share arrives in the browser of a second person, and a denied folder goes from it', async () => {
  const share = await makeShare('Bridge works');
  const open = await w.json('POST', '/folders', { share_id: share.id, name: 'Open' });
  const closed = await w.json('POST', '/folders', { share_id: share.id, name: 'Closed \u202etxt' });
  const theirs = await signedInAs(second, { expected: [404] });
  await theirs.getByRole('heading', { level: 1, name: 'Shares' }).waitFor();
  const page = await w.signedIn();
  await page.goto(`${w.server.url}/files/${share.id}?share=${share.id}`);
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Role for who is added').selectOption('contributor');
  await dialog.getByLabel('Add people or groups').fill('ines');
  await dialog.getByRole('button', { name: /^Add: Ines/ }).click();
  await dialog.getByRole('button', { name: /^Role of Ines.*: Contributor/ }).waitFor();
  await axe(page, 'share dialog, people');
  // It shows without a reload.
  const place = theirs.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: /Bridge/ });
  await place.first().waitFor({ timeout: 20_000 });
  await place.first().click();
  await theirs.getByRole('row', { name: /Closed/ }).waitFor();

  await page.goto(`${w.server.url}/files/${share.id}?share=${closed.id}&tab=permissions`);
  await dialog.getByRole('button', { name: 'Add an entry' }).click();
  const form = dialog.getByRole('form', { name: 'Add an entry' });
  await form.getByLabel('Person or group').fill('ines');
  await form.getByRole('button', { name: /^Choose: Ines/ }).click();
  await form.getByRole('button', { name: 'Deny' }).click();
  await axe(page, 'share dialog, an entry');
  await form.getByRole('button', { name: 'Save entry' }).click();
  await dialog.getByRole('list', { name: 'Permission entries' }).getByText('This and all in it').waitFor();
  await theirs.getByRole('row', { name: /Closed/ }).waitFor({ state: 'detached', timeout: 20_000 });
  await theirs.getByRole('row', { name: 'Open' }).waitFor();

  const why = dialog.getByRole('region', { name: 'Why does this person have access?' });
  await why.getByLabel('Whose access').fill('ines');
  await why.getByRole('button', { name: /^Choose: Ines/ }).click();
  await why.getByText(/Read: Denied by the entry for ..Ines/).waitFor();
  await axe(page, 'share dialog, permissions');
  await dialog.getByRole('button', { name: /^Remove the entry for Ines/ }).click();
  await theirs.getByRole('row', { name: /Closed/ }).waitFor({ timeout: 20_000 });
  assert.equal(await page.locator('img[src=x]').count(), 0);

  await dialog.getByRole('switch', { name: 'Inherit from above' }).click();
  await page.locator('.toast', { hasText: 'doesn’t count here any more' }).waitFor();
  assert.equal((await w.json('GET', `/permissions/acl/folder/${closed.id}`)).inherit_from_parent, false);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.equal(new URL(page.url()).search, '');
  assert.ok(open.id);
  w.check(page);
  w.check(theirs);
  await theirs.context().close();
  await page.context().close();
});

test('roles, an end, invitations, on a phone', async () => {
  const share = await makeShare('Phone');
  await w.json('POST', `/shares/${share.id}/members`, { principal_id: ines.id, role: 'reader' });
  const page = await w.signedIn({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.goto(`${w.server.url}/files/${share.id}?share=${share.id}`);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /^Role of Ines/ }).click();
  await page.getByRole('menuitemradio', { name: 'Admin' }).click();
  await dialog.getByRole('button', { name: /^Role of Ines.*: Admin/ }).click();
  await page.getByRole('menuitem', { name: 'Set an end…' }).click();
  await dialog.getByLabel(/^Access of Ines.* ends on/).fill('2099-12-31');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText(/Until 31 Dec 2099/).waitFor();
  await dialog.getByRole('button', { name: 'Invite by e-mail' }).click();
  await dialog.getByRole('textbox', { name: 'E-mail address' }).fill('lena@partner.example.com');
  await dialog.getByRole('button', { name: 'Make an invitation' }).click();
  assert.match(await dialog.getByLabel('Address of the invitation').inputValue(), /^http/);
  await axe(page, 'invitation');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${wide} px too wide`);
  await dialog.getByRole('button', { name: /^Revoke the invitation of lena/ }).click();
  await page.locator('.toast', { hasText: 'taken back' }).waitFor();
  await dialog.getByRole('button', { name: /^Role of Ines/ }).click();
  await page.getByRole('menuitem', { name: 'Remove from the share' }).click();
  await dialog.getByRole('button', { name: /^Role of Ines/ }).waitFor({ state: 'detached' });
  w.check(page);
  await page.context().close();
});

test('versions, tags and comments beside the listing', async () => {
  const share = await makeShare('Beside');
  await w.json('POST', `/shares/${share.id}/members`, { principal_id: ines.id, role: 'contributor' });
  const first = await put(share.id, 'plan.txt', 'first');
  await edit(share.id, first, 'second', 'desk');
  const page = await w.signedIn();
  await page.goto(`${w.server.url}/files/${share.id}?panel=versions`);
  await page.getByRole('row', { name: /plan\.txt/ }).click();
  const panel = page.getByRole('complementary');
  await panel.getByRole('tab', { name: 'Versions' }).click();
  await axe(page, 'versions');
  await panel.getByRole('button', { name: 'Restore version 1' }).click();
  await panel.getByText('Version 3').waitFor();
  assert.equal((await w.content(first.id)).toString(), 'first');

  await panel.getByRole('tab', { name: 'Info' }).click();
  await panel.getByLabel('Add a tag').fill('<b>urgent</b>');
  await panel.getByRole('button', { name: 'Add' }).click();
  await panel.getByRole('button', { name: 'Take the tag <b>urgent</b> away' }).waitFor();
  await axe(page, 'info');
  await panel.getByRole('tab', { name: 'Access' }).click();
  await panel.getByText('You can').waitFor();
  await axe(page, 'access');
  await panel.getByRole('tab', { name: 'Activity' }).click();
  await panel.getByLabel('Comment', { exact: true }).fill('Looks <script>good</script>\nto me');
  await panel.getByRole('button', { name: 'Write a comment' }).click();
  await panel.getByText('Looks <script>good</script>').waitFor();
  await panel.getByRole('button', { name: /^Edit the comment/ }).click();
  await panel.getByLabel('Comment', { exact: true }).first().fill('Looks fine');
  await panel.getByRole('button', { name: 'Save' }).click();
  await panel.getByText(', edited').waitFor();
  await axe(page, 'activity');
  const { comments } = await w.json('GET', `/files/${first.id}/comments`);
  assert.deepEqual(comments.map((c) => c.text), ['Looks fine']);
  await panel.getByRole('button', { name: /^Delete the comment/ }).click();
  await panel.getByText('No comments yet.').waitFor();
  w.check(page);
  await page.context().close();
});

test('a conflict that a client made is settled by a key', async () => {
  const share = await makeShare('Quarrel');
  const f = await put(share.id, 'open questions.md', 'one\ntwo\nthree\n');
  await edit(share.id, f, 'one\n2\nthree\n', 'desk');
  const made = await edit(share.id, f, 'one\nzwei\nthree\n', 'laptop');
  assert.equal(made.conflicts.length, 1, JSON.stringify(made));
  const page = await w.signedIn();
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: /Conflicts.*1/ }).click();
  await page.getByRole('main').getByRole('link', { name: /open questions\.md/ }).click();
  await page.getByRole('region', { name: 'The texts beside each other' }).getByText('zwei').waitFor();
  await axe(page, 'a conflict');
  await page.keyboard.press('1');
  await page.getByText('Nothing to settle').waitFor();
  assert.equal((await w.content(f.id)).toString(), 'one\nzwei\nthree\n');
  await axe(page, 'no conflicts');
  w.check(page);
  await page.context().close();
});
