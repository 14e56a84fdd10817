// The console: an administrator makes accounts and groups, shuts somebody out, and
// changes a setting.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, axe, signIn } from './world.mjs';

let w;
before(async () => { w = await World.open(); });
after(() => w?.close());

// setPassword is what the new person does with the link that they were given.
async function setPassword(address) {
  const page = await w.page({ expected: [410, 422] });
  await page.goto(address);
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText(/at least 12/).waitFor();
  assert.ok(!page.url().includes('activate'), 'the secret stands in the address');
  await axe(page, 'a password to set');
  await page.getByLabel('New password').fill('a horse of another colour');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByRole('button', { name: 'Go to sign-in' }).click();
  await page.getByLabel('E-mail').fill('jonas@example.com');
  await page.getByLabel('Password', { exact: true }).fill('a horse of another colour');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Shares' }).waitFor();
  await page.goto(address); // again: it was used
  await page.getByLabel('New password').fill('a horse of another colour');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('This link was used').waitFor();
  w.check(page);
  await page.context().close();
}

const main = (page) => page.getByRole('main');
const panel = (page, name) => page.getByRole('complementary', { name });

test('a person is made, put into a group, shut out and let in again', async () => {
  const page = await w.page({ expected: [422] });
  await page.goto(`${w.server.url}/admin`);
  await signIn(page);
  await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
  await main(page).getByText('All parts work').waitFor();
  await axe(page, 'dashboard');

  await page.getByRole('link', { name: 'Users' }).click();
  await page.getByRole('button', { name: 'New user' }).click();
  await page.getByLabel('E-mail address').fill('not an address');
  await page.getByLabel('Name', { exact: true }).fill('Jonas <b>Weber</b>');
  await page.getByRole('button', { name: 'Create user' }).click();
  await page.getByRole('alert').filter({ hasText: /./ }).first().waitFor(); // says what is wrong, and keeps what was typed
  await page.getByLabel('E-mail address').fill('jonas@example.com');
  await page.getByRole('button', { name: 'Create user' }).click();
  const link = page.getByLabel('Link', { exact: true });
  await link.waitFor();
  const address = await link.inputValue();
  await axe(page, 'link to hand over');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('grid').getByText('Pending').waitFor();
  await setPassword(address);
  await page.reload();
  await page.getByRole('grid').getByText('Jonas <b>Weber</b>').waitFor();
  assert.equal(await page.locator('b').count(), 0, 'a name became markup');

  await page.getByRole('link', { name: 'Groups' }).click();
  await main(page).getByText('There are no groups yet').or(main(page).getByRole('button', { name: 'New group' }).nth(1)).first().waitFor();
  assert.equal(await page.locator('.btn.primary:visible').count(), 1, 'one action is the first');
  await page.getByRole('button', { name: 'New group' }).first().click();
  await page.getByLabel('Name of the group').fill('Bridge team');
  await page.getByRole('button', { name: 'Create group' }).click();
  const group = panel(page, 'Groups');
  await group.getByText('Nobody is in this group.').waitFor();
  await group.getByLabel('Add a person or group').fill('admin');
  await group.getByRole('button', { name: /^Add a person or group: Administrator/ }).click();
  await group.getByRole('button', { name: /Take “.Administrator.” out/ }).waitFor();
  await main(page).getByRole('row', { name: /Bridge team.*1/ }).waitFor();
  await axe(page, 'a group');

  await page.getByRole('link', { name: 'Users' }).click();
  await page.getByPlaceholder('Filter by name').fill('jon');
  await main(page).getByRole('row', { name: /Administrator/ }).waitFor({ state: 'detached' }); // the rows stand where they stay
  await main(page).getByRole('row', { name: /Jonas/ }).click();
  const account = panel(page, 'Users');
  await account.getByRole('button', { name: 'Suspend' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Suspend' }).click();
  await account.getByText('Suspended', { exact: true }).waitFor();
  await account.getByRole('button', { name: 'Let in again' }).click();
  await account.getByText('Active', { exact: true }).waitFor();
  assert.match(page.url(), /q=jon/); // where one is stands in the address
  await axe(page, 'an account');
  w.check(page);
  await page.context().close();
});

test('the dashboard tells what is stored, who was there and what to do', async () => {
  const share = await w.json('POST', '/shares', { name: 'Figures', share_type: 'project' });
  const put = async (name, size) => {
    const form = new FormData();
    form.append('share_id', share.id);
    form.append('file', new Blob(['the same bytes '.repeat(size / 15)]), name);
    return (await w.call('POST', '/files', form)).json();
  };
  for (const name of ['a.txt', 'b.txt', 'c.txt']) await put(name, 3_000_000);
  const gone = await put('gone.txt', 1_500_000);
  await w.call('DELETE', `/files/${gone.id}`);
  const page = await w.page({ expected: [500] });
  await page.goto(`${w.server.url}/admin`);
  await signIn(page);
  const card = (name) => main(page).getByRole('region', { name, exact: true });
  await card('Storage').getByText('10.5 MB', { exact: true }).waitFor();
  await card('Storage').getByText('1.5 MB', { exact: true }).waitFor();
  const saved = await card('Storage').getByText(/Saved: at least \d+%/).innerText();
  assert.ok(Number(/\d+/.exec(saved)[0]) > 80, saved);
  await card('Active people').getByText('in 7 days').waitFor();
  await card('Active people').getByRole('img', { name: /People a day over the past 30 days: at most \d/ }).waitFor();
  await card('Largest shares').getByRole('link', { name: 'Figures' }).waitFor();
  await card('The server').getByText('1 tenant', { exact: false }).waitFor();
  await card('Recent activity').getByText('moved gone.txt to the trash').waitFor();
  await axe(page, 'the dashboard');

  // A part that wants something done says what; a figure that could not be read says so.
  let answer = async (route) => {
    const told = await (await route.fetch()).json();
    told.health.unshift({ name: 'disk', state: 'act', reason: 'no_room', detail: '', remedy: '', causes: ['/srv/<b>data</b>'] });
    await route.fulfill({ json: { ...told, users: null, process: null } });
  };
  await page.route('**/api/v1/admin/dashboard', (route) => answer(route));
  await page.reload();
  await card('Health').getByText('Make room. Writing works again within seconds.').waitFor();
  await card('Health').getByText('1 part needs you').waitFor();
  await card('Health').getByText('/srv/<b>data</b>').waitFor();
  await card('Active people').getByText('This could not be read').waitFor();
  assert.equal(await card('The server').count(), 0);
  await axe(page, 'a dashboard with something to do');
  answer = (route) => route.fulfill({ status: 500, json: { detail: 'x' } });
  await page.reload();
  await main(page).getByRole('button', { name: 'Try again' }).waitFor();
  await page.unroute('**/api/v1/admin/dashboard');
  await main(page).getByRole('button', { name: 'Try again' }).click();
  await card('Health').getByText('All parts work').waitFor();
  w.check(page);
  await page.context().close();
});

test('who is suspended is signed out of the open page at once, also several together', async () => {
  const people = ['Rosa', 'Rolf', 'Ruth'];
  for (const name of people) await w.json('POST', '/admin/users', { email: `${name.toLowerCase()}@example.com`, name, password: 'a horse of another colour' });
  const theirs = await w.page({ expected: [401, 403] });
  await theirs.goto(w.server.url);
  await theirs.getByLabel('E-mail').fill('rosa@example.com');
  await theirs.getByLabel('Password', { exact: true }).fill('a horse of another colour');
  const socket = theirs.waitForEvent('websocket');
  await theirs.getByRole('button', { name: 'Sign in' }).click();
  await theirs.getByRole('heading', { level: 1, name: 'Shares' }).waitFor();
  await socket; // it is open soon, or is opened in vain

  const page = await w.page();
  await page.goto(`${w.server.url}/admin/users`);
  await signIn(page);
  await page.getByPlaceholder('Filter by name').fill('ro');
  await main(page).getByRole('row', { name: /Ruth/ }).waitFor({ state: 'detached' });
  await main(page).getByRole('row', { name: /Rolf/ }).click();
  await main(page).getByRole('row', { name: /Rosa/ }).click({ modifiers: ['Control'] });
  await page.getByRole('button', { name: 'Suspend 2 people' }).click();
  await axe(page, 'several people');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Suspend 2 people' }).click();
  await page.locator('.toast', { hasText: '2 people are suspended' }).waitFor();
  await theirs.getByLabel('E-mail').waitFor({ timeout: 10_000 }); // without a reload
  const { users } = await w.json('GET', '/admin/users?search=r');
  assert.deepEqual(users.filter((u) => people.includes(u.name)).map((u) => `${u.name} ${u.status}`).sort(), ['Rolf suspended', 'Rosa suspended', 'Ruth active']);
  w.check(page);
  await theirs.context().close();
  await page.context().close();
});

test('shares, the trash of the tenant and partners are kept in the console', async () => {
  const share = await w.json('POST', '/shares', { name: 'Depot', share_type: 'project' });
  const page = await w.page();
  await page.goto(`${w.server.url}/admin/shares`);
  await signIn(page);
  await page.getByRole('button', { name: 'Settings of Depot' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Depot 2');
  await dialog.getByRole('button', { name: 'Save settings' }).click();
  await main(page).getByText('Depot 2', { exact: true }).waitFor();
  assert.equal((await w.json('GET', `/shares/${share.id}`)).name, 'Depot 2');
  await page.goto(`${w.server.url}/admin/settings`);
  await page.getByLabel('Days that deleted items are kept').fill('12');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('The settings are saved').first().waitFor();
  assert.equal((await w.json('GET', '/admin/tenant')).settings.trash_retention_days, 12);
  await page.goto(`${w.server.url}/admin/tenants?dialog=new-partner`);
  await page.getByLabel('Name of the partner').fill('Elsewhere');
  await page.getByRole('button', { name: 'Create partner' }).click();
  await page.getByRole('button', { name: 'Suspend partner' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Suspend partner' }).click();
  await page.getByText('This partner is suspended').waitFor();
  await axe(page, 'a suspended partner');
  await page.getByRole('button', { name: 'Let the partner in again' }).click();
  await page.getByRole('button', { name: 'Suspend partner' }).waitFor();
  w.check(page);
  await page.context().close();
});

test('a setting is refused in its field, then kept', async () => {
  const page = await w.page();
  await page.goto(`${w.server.url}/admin/settings`);
  await signIn(page);
  const length = page.getByLabel('Shortest password');
  await length.fill('soon');
  await main(page).getByText('A whole number, 1 or more').waitFor();
  await length.fill('14');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('The settings are saved').first().waitFor();
  await page.reload();
  await page.getByLabel('Shortest password').waitFor();
  assert.equal(await page.getByLabel('Shortest password').inputValue(), '14');
  assert.equal((await w.json('GET', '/admin/tenant')).settings.password_min_length, 14);
  const name = page.getByLabel('Name of the organisation');
  await name.fill('Harbour');
  await w.json('PATCH', '/admin/tenant', { trash_retention_days: 12 }); // somebody else, meanwhile
  await page.clock.install();
  await page.clock.fastForward(6_000); // what was loaded is old
  await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
  await page.waitForFunction(() => [...document.querySelectorAll('input')].some((i) => i.value === '12'));
  assert.equal(await name.inputValue(), 'Harbour', 'what was typed is gone');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('The settings are saved').first().waitFor();
  assert.deepEqual([(await w.json('GET', '/admin/tenant')).display_name, (await w.json('GET', '/admin/tenant')).settings.trash_retention_days], ['Harbour', 12]);
  w.check(page);
  await page.context().close();
});

test('who is no administrator sees nothing of the console', async () => {
  await w.json('POST', '/admin/users', { email: 'sam@example.com', name: 'Sam', password: 'correct horse battery staple' });
  const page = await w.page({ expected: [403, 404] });
  await page.goto(`${w.server.url}/admin/users`);
  await page.getByLabel('E-mail').fill('sam@example.com');
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery staple');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'You can’t see this' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Groups' }).count(), 0);
  w.check(page);
  await page.context().close();
});
