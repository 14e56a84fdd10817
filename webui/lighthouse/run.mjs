// Lighthouse's accessibility and best practices on the main views: 100 each.
//
//	go build -o /tmp/scaidrive ./cmd/scaidrive && for d in e2e lighthouse; do npm --prefix webui/$d ci --ignore-scripts; done
//	SCAIDRIVE_BIN=/tmp/scaidrive node webui/lighthouse/run.mjs
import lighthouse from 'lighthouse';
import { chromium } from 'playwright-core';
import { freePort, launchOptions } from '../e2e/rig.mjs';
import { World, signIn } from '../e2e/world.mjs';

const w = await World.open();
try {
  const share = await w.json('POST', '/shares', { name: 'Harbour bridge', share_type: 'project' });
  const port = await freePort();
  const options = launchOptions();
  const context = await chromium.launchPersistentContext(w.path('profile'), { ...options, args: [...options.args, `--remote-debugging-port=${port}`] });
  const page = await context.newPage();
  const look = async (what, where) => {
    const { lhr } = await lighthouse(w.server.url + where, { port, onlyCategories: ['accessibility', 'best-practices'], disableStorageReset: true, logLevel: 'error' });
    for (const c of Object.values(lhr.categories)) {
      const bad = c.auditRefs.map((r) => lhr.audits[r.id]).filter((a) => a.score !== null && a.score < 1);
      console.log(`${what}: ${c.title} ${Math.round(c.score * 100)}${bad.length ? ` (${bad.map((a) => a.id).join(', ')})` : ''}`);
      if (c.score < 1) process.exitCode = 1;
    }
  };
  await look('sign-in', '/');
  await page.goto(w.server.url);
  await page.getByLabel('Keep me signed in').check();
  await signIn(page);
  for (const [what, where] of [['shares', '/'], ['a folder', `/files/${share.id}`], ['the console', '/admin'], ['help', '/help']]) await look(what, where);
  await context.close();
} finally {
  await w.close();
}
