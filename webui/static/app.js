// The page: who is signed in, which view is shown, and what all views share.
import { h, icon, brand, nameEl, say } from './dom.js';
import { Api, SessionEnded } from './api.js';
import { Store, explain } from './store.js';
import { Connection } from './connection.js';
import { Queue } from './queue.js';
import { Downloads } from './download.js';
import { Tray } from './tray.js';
import { dropped } from './entries.js';
import { signIn } from './signin.js';
import { newShare, shareHref, sharesView, squareOf } from './shares.js';
import { folderView } from './folder.js';
import { closeAll, confirm, toast } from './dialog.js';
import { time } from './format.js';
import { t } from './texts.js';

class App {
  constructor(root) {
    this.root = root;
    this.config = null;
    this.me = null;
    this.view = null;
    this.api = new Api({ onend: () => this.ended() });
    this.store = new Store(this.api);
    this.connection = new Connection(this.api);
    this.queue = new Queue(this.api, this.store, this.connection);
    this.downloads = new Downloads(this.api);
    this.tray = new Tray(this.queue, this.downloads);
    this.#listen();
  }

  #listen() {
    window.addEventListener('hashchange', () => this.route());
    this.queue.addEventListener('stored', ({ detail: { item } }) => this.#stored(item.place, item.dirs));
    this.queue.addEventListener('folder', ({ detail: { place } }) => this.#stored(place, []));
    this.connection.addEventListener('change', () => this.#connected());
    window.addEventListener('unhandledrejection', (e) => {
      if (e.reason instanceof SessionEnded) e.preventDefault(); // the sign-in page is the answer
    });
    window.addEventListener('beforeunload', (e) => { if (this.queue.busy || this.downloads.busy) e.preventDefault(); });
    this.#drops();
  }

  async start() {
    this.api.open('/config').then((c) => {
      this.config = c;
      if (c.limits?.max_file_size_bytes > 0) this.queue.maxFileSize = c.limits.max_file_size_bytes;
    }, () => {}).finally(() => this.#foot());
    const shared = await this.api.shared();
    if (this.api.hasSession) {
      try {
        await this.enter();
        return;
      } catch (e) {
        if (e instanceof SessionEnded) return; // ended() has shown the page
        if (!await this.connection.check()) {
          await new Promise((ok) => { this.connection.addEventListener('change', ok, { once: true }); this.signInPage(t.noConnection); });
          return this.start();
        }
      }
    }
    this.signInPage(shared ? t.otherTab : '');
  }

  // enter shows the shell to whoever the session is of.
  async enter() {
    const me = await this.store.me();
    if (this.me && this.me.id !== me.id) {
      this.queue.cancelAll(); // what another person began does not go on
      this.downloads.cancelAll();
      window.location.hash = '#/';
    }
    this.me = me;
    this.#shell();
    this.queue.resume('session');
    this.route(true);
  }

  signInPage(note) {
    this.view?.stop?.();
    this.view = null;
    this.side = null;
    closeAll();
    this.tray.element.remove();
    const page = signIn({ api: this.api, config: this.config, note, done: () => this.enter() });
    document.title = t.pageTitle(page.title);
    this.root.replaceChildren(page.element);
    page.focus();
    this.signingIn = true;
    if (note) say(note);
  }

  // ended is told that the session is over.
  ended() {
    if (this.signingIn) return;
    this.signInPage(this.queue.busy ? t.sessionEndedUploads : t.sessionEnded);
  }

  async signOut() {
    const n = [...this.queue.items.values()].filter((i) => ['waiting', 'sending', 'storing'].includes(i.state)).length;
    if (n && !await confirm({ title: t.signOutBusyTitle, text: t.signOutBusy(n), safe: t.stayIn, action: t.signOutAnyway })) return;
    this.queue.cancelAll();
    this.downloads.cancelAll();
    this.signingIn = true;
    await this.api.logout();
    this.store.forget();
    this.me = null;
    window.history.replaceState(null, '', '#/');
    this.signInPage('');
  }

  #shell() {
    this.signingIn = false;
    this.strip = h('div', { class: 'strip', hidden: true });
    this.shareList = h('ul', { id: 'share-list' });
    this.foot = h('div', { class: 'store' });
    this.side = h('nav', { class: 'side', 'aria-label': t.shares },
      h('h2', null, h('a', { href: '#/' }, t.shares), h('button', {
        class: 'btn quiet icon sm', type: 'button', 'aria-label': t.newShare, title: t.newShare,
        onclick: () => newShare({ store: this.store, after: (s) => this.#made(s) }),
      }, icon('plus', 'i s'))),
      this.shareList, this.foot);
    this.main = h('main', { class: 'sheet', id: 'main', tabindex: '-1' });
    const who = this.me.display_name || this.me.name || this.me.email;
    this.root.replaceChildren(
      h('a', {
        class: 'skip', href: '#main',
        onclick: (e) => { e.preventDefault(); this.main.focus(); },
      }, t.skip),
      h('div', { class: 'app' },
        h('header', { class: 'top' },
          h('a', { class: 'brand', href: '#/' }, brand(), h('span', null, t.product)),
          h('div', { class: 'acts' },
            h('span', { class: 'cut muted opt', title: this.me.email }, h('span', { class: 'vh' }, t.signedInAs('')), nameEl(who)),
            h('button', { class: 'btn quiet', type: 'button', onclick: () => this.signOut() }, icon('signout'), t.signOut))),
        this.side,
        h('div', { class: 'stage' }, this.strip, this.main)),
      this.tray.element);
    this.#foot();
    this.#connected();
  }

  #foot() {
    if (!this.side || !this.config) return;
    this.foot.replaceChildren(
      ...(this.config.test_mode ? [h('p', { class: 'warn' }, t.testMode)] : []), h('p', null, t.version(this.config.version)));
  }

  // route shows what the address names.
  async route(first = false) {
    if (!this.me || this.signingIn) return;
    const [where, share, folder] = window.location.hash.replace(/^#\/?/, '').split('/').map((s) => s.replace(/[^A-Za-z0-9_]/g, ''));
    this.view?.stop?.();
    closeAll();
    if (where === 's' && share) {
      this.view = folderView({
        share, folder: folder || null, store: this.store, queue: this.queue, downloads: this.downloads,
        ontitle: (name) => { document.title = t.pageTitle(name); },
      });
      if (!this.shareList.childElementCount) this.#loadShares();
    } else {
      this.view = sharesView({ store: this.store, onshares: (list) => this.#shares(list), made: (s) => this.#made(s) });
    }
    const { view } = this;
    document.title = t.pageTitle(view.title);
    this.main.replaceChildren(view.element);
    this.#current();
    await view.start();
    // Focus goes to the heading, unless the person is somewhere else by now.
    const at = document.activeElement;
    if (this.view === view && (!at || at === document.body || !at.isConnected || (!first && this.side.contains(at)))) view.focus();
  }

  async #loadShares() {
    try {
      this.#shares(await this.store.shares());
    } catch { /* the view says what is wrong */ }
  }

  #shares(list) {
    this.shareList.replaceChildren(...list.map((s) => h('li', null, h('a', { href: shareHref(s.id), 'data-share': s.id },
      squareOf(s), h('span', { class: 'cut' }, nameEl(s.name))))));
    this.#current();
  }

  #current() {
    const here = window.location.hash.split('/')[2];
    for (const a of this.side.querySelectorAll('a[data-share]')) {
      if (a.dataset.share === here) a.setAttribute('aria-current', 'page');
      else a.removeAttribute('aria-current');
    }
  }

  async #made(share) {
    this.#loadShares();
    window.location.hash = shareHref(share.id);
  }

  // #stored tells the view of a thing that came in; one in a folder below shows
  // nothing new here.
  #stored(place, dirs) {
    if (!dirs.length) this.view?.changed?.(place);
  }

  #connected() {
    const c = this.connection;
    if (this.side) {
      this.strip.hidden = c.online;
      this.strip.replaceChildren(...(c.online ? [] : [icon('off'), h('span', { class: 'grow' }, t.offline(time(c.since))),
        h('button', { class: 'linkish', type: 'button', onclick: () => c.check() }, t.tryNow)]));
    }
    if (!c.online) say(t.offline(time(c.since)));
    else if (this.side && this.wasOffline) {
      say(t.backOnline);
      this.view?.online?.();
    }
    this.wasOffline = !c.online;
  }

  // #drops takes files that are dropped anywhere; nothing else may be dropped, so
  // that the browser never opens a file in place of the page.
  #drops() {
    const veil = h('div', { class: 'veil', hidden: true, 'aria-hidden': 'true' });
    document.body.append(veil);
    let depth = 0;
    const hasFiles = (e) => e.dataTransfer?.types?.includes('Files');
    const place = () => (this.me && !this.signingIn && !document.querySelector('dialog[open]') && this.view?.place) || null;
    const end = () => { depth = 0; veil.hidden = true; };
    window.addEventListener('dragenter', (e) => {
      if (!hasFiles(e)) return;
      e.preventDefault();
      if (depth++ === 0) {
        const to = place();
        veil.replaceChildren(h('div', { class: `drop ${to ? '' : 'no'}` }, icon(to ? 'upload' : 'info', 'i l'), h('p', null, to ? t.dropHere(to.name) : t.dropNowhere)));
        veil.hidden = !this.me || this.signingIn;
      }
    });
    window.addEventListener('dragleave', (e) => { if (hasFiles(e) && --depth <= 0) end(); });
    window.addEventListener('dragover', (e) => {
      e.preventDefault();
      e.dataTransfer.dropEffect = hasFiles(e) && place() ? 'copy' : 'none';
    });
    window.addEventListener('drop', (e) => {
      e.preventDefault();
      end();
      if (!hasFiles(e)) return;
      const to = place();
      if (!to) {
        if (this.me && !this.signingIn) toast(t.dropNowhere, { kind: 'info' });
        return;
      }
      this.queue.add(dropped(e.dataTransfer), to).catch((error) => toast(explain(error, t), { kind: 'alert' }));
    });
  }
}

new App(document.getElementById('app')).start();
