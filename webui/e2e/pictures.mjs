// Makes the small pictures of docs/images: the main views on a server of its own,
// with content made up for it.
//
//	go build -o /tmp/scaidrive ./cmd/scaidrive
//	SCAIDRIVE_BIN=/tmp/scaidrive node webui/e2e/pictures.mjs [NAME...]
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { World, noise, signIn } from './world.mjs';

const out = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs/images');
const wanted = process.argv.slice(2);
const most = 60_000; // bytes of a picture

const w = await World.open();
const studio = await (await w.browser.newContext()).newPage(); // where pictures are drawn and made small

// landscape draws something that could be a photograph.
const landscape = (seed) => studio.evaluate((n) => {
  const c = new OffscreenCanvas(640, 480), g = c.getContext('2d');
  const sky = g.createLinearGradient(0, 0, 0, 480);
  sky.addColorStop(0, `hsl(${200 + n * 23} 55% 62%)`);
  sky.addColorStop(1, `hsl(${30 + n * 17} 70% 84%)`);
  g.fillStyle = sky;
  g.fillRect(0, 0, 640, 480);
  for (let k = 0; k < 4; k++) {
    g.fillStyle = `hsl(${190 + n * 31 + k * 12} 28% ${58 - k * 12}%)`;
    g.beginPath();
    g.moveTo(0, 480);
    for (let x = 0; x <= 640; x += 8) g.lineTo(x, 220 + k * 62 + Math.sin(x / (90 - k * 9) + n * 2 + k) * 34 + Math.sin(x / 23 + n + k) * 7);
    g.lineTo(640, 480);
    g.fill();
  }
  g.strokeStyle = 'hsl(20 10% 20%)';
  g.lineWidth = 6;
  g.beginPath();
  g.moveTo(0, 300); g.quadraticCurveTo(320, 190 + n * 9, 640, 300);
  for (let x = 40; x < 640; x += 60) { g.moveTo(x, 300); g.lineTo(x, 300 - 50 * Math.sin((x / 640) * Math.PI)); }
  g.stroke();
  return c.convertToBlob({ type: 'image/jpeg', quality: 0.85 }).then((b) => b.arrayBuffer()).then((b) => [...new Uint8Array(b)]);
}, seed).then((list) => Buffer.from(list));

async function put(share, folder, name, bytes, age = 0) {
  const form = new FormData();
  form.append('share_id', share);
  if (folder) form.append('folder_id', folder);
  form.append('name', name);
  form.append('modified_at', new Date(Date.now() - age).toISOString());
  form.append('file', new Blob([bytes]), name);
  return w.json('POST', '/files', form);
}

// edit gives a file new content as a client does that saw only its first version.
async function edit(share, f, text, device) {
  const bytes = Buffer.from(text), length = Buffer.alloc(4), sum = createHash('sha256').update(bytes).digest('hex');
  length.writeUInt32BE(bytes.length);
  await w.call('POST', `/sync/chunks?share_id=${share}`, new Blob([length, bytes]));
  await w.json('POST', '/sync/apply', {
    device_id: device, share_id: share, conflict_resolution: 'MANUAL',
    changes: [{ client_ref: `${device} ${f.id} ${sum}`, resource_type: 'file', change_type: 'updated', resource_id: f.id, base_version_id: f.version_id,
      content: { size: bytes.length, checksum_sha256: sum, chunks: [{ sha256: sum, size: bytes.length }] } }],
  });
}

const me = await w.json('GET', '/users/me');
await w.json('PATCH', `/admin/users/${me.id}`, { name: 'Mara', display_name: 'Mara' });
const people = {};
for (const name of ['Ines', 'Jonas', 'Lena', 'Sam', 'Noor']) people[name] = await w.json('POST', '/admin/users', { email: `${name.toLowerCase()}@example.com`, name, display_name: name, password: 'correct horse battery staple' });
const group = await w.json('POST', '/admin/groups', { name: 'Bridge team' });
for (const name of ['Ines', 'Jonas']) await w.json('POST', `/admin/groups/${group.id}/members`, { user_id: people[name].id });
const share = await w.json('POST', '/shares', { name: 'Harbour bridge', share_type: 'project' });
for (const name of ['Tenders', 'Accounting', 'Site photos']) await w.json('POST', '/shares', { name, share_type: 'project' });
await w.json('POST', `/shares/${share.id}/members`, { principal_id: group.id, principal_type: 'group', role: 'contributor' });
await w.json('POST', `/shares/${share.id}/members`, { principal_id: people.Lena.id, role: 'reader' });
const contracts = await w.json('POST', '/folders', { share_id: share.id, name: 'Contracts' });
const tender = await w.json('POST', '/folders', { share_id: share.id, parent_id: contracts.id, name: 'Tender 2026' });
for (const name of ['Calculations', 'Correspondence', 'Drawings']) await w.json('POST', '/folders', { share_id: share.id, parent_id: tender.id, name });
const names = ['Site plan rev C.pdf', 'Technical description.docx', 'Bill of quantities.xlsx', 'Kick-off presentation.pptx', 'Pylon section 12-B.dwg', 'Drone survey, west span.mp4', 'Geotechnical report, appendices.zip', 'Coordination call 7 Nov.m4a', 'load-cases.json'];
for (const [i, name] of names.entries()) await put(share.id, tender.id, name, noise(3000 * (i + 1) * (i + 3), i + 1), i * i * 9e6);
for (const [i, name] of ['Pier 4 from the north bank.jpg', 'West span at dawn.jpg', 'Anchor block.jpg'].entries()) await put(share.id, tender.id, name, await landscape(i + 1), i * 4e7);
const minutes = await put(share.id, tender.id, 'Minutes of the site meeting.md', '# Site meeting\n\n- Pier 4: formwork by Friday\n- Cranes: one, from the west\n');
const f1 = await w.json('GET', `/files/${minutes.id}`);
await edit(share.id, minutes, '# Site meeting\n\n- Pier 4: formwork by Thursday\n- Cranes: two, from the west\n', 'desk');
await edit(share.id, minutes, '# Site meeting\n\n- Pier 4: formwork by Friday\n- Cranes: one, from the east\n- Lights: ordered\n', 'laptop');
const plan = await put(share.id, tender.id, 'Open questions.md', 'Which bank first?\n');
await edit(share.id, plan, 'Which bank first?\nWho orders the bearings?\n', 'desk');
await edit(share.id, await w.json('GET', `/files/${plan.id}`), 'North bank first.\nWho orders the bearings?\n', 'desk');
await w.json('POST', `/files/${plan.id}/comments`, { text: 'The bearings are ordered. Delivery in week 50.' });
await w.json('POST', '/favorites', { resource_type: 'folder', resource_id: tender.id }).catch(() => {});
void f1;

const folder = `/files/${share.id}/${tender.id}`;
const wide = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const row = (page, name) => page.getByRole('row', { name }).first();
const details = async (page, name, tab) => {
  await row(page, name).click();
  await page.getByRole('complementary').getByRole('tab', { name: tab }).click();
};
const shots = [
  ['files-light', wide, 'light', folder, (p) => row(p, 'Site plan').click()],
  ['files-dark', wide, 'dark', folder, (p) => row(p, 'Bill of').click()],
  ['tiles-light', wide, 'light', `${folder}?view=grid`],
  ['details-dark', wide, 'dark', `${folder}?panel=activity`, (p) => details(p, 'Open questions', 'Activity')],
  ['versions-light', wide, 'light', `${folder}?panel=versions`, (p) => details(p, 'Open questions', 'Versions')],
  ['sharing-light', wide, 'light', `${folder}?share=${share.id}`],
  ['conflict-dark', wide, 'dark', '/conflicts', async (p) => { await p.getByRole('main').getByRole('link', { name: /Minutes/ }).first().click(); await p.getByRole('region', { name: 'The texts beside each other' }).waitFor(); }],
  ['console-light', wide, 'light', '/admin'],
  ['console-dark', wide, 'dark', '/admin/users'],
  ['phone-light', phone, 'light', folder],
  ['phone-dark', phone, 'dark', folder, (p) => p.getByRole('button', { name: 'Add' }).tap()],
];

mkdirSync(out, { recursive: true });
let total = 0;
const pages = new Map(); // one sign-in for each kind of window
for (const [name, options, colorScheme, where, act] of shots) {
  if (wanted.length && !wanted.includes(name)) continue;
  let page = pages.get(options);
  if (!page) {
    page = await w.page({ locale: 'en-GB', deviceScaleFactor: options === phone ? 1.5 : 1, ...options });
    await page.goto(w.server.url);
    await signIn(page);
    pages.set(options, page);
  }
  await page.emulateMedia({ colorScheme });
  await page.goto(w.server.url + where);
  await page.locator('h1').first().waitFor();
  await page.waitForTimeout(700);
  await act?.(page);
  await page.waitForTimeout(900); // pictures of what has come to rest
  const png = (await page.screenshot()).toString('base64');
  for (const quality of [0.82, 0.7, 0.55, 0.4]) {
    const small = Buffer.from(await studio.evaluate(async ([data, q]) => {
      const b = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
      const c = new OffscreenCanvas(b.width, b.height);
      c.getContext('2d').drawImage(b, 0, 0);
      return [...new Uint8Array(await (await c.convertToBlob({ type: 'image/webp', quality: q })).arrayBuffer())];
    }, [png, quality]));
    if (small.length > most && quality > 0.4) continue;
    writeFileSync(path.join(out, `${name}.webp`), small);
    if (process.env.PNG) writeFileSync(path.join(process.env.PNG, `${name}.png`), Buffer.from(png, 'base64'));
    total += small.length;
    console.log(`${name}.webp ${small.length} bytes`);
    break;
  }
  if (page.problems.length) console.log(page.problems.splice(0).join('\n'));
}
console.log(`${total} bytes in all`);
await w.close();
