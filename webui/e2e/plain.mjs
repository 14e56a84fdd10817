// A browser without a debugger's look at its network, as people's are: a debugger sees
// each piece of a body go by, which costs more than sending it. For measuring only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { launchOptions } from './rig.mjs';

export class PlainBrowser {
  #last = 0;
  #answers = new Map();
  #session;

  /** Opens a window of a browser that keeps its things in dir. */
  static async open(dir) {
    const b = new PlainBrowser();
    const { executablePath, args } = launchOptions();
    b.process = spawn(executablePath, [...args, '--headless=new', '--remote-debugging-pipe', '--window-size=1280,800', `--user-data-dir=${dir}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    let rest = '';
    b.process.stdio[4].on('data', (d) => {
      const messages = (rest + d).split('\0');
      rest = messages.pop();
      for (const m of messages) b.#take(JSON.parse(m));
    });
    const { targetId } = await b.send('Target.createTarget', { url: 'about:blank' });
    b.#session = (await b.send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    return b;
  }

  #take({ id, result, error }) {
    const a = this.#answers.get(id);
    this.#answers.delete(id);
    if (error) a?.fail(new Error(error.message));
    else a?.ok(result);
  }

  /** Sends a command of the DevTools protocol. */
  send(method, params = {}) {
    const id = ++this.#last;
    this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId: this.#session })}\0`);
    return new Promise((ok, fail) => { this.#answers.set(id, { ok, fail }); });
  }

  async #run(fn, args, how) {
    const r = await this.send('Runtime.evaluate', { expression: `(${fn})(...${JSON.stringify(args)})`, awaitPromise: true, ...how });
    if (r.exceptionDetails) throw new Error(r.exceptionDetails.exception?.description ?? r.exceptionDetails.text);
    return r.result;
  }

  /** Runs a function in the page and gives what it gives. */
  async evaluate(fn, ...args) { return (await this.#run(fn, args, { returnByValue: true })).value; }

  /** Goes to an address, and waits until something fits a selector there. */
  async go(url, selector) {
    await this.send('Page.navigate', { url });
    await this.waitFor(selector);
  }

  /** Waits until something fits a selector. */
  async waitFor(selector) {
    for (let i = 0; ; i++) {
      const there = await this.evaluate((s) => new Promise((ok) => {
        const look = () => document.querySelector(s) && ok(true);
        look();
        new MutationObserver(look).observe(document, { subtree: true, childList: true });
        setTimeout(() => ok(false), 500); // the document may have been another one
      }), selector).catch(() => false);
      if (there) return;
      if (i === 60) throw new Error(`nothing fits ${selector}`);
    }
  }

  /** Gives files to an input. */
  async choose(selector, files) {
    const { objectId } = await this.#run((s) => document.querySelector(s), [selector], {});
    await this.send('DOM.setFileInputFiles', { files, objectId });
  }

  async close() {
    const over = once(this.process, 'exit');
    this.send('Browser.close').catch(() => {});
    await over;
  }
}
