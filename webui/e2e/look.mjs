// Looks at the page as it is now: builds nothing, starts the server on temporary
// data with something in it, takes pictures, and tells what the console said and
// what axe found.
//
//	npm --prefix webui run build && go build -o /tmp/scaidrive ./cmd/scaidrive
//	SCAIDRIVE_BIN=/tmp/scaidrive node webui/e2e/look.mjs OUT [PATH...]
//
// PATH is an address such as /my or "/files/SHARE?dialog=new-folder"; SHARE and
// FOLDER stand for what was made. Without one: sign-in, start, a folder. With
// STAY=1 the server goes on until Ctrl+C, and its address is printed.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { World, axe, noise, signIn } from './world.mjs';
import { email, password } from './rig.mjs';

const [out = '.', ...paths] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const w = await World.open();
const share = await w.json('POST', '/shares', { name: 'Harbour bridge', share_type: 'project' });
for (const name of ['Tenders', 'Accounting', 'Site photos']) await w.json('POST', '/shares', { name, share_type: 'project' });
const folder = await w.json('POST', '/folders', { share_id: share.id, name: 'Contracts' });
const below = await w.json('POST', '/folders', { share_id: share.id, parent_id: folder.id, name: 'Tender 2026' });
for (const name of ['Drawings', 'Correspondence', 'Calculations']) await w.json('POST', '/folders', { share_id: share.id, parent_id: below.id, name });
const names = ['Site plan rev C.pdf', 'Technical description.docx', 'Bill of quantities.xlsx', 'Kick-off presentation.pptx', 'Pier 4 from the north bank.jpg',
  'Pylon section 12-B.dwg', 'Open questions.md', 'Drone survey, west span.mp4', 'invoice\u202efdp.exe', 'Geotechnical report, appendices.zip', 'Coordination call 7 Nov.m4a', 'load-cases.json'];
for (const [i, name] of names.entries()) {
  const form = new FormData();
  form.append('share_id', share.id);
  form.append('folder_id', below.id);
  form.append('name', name);
  form.append('modified_at', new Date(Date.now() - i * i * 9_000_000).toISOString());
  form.append('file', new Blob([noise(2000 * (i + 1) * (i + 3), i + 1)]), name);
  await w.call('POST', '/files', form);
}
const list = (paths.length ? paths : ['/', '/files/SHARE/FOLDER']).map((p) => p.replace('SHARE', share.id).replace('FOLDER', below.id));
const bad = [];
for (const [name, options] of [
  ['light', { colorScheme: 'light', viewport: { width: 1440, height: 900 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1440, height: 900 } }],
  ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]) {
  const page = await w.page({ locale: 'en-GB', ...options });
  await page.goto(w.server.url);
  await page.getByLabel('E-mail').waitFor();
  if (!paths.length) await page.screenshot({ path: path.join(out, `${name}-login.png`) });
  await signIn(page);
  for (const [i, p] of list.entries()) {
    await page.goto(w.server.url + p);
    await page.locator('#main h1').waitFor();
    await page.waitForTimeout(600); // pictures of what has come to rest
    await page.screenshot({ path: path.join(out, `${name}-${i}.png`) });
    await axe(page, `${name} ${p}`).catch((e) => bad.push(e.message));
  }
  bad.push(...page.problems.map((x) => `${name}: ${x}`));
  await page.context().close();
}
console.log(bad.length ? bad.join('\n') : 'nothing to complain of');
if (process.env.STAY) {
  console.log(`${w.server.url} as ${email}, ${password}`);
  await new Promise((ok) => process.once('SIGINT', ok));
}
await w.close();
