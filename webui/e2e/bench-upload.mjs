// How fast one large file goes up from the browser, beside curl to the same server,
// in turn, so that what else the machine does meets both.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { promisify } from 'node:util';
import { PlainBrowser } from './plain.mjs';
import { email, password } from './rig.mjs';

const run = promisify(execFile);

// make writes a file of random bytes: another one for each upload, since the server
// takes what it has already faster than what is new.
async function make(name, mib) {
  const out = createWriteStream(name);
  for (let i = 0; i < mib; i++) if (!out.write(randomBytes(1 << 20))) await new Promise((ok) => { out.once('drain', ok); });
  await new Promise((ok) => { out.end(ok); });
}

// byCurl gives the seconds of a form that carries the file.
async function byCurl(w, share, file, name) {
  const r = await (await fetch(`${w.server.url}/api/v1/auth/login`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }),
  })).json();
  const { stdout } = await run('curl', ['-sS', '--fail-with-body', '-o', '/dev/null', '-w', '%{time_total}', '-H', `Authorization: Bearer ${r.access_token}`,
    '-H', 'Expect:', '-F', `share_id=${share}`, '-F', `name=${name}`, '-F', `file=@${file}`, `${w.server.url}/api/v1/files`]);
  return Number(stdout);
}

// signIn signs in as people do.
async function signIn(b, url) {
  await b.go(url, 'input[name=password]');
  await b.evaluate((who, secret) => {
    const type = (el, text) => { Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(el, text); el.dispatchEvent(new Event('input', { bubbles: true })); };
    const { form } = document.querySelector('input[name=password]');
    type(form.elements.username, who);
    type(form.elements.password, secret);
    form.requestSubmit();
  }, email, password);
  await b.waitFor('a[href="/favourites"]');
}

// byPage gives the seconds from the moment the file is chosen to the moment the page says that it is stored.
async function byPage(b, url, file) {
  await b.go(url, '#pick-files'); // a tray of its own
  await b.evaluate(() => {
    document.querySelector('#pick-files').addEventListener('change', () => { window.began = performance.now(); }, { once: true, capture: true });
    window.ended = new Promise((ok, fail) => {
      const see = new MutationObserver(() => {
        const said = document.querySelector('.tray')?.textContent ?? '';
        if (/1 upload finished/.test(said)) { see.disconnect(); ok(performance.now()); }
        if (/fail/i.test(said)) fail(new Error(said));
      });
      see.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
  });
  await b.choose('#pick-files', [file]);
  return b.evaluate(async () => ((await window.ended) - window.began) / 1000);
}

/** Gives the MB/s of each round: by curl, and by the page. */
export async function uploads(w, { share, mib, rounds }) {
  const b = await PlainBrowser.open(w.path('browser'));
  const curl = [], browser = [];
  try {
    await signIn(b, w.server.url);
    for (let i = 0; i < rounds; i++) {
      const file = w.path(`large-${i}.bin`);
      await make(file, mib);
      curl.push(await byCurl(w, share, file, `curl-${i}.bin`));
      await make(file, mib);
      browser.push(await byPage(b, `${w.server.url}/files/${share}`, file));
    }
  } finally {
    await b.close();
  }
  const speed = (s) => mib * 1.048576 / s;
  return { curl: curl.map(speed), browser: browser.map(speed) };
}
