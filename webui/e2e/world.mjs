// A world for tests: server, browser, and a watch on all that must not happen.
import assert from 'node:assert/strict';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import * as rig from './rig.mjs';

export class World {
  static async open() {
    const w = new World();
    w.dir = rig.scratch();
    w.server = new rig.Server(rig.buildServer(w.dir), w.dir);
    await w.server.start();
    w.browser = await chromium.launch(rig.launchOptions());
    return w;
  }

  async close() {
    await this.browser?.close();
    await this.server?.stop();
    rig.remove(this.dir);
  }

  path(name) { return path.join(this.dir, name); }

  // page opens a window. What it logs and asks for is watched; check() tells.
  // expected lists statuses that the browser may complain of.
  async page({ expected = [], ...options } = {}) {
    if (!this.server.running) await this.server.start(); // a failed test may have left it stopped
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.problems = [];
    this.watch(page, expected);
    return page;
  }

  watch(page, expected) {
    const context = page.context();
    context.on('request', (r) => {
      const url = new URL(r.url());
      if (!['blob:', 'data:'].includes(url.protocol) && url.host !== `127.0.0.1:${this.server.port}`) page.problems.push(`a request to ${r.url()}`);
    });
    page.told = []; // by the server, through its sockets
    page.on('websocket', (s) => s.on('framereceived', ({ payload }) => page.told.push(String(payload))));
    page.on('pageerror', (e) => page.problems.push(`an error: ${e.stack}`));
    page.on('console', (m) => {
      if (m.type() !== 'error' && m.type() !== 'warning') return;
      const status = /status of (\d+)/.exec(m.text())?.[1];
      if (status && expected.includes(Number(status))) return;
      if (expected.includes('network') && /net::ERR_|error occurred when fetching the script/.test(m.text())) return;
      page.problems.push(`the console says: ${m.text()} (${m.location().url})`);
    });
  }

  check(page) { assert.deepEqual(page.problems, []); }

  async signedIn(options) {
    const page = await this.page(options);
    await page.goto(this.server.url);
    await signIn(page);
    return page;
  }

  // inShare gives a window on a new share.
  async inShare(name, options) {
    const page = await this.signedIn(options);
    await makeShare(page, name);
    return page;
  }

  // token gives the person's access token; signing in costs time, so one serves for long.
  async token(anew = false) {
    if (anew || !this.grant) {
      const r = await fetch(`${this.server.url}/api/v1/auth/login`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email: rig.email, password: rig.password }),
      });
      this.grant = (await r.json()).access_token;
    }
    return this.grant;
  }

  // call calls the API as the person, beside the page.
  async call(method, where, body) {
    const plain = !body || body instanceof FormData || body instanceof Blob;
    const go = async (anew) => fetch(`${this.server.url}/api/v1${where}`, {
      method, headers: { Authorization: `Bearer ${await this.token(anew)}`, ...(plain ? {} : { 'Content-Type': 'application/json' }) },
      body: plain ? body : JSON.stringify(body),
    });
    const r = await go(false);
    return r.status === 401 ? go(true) : r;
  }

  async json(method, where, body) {
    const r = await this.call(method, where, body);
    const text = await r.text();
    assert.ok(r.ok, `${method} ${where}: ${r.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  async content(id) { return Buffer.from(await (await this.call('GET', `/files/${id}/content`)).arrayBuffer()); }

  // listing gives what the server has in the folder that a page shows.
  async listing(page, folder) {
    const share = shareOf(page);
    const { items } = await this.json('GET', `/folders/${folder || folderOf(page) || 'root'}/children?share_id=${share}&limit=1000`);
    return new Map(items.map((it) => [it.name, it]));
  }
}

export const shareOf = (page) => new URL(page.url()).pathname.split('/')[2];
export const folderOf = (page) => new URL(page.url()).pathname.split('/')[3];

// eventually looks until it is so: an answer comes when it comes.
export async function eventually(look, within = 20_000) {
  for (const end = Date.now() + within; ;) {
    try {
      return await look();
    } catch (e) {
      if (Date.now() > end) throw e;
    }
    await new Promise((ok) => { setTimeout(ok, 50); });
  }
}

// focused waits until something has the focus: keys go there, and nowhere else.
export const focused = (what) => eventually(async () => assert.ok(await what.evaluate((el) => el === document.activeElement), `${what} has no focus`));

// rowsAre waits until a listing shows these names in this order, and none besides.
export const rowsAre = (page, names) => eventually(async () => assert.deepEqual(await page.locator('.vgrid [data-index] .name').allTextContents(), names));

// live waits until a window hears of what changes in a share.
export const live = (page, share) => eventually(async () => assert.ok(page.told.some((t) => t.includes('"subscribed"') && t.includes(share)), 'the window is told of nothing'));

export async function signIn(page, password = rig.password, email = rig.email) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  if (password === rig.password) await page.getByRole('button', { name: /^Account of/ }).waitFor();
}

// act chooses an action of the menu of a row.
export async function act(page, name, action) {
  await page.getByRole('row', { name }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: action }).click();
}

export async function signOut(page) {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
}

export async function makeShare(page, name) {
  await page.getByRole('main').getByRole('button', { name: 'New share' }).first().click();
  await page.getByLabel('Name of the share').fill(name);
  await page.getByRole('button', { name: 'Create share' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
  await page.getByText('Nothing here yet').waitFor();
}

export async function makeFolder(page, name) {
  await page.getByRole('button', { name: 'New folder' }).first().click();
  await page.getByLabel('Name of the folder').fill(name);
  await page.getByRole('button', { name: 'Create folder' }).click();
  await page.getByRole('row', { name }).waitFor();
}

// file makes a file for an input.
export function file(name, bytes) {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
}

// noise gives n bytes that repeat nowhere soon, the same for the same seed.
export function noise(n, seed = 1) {
  const b = Buffer.alloc(n);
  let x = (seed * 2654435761) >>> 0 || 1;
  for (let i = 0; i + 4 <= n; i += 4) {
    x ^= x << 13; x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5; x >>>= 0;
    b.writeUInt32LE(x, i);
  }
  return b;
}

export const tray = (page) => page.getByRole('region', { name: 'Uploads and downloads' });

export async function settled(page, text = /uploads? finished/) {
  await tray(page).getByRole('heading', { name: text }).waitFor({ timeout: 60_000 });
}

// byParts has a page's uploads go part by part, as behind a proxy that takes no large body.
export const byParts = (page) => page.route(/\/uploads\/\w+\/content$/, (route) => route.fulfill({ status: 413 }));

// slowly has a page send so many bytes a second at most; it gives a way to end that.
export async function slowly(page, bytes) {
  const cdp = await page.context().newCDPSession(page);
  const set = (uploadThroughput) => cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await cdp.send('Network.enable');
  await set(bytes);
  return () => set(-1);
}

// partly waits until the server has so many parts of the upload that a page sends as one body.
export async function partly(w, page, parts) {
  const request = await page.waitForRequest(/\/uploads\/\w+\/content$/);
  const [, id] = /uploads\/(\w+)\/content$/.exec(request.url());
  for (;;) {
    const { received } = await w.json('GET', `/uploads/${id}`);
    if (received.length && received[0][1] + 1 >= parts) return id;
    await new Promise((ok) => { setTimeout(ok, 50); });
  }
}

// axe looks at all, or with colours only at these: the same page in another theme.
export async function axe(page, what, colours = false) {
  const builder = new AxeBuilder({ page });
  const { violations } = await (colours ? builder.withRules(['color-contrast']) : builder).analyze();
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(' | ')}`), [], what);
}
