// A folder: its listing in pages, the way to it, and what can be done here.
import { h, icon, nameEl, say, visible } from './dom.js';
import { askName, toast } from './dialog.js';
import { explain } from './store.js';
import { ApiError } from './api.js';
import { chosen } from './entries.js';
import { exactly, family, size, when } from './format.js';
import { empty, skeleton, trouble } from './states.js';
import { shareHref } from './shares.js';
import { t } from './texts.js';

const refreshAfter = 400, refreshBusy = 2500; // milliseconds from a change to a new listing

export const folderHref = (share, folder) => (folder ? `#/s/${share}/${folder}` : shareHref(share));

// folderView is the page of a folder; folder null is the share's root.
export function folderView(options) { return new FolderView(options); }

class FolderView {
  #o; #abort = new AbortController();
  #items = []; #next = ''; #total = 0; #exact = true;
  #rows = new Map(); // id -> {row, item as JSON}
  #loading = false; #timer = 0; #seen = null;
  #trail = []; #share = null;

  constructor(options) {
    this.#o = options;
    this.title = '';
    this.#build();
  }

  get place() {
    return this.#share && { share: this.#o.share, folder: this.#o.folder, name: this.title, shareName: this.#share.name };
  }

  #build() {
    this.heading = h('h1', { tabindex: '-1', class: 'cut' }, t.loading);
    this.crumbs = h('nav', { class: 'crumbs', 'aria-label': t.breadcrumb });
    this.body = h('div', { class: 'scroll', tabindex: '-1' });
    this.status = h('div', { class: 'status' });
    const pick = (props) => h('input', {
      type: 'file', multiple: true, class: 'vh', tabindex: '-1', 'aria-hidden': 'true', ...props,
      onchange: (e) => {
        const files = chosen(e.target.files);
        e.target.value = '';
        if (this.place) this.#o.queue.add(files, this.place);
      },
    });
    const files = pick({ id: 'pick-files' }), dirs = pick({ id: 'pick-folder', webkitdirectory: true });
    this.actions = h('div', { class: 'acts' },
      h('button', { class: 'btn', type: 'button', onclick: () => this.#newFolder() }, icon('plus'), t.newFolder),
      h('button', { class: 'btn opt', type: 'button', onclick: () => dirs.click() }, icon('folder'), t.uploadFolder),
      h('button', { class: 'btn primary', type: 'button', onclick: () => files.click() }, icon('upload'), t.upload),
      files, dirs);
    this.pickFiles = files;
    this.element = h('div', { class: 'main', onkeydown: (e) => this.#key(e) },
      this.head = h('div', { class: 'head' }, h('div', { class: 'grow' }, this.crumbs, this.heading), this.actions),
      this.body, this.status);
  }

  focus() { (this.head.hidden ? this.body.querySelector('h1') : this.heading).focus(); }

  async start() {
    const wait = skeleton();
    this.body.replaceChildren(wait.element);
    const { signal } = this.#abort;
    try {
      const [share, trail, first] = await Promise.all([
        this.#o.store.share(this.#o.share, signal),
        this.#o.store.trail(this.#o.share, this.#o.folder, signal),
        this.#o.store.children(this.#o.share, this.#o.folder, '', signal),
      ]);
      this.#share = share;
      this.#trail = trail;
      this.#way();
      this.#take(first, true);
      this.#list();
      say(t.loadedFolder(this.title, this.#total));
    } catch (e) {
      if (signal.aborted) return;
      this.#fail(e, () => { this.head.hidden = false; this.start(); });
    } finally {
      wait.stop();
    }
  }

  // #fail shows trouble in place of the whole view.
  #fail(e, retry) {
    if (e instanceof ApiError && e.status === 422) e = new ApiError(404, null, null); // an address that can name nothing
    this.head.hidden = true;
    this.table = null;
    this.status.textContent = '';
    this.body.replaceChildren(trouble(t.folderFailed, e, retry, 'h1'));
    const heading = this.body.querySelector('h1');
    this.#o.ontitle(heading.textContent);
    heading.focus();
    say(heading.textContent, true);
  }

  // online is called when the connection came back.
  online() {
    if (this.#share) this.refresh();
    else {
      this.head.hidden = false;
      this.start();
    }
  }

  stop() {
    this.#abort.abort();
    clearTimeout(this.#timer);
    this.#seen?.disconnect();
  }

  #way() {
    const steps = [{ id: null, name: this.#share.name }, ...this.#trail];
    const here = steps.at(-1);
    this.title = here.name;
    this.heading.replaceChildren(nameEl(here.name));
    const list = steps.slice(0, -1).map((s) => h('li', null, h('a', { class: 'cut', href: folderHref(this.#o.share, s.id) }, nameEl(s.name)), icon('right')));
    this.crumbs.replaceChildren(h('ol', null, h('li', null, h('a', { href: '#/' }, t.shares), icon('right')), list));
    this.up = steps.length > 1 ? folderHref(this.#o.share, steps.at(-2).id) : '#/';
    this.#o.ontitle(this.title);
  }

  #take(page, fresh) {
    if (fresh) this.#items = [];
    const have = new Set(this.#items.map((it) => it.id));
    for (const it of page.items) if (!have.has(it.id)) this.#items.push(it);
    this.#next = page.next_page_token || '';
    this.#total = page.total;
    this.#exact = page.total_exact;
  }

  // #list shows the items, keeping the rows that are the same, and the focus.
  #list() {
    if (!this.#items.length && !this.#next) {
      this.#rows.clear();
      this.table = null;
      this.body.replaceChildren(empty(t.emptyTitle, t.emptyText,
        h('button', { class: 'btn primary', type: 'button', onclick: () => this.pickFiles.click() }, icon('upload'), t.uploadFiles),
        h('button', { class: 'btn', type: 'button', onclick: () => this.#newFolder() }, icon('plus'), t.newFolder)));
      this.#count();
      return;
    }
    if (!this.table) {
      this.tbody = h('tbody');
      this.caption = h('caption', { class: 'vh' }, t.filesIn(this.title));
      this.table = h('table', { class: 'table files' }, this.caption,
        h('thead', null, h('tr', null,
          h('th', { scope: 'col' }, t.columnName), h('th', { scope: 'col', class: 'opt date' }, t.columnModified),
          h('th', { scope: 'col', class: 'num opt size' }, t.columnSize),
          h('th', { scope: 'col', class: 'tools' }, h('span', { class: 'vh' }, t.columnActions)))),
        this.tbody);
      this.foot = h('div', { class: 'foot' });
      this.body.replaceChildren(this.table, this.foot);
      this.#rows.clear();
    }
    const rows = new Map();
    let at = this.tbody.firstChild;
    for (const it of this.#items) {
      const text = JSON.stringify(it);
      const old = this.#rows.get(it.id);
      const row = old?.text === text ? old.row : this.#row(it);
      if (old && old.row !== row) {
        if (at === old.row) at = row;
        old.row.replaceWith(row);
      }
      if (row === at) at = at.nextSibling;
      else this.tbody.insertBefore(row, at);
      rows.set(it.id, { row, text });
    }
    for (const [id, { row }] of this.#rows) if (!rows.has(id)) row.remove();
    this.#rows = rows;
    this.#more();
    this.#count();
  }

  #count() {
    const text = this.#next ? t.countLoaded(this.#items.length, this.#total)
      : this.#exact || this.#items.length >= this.#total ? t.countExact(this.#items.length) : t.countAtLeast(this.#total);
    const bytes = this.#items.reduce((sum, it) => sum + (it.size || 0), 0);
    this.status.textContent = bytes && !this.#next ? `${text}, ${size(bytes)}` : text;
  }

  #row(it) {
    const isFolder = it.type === 'folder';
    const modified = new Date(it.modified_at);
    const shown = visible(it.name);
    const kind = isFolder ? 'folder' : family(it.name);
    const name = isFolder
      ? h('a', { class: 'cut name', href: folderHref(this.#o.share, it.id) }, nameEl(it.name))
      : h('button', { class: 'cut name', type: 'button', title: t.download(shown), onclick: () => this.#o.downloads.start(it) }, nameEl(it.name));
    const when1 = () => h('time', { datetime: it.modified_at, title: exactly(modified) }, when(modified));
    const bytes = isFolder ? '' : size(it.size);
    return h('tr', { 'data-id': it.id },
      h('td', { class: 'nm' }, h('div', { class: 'row' }, icon(kind, `ft t-${kind}`),
        h('div', { class: 'grow2' }, name, h('span', { class: 'sub' }, bytes && `${bytes}, `, when1())))),
      h('td', { class: 'opt date' }, when1()),
      h('td', { class: 'num opt size' }, bytes),
      h('td', { class: 'tools' }, h('div', { class: 'row' },
        !isFolder && h('button', {
          class: 'btn quiet icon sm', type: 'button', 'aria-label': t.download(shown), title: t.download(shown),
          onclick: () => this.#o.downloads.start(it),
        }, icon('download')),
        h('button', {
          class: 'btn quiet icon sm trash', type: 'button', 'aria-label': t.toTrash(shown), title: t.toTrash(shown),
          onclick: () => this.#trash(it),
        }, icon('trash')))));
  }

  // #more has the next page come when the end of the list comes into sight; the
  // button is for whoever does not scroll, and for after an error.
  #more(error) {
    this.#seen?.disconnect();
    if (!this.#next) {
      this.foot.replaceChildren();
      return;
    }
    this.foot.replaceChildren(
      ...(error ? [h('p', { class: 'err' }, icon('alert', 'i s'), t.moreFailed)] : []),
      h('button', { class: 'btn', type: 'button', onclick: () => this.#page() }, error ? t.tryAgain : t.showMore));
    if (error) return;
    this.#seen = new IntersectionObserver((list) => { if (list.some((e) => e.isIntersecting)) this.#page(); }, { root: this.body, rootMargin: '600px' });
    this.#seen.observe(this.foot);
  }

  async #page() {
    if (this.#loading || !this.#next) return;
    this.#loading = true;
    const inside = this.foot.contains(document.activeElement);
    const before = this.#items.length;
    try {
      this.#take(await this.#o.store.children(this.#o.share, this.#o.folder, this.#next, this.#abort.signal), false);
      this.#list();
      if (inside) this.#rows.get(this.#items[before]?.id)?.row.querySelector('.name').focus();
    } catch (e) {
      if (this.#abort.signal.aborted) return;
      if (e instanceof ApiError && (e.status === 422 || e.status === 409)) this.refresh(); // the listing must begin again
      else this.#more(e);
    } finally {
      this.#loading = false;
    }
  }

  // changed is told of something that was stored at a place; it lists again soon.
  changed(place) {
    if (!this.#share || place.share !== this.#o.share || (place.folder || null) !== (this.#o.folder || null)) return;
    if (this.#timer) return;
    this.#timer = setTimeout(() => { this.#timer = 0; this.refresh(); }, this.#items.length > 400 ? refreshBusy : refreshAfter);
  }

  // refresh reads as much of the folder again as was shown.
  async refresh() {
    if (this.#loading) return this.changed({ share: this.#o.share, folder: this.#o.folder });
    this.#loading = true;
    const want = Math.max(this.#items.length, 200);
    try {
      let page = await this.#o.store.children(this.#o.share, this.#o.folder, '', this.#abort.signal, Math.min(1000, want));
      const items = page.items;
      while (page.next_page_token && items.length < want) {
        page = await this.#o.store.children(this.#o.share, this.#o.folder, page.next_page_token, this.#abort.signal, Math.min(1000, want));
        items.push(...page.items);
      }
      this.#take({ ...page, items }, true);
      this.#list();
    } catch (e) {
      if (this.#abort.signal.aborted) return;
      if (e instanceof ApiError && (e.status === 404 || e.status === 403)) this.#fail(e);
    } finally {
      this.#loading = false;
    }
  }

  #newFolder() {
    askName({
      title: t.newFolderTitle, label: t.folderName, action: t.createFolder,
      explain: (e) => (e instanceof ApiError && e.status === 409 ? t.nameTaken : explain(e, t)),
      use: async (name) => {
        const made = await this.#o.store.createFolder(this.#o.share, this.#o.folder, name);
        say(t.folderCreated(made.name));
        await this.refresh();
        setTimeout(() => this.#rows.get(made.id)?.row.querySelector('.name').focus(), 0);
      },
    });
  }

  // #trash takes the row away at once and brings it back if the server refuses.
  async #trash(it) {
    const row = this.#rows.get(it.id)?.row;
    if (!row || row.classList.contains('going')) return;
    row.classList.add('going');
    const shareName = this.#share.name;
    try {
      await this.#o.store.trash(it);
    } catch (e) {
      row.classList.remove('going');
      toast(t.trashFailed(it.name, explain(e, t)), { kind: 'alert' });
      if (e instanceof ApiError && (e.status === 404 || e.status === 412)) this.refresh();
      return;
    }
    const at = this.#items.findIndex((x) => x.id === it.id);
    const focused = row.contains(document.activeElement);
    this.#items = this.#items.filter((x) => x.id !== it.id);
    this.#total = Math.max(0, this.#total - 1);
    this.#list();
    if (focused || !document.activeElement || document.activeElement === document.body) {
      const next = this.#items[Math.min(at, this.#items.length - 1)];
      const el = next && this.#rows.get(next.id)?.row.querySelector('.name');
      (el || this.heading).focus();
    }
    toast(t.trashed(it.name, shareName), { kind: 'trash', action: { label: t.undo, run: () => this.#restore(it) } });
  }

  async #restore(it) {
    try {
      const back = await this.#o.store.restore(it);
      toast(back.name === it.name ? t.restored(it.name) : t.restoredAs(it.name, back.name), { kind: 'undo' });
      if (this.#abort.signal.aborted) return;
      await this.refresh();
      this.#rows.get(it.id)?.row.querySelector('.name').focus();
    } catch (e) {
      toast(t.restoreFailed(it.name, explain(e, t)), { kind: 'alert' });
    }
  }

  #key(e) {
    if (e.ctrlKey || e.metaKey || e.target.closest('input, dialog')) return;
    if (e.key === 'Backspace' || (e.altKey && e.key === 'ArrowUp')) {
      e.preventDefault();
      if (this.up) window.location.hash = this.up;
      return;
    }
    const row = e.target.closest?.('tr[data-id]');
    if (e.altKey) return;
    const names = () => [...this.element.querySelectorAll('tr[data-id] .name')];
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp' || e.key === 'Home' || e.key === 'End') {
      const list = names();
      if (!list.length || (!row && e.key !== 'ArrowDown')) return;
      const at = row ? list.indexOf(row.querySelector('.name')) : -1;
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 }[e.key];
      e.preventDefault();
      list[Math.max(0, Math.min(list.length - 1, to))].focus();
      return;
    }
    if (e.key === 'Delete' && row) {
      const it = this.#items.find((x) => x.id === row.dataset.id);
      if (it) this.#trash(it);
    }
  }
}
