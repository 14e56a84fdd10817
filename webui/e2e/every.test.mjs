// Every view, in every look: axe finds nothing, nothing is wider than the window at
// 200 % zoom, right to left neither. And in every state: while it loads, when it
// can't, when there is nothing, when it is out of sight.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { World, axe, noise } from './world.mjs';

let w, page, views;
const long = { skip: !process.env.SCAIDRIVE_LONG && 'set SCAIDRIVE_LONG to run it' };
before(async () => {
  if (!process.env.SCAIDRIVE_LONG) return;
  w = await World.open();
  const share = await w.json('POST', '/shares', { name: 'Harbour bridge', share_type: 'project' });
  const folder = await w.json('POST', '/folders', { share_id: share.id, name: 'Contracts' });
  let file;
  for (const name of ['Site plan.pdf', 'notes.md', 'invoice\u202efdp.exe']) {
    const form = new FormData();
    for (const [k, v] of [['share_id', share.id], ['folder_id', folder.id], ['name', name], ['file', new Blob([noise(3000)])]]) form.append(k, v);
    file = await w.json('POST', '/files', form);
  }
  const here = `/files/${share.id}/${folder.id}`;
  views = ['/', '/my', here, `${here}?view=grid`, `${here}?panel=info`, `${here}?panel=activity`, `${here}?dialog=new-folder`, `${here}?share=${folder.id}`, `${here}?share=${folder.id}&tab=permissions`,
    `/preview/${file.id}`, '/favourites', '/recent', '/shared', '/conflicts', '/trash', '/settings', '/help', '/help?page=keyboard', '/receive',
    `/versions/${file.id}`, `/moment/${folder.id}`, '/invitations', `${here}?dialog=actions`,
    '/admin', '/admin/users', '/admin/groups', '/admin/shares', '/admin/settings', '/admin/tenants', '/admin/server'];
  page = await w.signedIn({ reducedMotion: 'reduce', expected: [403, 404, 422] });
});
after(() => w?.close());

// Half a minute on a quiet machine: it is part of the long run.
test('every view: axe, dark, high contrast, 200 % zoom, right to left', long, async () => {
  const bad = [];
  for (const where of views) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(w.server.url + where);
    await page.locator('h1').first().waitFor();
    await page.waitForFunction(() => !document.querySelector('.skel'));
    await axe(page, where).catch((e) => bad.push(e.message));
    for (const theme of ['dark', 'contrast']) { // only colours are others
      await page.evaluate((t) => { document.documentElement.dataset.theme = t; }, theme);
      const { violations } = await new AxeBuilder({ page }).withRules(['color-contrast']).analyze();
      for (const v of violations) bad.push(`${where} ${theme}: ${v.nodes.map((n) => n.html).join(' | ')}`);
    }
    await page.setViewportSize({ width: 720, height: 450 });
    for (const dir of ['ltr', 'rtl']) {
      const wide = await page.evaluate((d) => { document.documentElement.dir = d; return document.documentElement.scrollWidth - document.documentElement.clientWidth; }, dir);
      if (wide > 0) bad.push(`${where} ${dir}: ${wide} px too wide`);
    }
  }
  assert.deepEqual(bad, []);
  w.check(page);
});

// What is asked for before a view is known, or beside it.
const aside = /\/api\/v1\/(users\/me$|config|auth\/|health|ready|notices|ws)/;
const here = (text) => page.getByRole('main').getByText(text).first();

// walk opens every view afresh with answers of its own, and looks at what stands there.
async function walk(answer, look, list = views) {
  const bad = [];
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${w.server.url}/help`);
  await page.route((url) => url.pathname.startsWith('/api/v1/') && !aside.test(url.pathname), answer);
  for (const where of list) {
    await page.goto(w.server.url + where);
    try {
      await look(where);
    } catch (e) {
      bad.push(`${where}: ${e.message.replaceAll('\n', ' ').slice(0, 600)}: ${(await page.getByRole('main').innerText()).replaceAll('\n', ' ').slice(0, 200)}`);
    }
  }
  await page.unroute(() => true).catch(() => {});
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  page.problems = page.problems.filter((p) => !/status of (404|500)/.test(p));
  assert.deepEqual(bad, []);
  w.check(page);
}

const told = new Set(['/settings', '/help', '/help?page=keyboard', '/receive']); // need nothing of the server

test('every view that can’t load says so, and can try again', long, async () => {
  let answered = 0;
  await walk((route) => { answered++; return route.fulfill({ status: 500, contentType: 'application/json', body: '{"detail":"Internal Server Error"}' }); }, async (where) => {
    if (told.has(where)) return;
    const place = where.includes('share=') ? page.getByRole('dialog') : page.getByRole('main');
    await place.getByRole('button', { name: 'Try again' }).first().waitFor({ timeout: 6_000 });
    await axe(page, where);
  });
  assert.ok(answered > views.length);
});

test('every view that loads long shows where things will stand, then says that it takes longer', long, async () => {
  await walk(() => {}, async (where) => {
    if (told.has(where)) return;
    await page.locator('.skel').first().waitFor({ timeout: 3_000 });
  });
});

test('every view out of sight has one text', long, async () => {
  const byID = views.filter((v) => /(shr|fld|fil)_/.test(v)).map((v) => v.split('?')[0]);
  await walk((route) => route.fulfill({ status: 404, contentType: 'application/json', body: '{"detail":"Not found"}' }), async () => {
    await here('You can’t see this, or it isn’t here any more').waitFor({ timeout: 6_000 });
  }, [...new Set(byID)]);
});

test('a moment whose folder alone can’t be read says so', long, async () => {
  await page.goto(`${w.server.url}/help`);
  await page.route(/\/api\/v1\/folders\/fld_\w+$/, (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '{"detail":"Internal Server Error"}' }));
  await page.goto(w.server.url + views.find((v) => v.startsWith('/moment/')));
  await page.getByRole('main').getByRole('button', { name: 'Try again' }).waitFor({ timeout: 8_000 });
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: /Contracts/ }).waitFor();
});
