// Every view, in every look: axe finds nothing, nothing is wider than the window at
// 200 % zoom, right to left neither.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { World, axe, noise } from './world.mjs';

let w, page, views;
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
    '/admin', '/admin/users', '/admin/groups', '/admin/shares', '/admin/settings', '/admin/tenants', '/admin/server'];
  page = await w.signedIn({ reducedMotion: 'reduce', expected: [403, 404, 422] });
});
after(() => w?.close());

// Half a minute on a quiet machine: it is part of the long run.
test('every view: axe, dark, high contrast, 200 % zoom, right to left', { skip: !process.env.SCAIDRIVE_LONG && 'set SCAIDRIVE_LONG to run it' }, async () => {
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
