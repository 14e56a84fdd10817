// Names and contents that want to be more than text: in every place where they are
// shown they are inert, whole and legible, and nothing is pushed out of the window.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, act, axe, focused, signIn } from './world.mjs';

let w;
before(async () => { w = await World.open(); });
after(() => w?.close());

const markup = '<img src=x onerror=window.hit=1>.txt';
const svg = '<svg onload=window.hit=2>.svg';
const quotes = '"onmouseover="window.hit=3" \'x=.html';
const turned = 'invoice\u202efdp.exe';
const longest = `${'ä'.repeat(125)}.file`; // 255 bytes
const emoji = '👩‍👩‍👧‍👦 picnic 🏳️‍🌈 ١٢٣.md';
const bad = '<script>window.hit=4</script><img src=x onerror="window.hit=5"><svg onload="window.hit=6">';

const inert = async (page, where) => {
  assert.equal(await page.evaluate(() => window.hit), undefined, `${where}: something ran`);
  assert.equal(await page.locator('main img[src="x"], main script, [role=dialog] img[src="x"], [onerror], [onload], [onmouseover]').count(), 0, `${where}: a name became an element`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${where}: ${wide} px too wide`);
};

async function put(share, folder, name, text) {
  const form = new FormData();
  for (const [k, v] of [['share_id', share], ...(folder ? [['folder_id', folder]] : []), ['name', name]]) form.append(k, v);
  form.append('file', new Blob([text]), 'x');
  return w.json('POST', '/files', form);
}

test('hostile names and contents are inert and legible wherever they are shown', async () => {
  await w.json('PATCH', '/admin/tenant', { windows_compatible_names: false });
  const share = await w.json('POST', '/shares', { name: `Share ${markup}`, share_type: 'project' });
  const folder = await w.json('POST', '/folders', { share_id: share.id, name: `Folder ${svg}` });
  const files = {};
  for (const [i, name] of [markup, svg, quotes, turned, longest, emoji].entries()) {
    files[name] = await put(share.id, folder.id, name, name.endsWith('.svg') ? `<svg xmlns="http://www.w3.org/2000/svg" onload="window.hit=7"><script>window.hit=8</script></svg>` : `${bad}${i}`);
    assert.equal(files[name].name, name, 'the server changed a name');
  }
  assert.equal(Buffer.byteLength(longest), 255);
  const person = await w.json('POST', '/admin/users', { email: 'eve@example.com', name: '<img src=x onerror=window.hit=9>', password: 'correct horse battery staple' });
  await w.json('POST', `/shares/${share.id}/members`, { principal_id: person.id, role: 'contributor' });
  await w.json('POST', '/users/me/favorites', { resource_type: 'file', resource_id: files[markup].id });
  await w.json('POST', `/files/${files[markup].id}/comments`, { text: bad });

  for (const options of [{}, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }]) {
    const page = await w.page({ ...options, expected: [404] });
    await page.goto(`${w.server.url}/files/${share.id}/${folder.id}`);
    await signIn(page);
    const main = page.getByRole('main');
    await main.getByText(markup, { exact: true }).first().waitFor();
    for (const name of [quotes, 'invoice□fdp.exe', longest, emoji]) assert.ok(await main.getByText(name, { exact: true }).count(), name);
    await inert(page, 'list');
    await axe(page, 'hostile names');
    const walk = async (where, text = markup) => {
      await page.goto(w.server.url + where);
      await page.getByText(text).first().waitFor({ state: 'attached', timeout: 15_000 }).catch(async (e) => assert.fail(`${where}: ${e.message}: ${await page.locator('body').innerText()} ${page.problems}`));
      await inert(page, where);
    };
    const here = `/files/${share.id}/${folder.id}`;
    await walk(`${here}?view=grid`);
    await walk(`${here}?panel=info&item=${files[longest].id}`, longest);
    await walk(`/preview/${files[svg].id}`, 'window.hit=8');
    await walk('/', `Share ${markup}`);
    if (options.isMobile) { // the same text elsewhere is in the same elements
      w.check(page);
      await page.context().close();
      continue;
    }
    await walk(`${here}?panel=activity`);
    await walk(`${here}?share=${files[longest].id}`, longest);
    await walk(`${here}?share=${files[markup].id}&tab=permissions`);
    for (const name of [markup, quotes]) {
      await walk(`/preview/${files[name].id}`, name);
      await page.getByText('window.hit=4').first().waitFor({ state: 'attached' }); // its content, as text
      await inert(page, `content of ${name}`);
    }
    await walk(`/preview/${files[emoji].id}`, emoji);
    await walk(`/versions/${files[longest].id}`, longest);
    await walk(`/moment/${folder.id}`, svg);
    await walk('/favourites');
    await walk('/recent', longest);
    await walk('/admin');
    await walk('/admin/users', '<img src=x onerror=window.hit=9>');
    await walk('/admin/shares', `Share ${markup}`);
    w.check(page);
    await page.context().close();
  }

  const page = await w.page();
  await page.goto(`${w.server.url}/files/${share.id}/${folder.id}`);
  await signIn(page);
  await page.getByRole('row', { name: markup }).waitFor();
  await page.getByRole('row', { name: markup }).click({ button: 'right' });
  await inert(page, 'menu');
  await page.keyboard.press('Escape');
  await act(page, markup, 'Rename');
  assert.equal(await page.locator('.rename input').inputValue(), markup);
  await focused(page.locator('.rename input'));
  await page.keyboard.press('Escape');
  for (const name of [markup, 'invoice□fdp.exe', longest]) {
    await act(page, name, 'Move to trash');
    await page.locator('.toast', { hasText: name.slice(0, 40) }).waitFor();
    await inert(page, `message of ${name}`);
    await page.getByRole('row', { name }).waitFor({ state: 'detached' }); // the others have moved up
  }
  await page.goto(`${w.server.url}/trash?in=${share.id}`);
  for (const name of [markup, 'invoice□fdp.exe', longest]) await page.getByRole('row', { name }).waitFor();
  await inert(page, 'trash');
  w.check(page);
  await page.context().close();

  const other = await w.page();
  await other.goto(w.server.url);
  await signIn(other, 'correct horse battery staple', 'eve@example.com');
  await other.getByRole('button', { name: /^Notices/ }).first().click();
  await other.getByText(`Share ${markup}`).first().waitFor();
  await inert(other, 'bell');
  w.check(other);
  await other.context().close();
});

test('what is stored can’t be opened as a page of the server', async () => {
  const share = await w.json('POST', '/shares', { name: 'Opened', share_type: 'project' });
  const page = await w.page({ expected: [401, 403, 404] });
  await page.goto(w.server.url);
  await signIn(page);
  for (const [name, text] of [['a.svg', `<svg xmlns="http://www.w3.org/2000/svg"><script>window.hit=1</script></svg>`], ['a.html', `<!doctype html><title>taken</title>${bad}`], ['a.xml', '<?xml version="1.0"?><x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>window.hit=1</h:script></x>']]) {
    const f = await put(share.id, '', name, text);
    const r = await w.call('GET', `/files/${f.id}/content`);
    assert.match(r.headers.get('content-disposition'), /^attachment/, name);
    assert.equal(r.headers.get('x-content-type-options'), 'nosniff', name);
    for (const where of [`/api/v1/files/${f.id}/content`, `/media/${f.id}`]) {
      const frame = await page.evaluate(async (src) => { // the frame of a page of our own
        const i = document.createElement('iframe');
        i.src = src;
        document.body.append(i);
        await new Promise((ok) => { i.onload = ok; setTimeout(ok, 700); });
        const ran = (() => { try { return i.contentWindow.hit; } catch { return undefined; } })();
        i.remove();
        return ran;
      }, where);
      assert.equal(frame, undefined, `${where} ran`);
    }
  }
  await page.context().close();
});
