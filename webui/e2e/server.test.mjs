// The server's settings in the console: stored, refused, back to the default, and locked
// by a flag.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, axe, signIn } from './world.mjs';

let w;
before(async () => { w = await World.open(); });
after(() => w?.close());

const main = (page) => page.getByRole('main');
const setting = async (name) => (await w.json('GET', '/admin/settings')).settings.find((s) => s.name === name);

test('a setting of the server is stored, refused, reset, and locked by a flag', async () => {
  const page = await w.page({ expected: [409, 422, 'network'] });
  await page.goto(`${w.server.url}/admin/server`);
  await signIn(page);
  const origins = page.getByLabel('Pages of other origins');
  await origins.fill('https://app.example.com\n*');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await main(page).getByText(/there is no wildcard/).waitFor();
  assert.equal(await origins.inputValue(), 'https://app.example.com\n*'); // what was typed is still there
  await axe(page, 'a refused setting');
  await origins.fill('https://app.example.com');
  await page.getByLabel('Days that changes are kept').fill('12');
  await main(page).getByText('A whole number, 90 to 36,500').waitFor();
  await page.getByLabel('Days that changes are kept').fill('120');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.locator('.toast', { hasText: 'count from now on' }).waitFor();
  await main(page).getByText('Stored here').nth(1).waitFor();
  assert.deepEqual((await setting('cors_origins')).value, ['https://app.example.com']);
  const cross = await fetch(`${w.server.url}/api/v1/config`, { headers: { Origin: 'https://app.example.com' } });
  assert.equal(cross.headers.get('access-control-allow-origin'), 'https://app.example.com');
  await main(page).getByText(/^Stored by you · Today/).nth(1).waitFor();
  await page.getByLabel('Changes that are kept').fill('1500000');
  await page.getByRole('button', { name: 'Use the default: Days that changes are kept' }).click();
  await page.locator('.toast', { hasText: 'The default counts again' }).waitFor();
  assert.equal((await setting('changelog_days')).source, 'default');
  assert.equal(await page.getByLabel('Changes that are kept').inputValue(), '1500000', 'what was typed elsewhere is gone');
  await page.getByLabel('Changes that are kept').fill(String((await setting('changelog_rows')).value));

  await page.getByLabel('Names by which the server is reached').fill('drive.example.com'); // would shut this page out
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.locator('.toast', { hasText: 'by which you reach it' }).waitFor();
  w.check(page);

  await w.server.stop();
  await w.server.start(['--cors-origins', 'https://flag.example.com']);
  await page.reload();
  await origins.waitFor();
  assert.equal(await origins.inputValue(), 'https://flag.example.com');
  assert.ok(await origins.isDisabled());
  await main(page).getByText('change it there').waitFor();
  await axe(page, 'a locked setting');
  await page.context().close();
});

test('the server’s settings are for its administrators', async () => {
  await w.json('POST', '/admin/users', { email: 'tia@example.com', name: 'Tia', password: 'correct horse battery staple', admin_role: 'tenant_admin' });
  const page = await w.page({ expected: [403] });
  await page.goto(`${w.server.url}/admin/server`);
  await page.getByLabel('E-mail').fill('tia@example.com');
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery staple');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'You can’t see this' }).waitFor();
  await page.getByRole('link', { name: 'Groups' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Server' }).count(), 0);
  w.check(page);
  await page.context().close();
});
