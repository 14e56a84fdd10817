// The tray: what is being sent and fetched, how far it is, and what needs a
// decision. It announces only beginnings, failures and ends.
import { h, icon, nameEl, say, visible } from './dom.js';
import { askName, freshID } from './dialog.js';
import { explain } from './store.js';
import { ApiError, NetworkError } from './api.js';
import { Trouble, inBlob } from './download.js';
import { duration, family, size } from './format.js';
import { state } from './queue.js';
import { t } from './texts.js';

const mostRows = 60; // shown at once
const every = 120; // milliseconds between two drawings
const window5 = 5000; // milliseconds over which the speed is taken

export class Tray {
  #queue; #downloads;
  #rows = new Map(); // key -> {element, update}
  #timer = 0; #open = true; #samples = []; #failuresSaid = 0;

  constructor(queue, downloads) {
    this.#queue = queue;
    this.#downloads = downloads;
    this.heading = h('h2', { id: 'tray-title' });
    this.speed = h('span', { class: 'muted small cut' });
    this.fold = h('button', { class: 'btn quiet icon sm', type: 'button', 'aria-expanded': 'true', 'aria-controls': 'tray-list', onclick: () => this.#toggle() }, icon('down', 'i s'));
    this.shut = h('button', { class: 'btn quiet icon sm', type: 'button', 'aria-label': t.close, title: t.close, onclick: () => this.#close() }, icon('x', 'i s'));
    this.all = h('progress', { class: 'bar thin', max: 1, value: 0, 'aria-labelledby': 'tray-title' });
    this.sums = h('div', { class: 'sums' });
    this.list = h('ul', { id: 'tray-list', class: 'traylist', tabindex: '-1' });
    this.element = h('section', { class: 'tray', 'aria-label': t.uploads, hidden: true },
      h('header', null, h('div', { class: 'grow cut' }, this.heading, this.speed), this.fold, this.shut), this.all, this.sums, this.list);
    this.#listen();
  }

  #listen() {
    const later = () => {
      if (!this.#timer) this.#timer = setTimeout(() => { this.#timer = 0; this.#draw(); }, every);
    };
    this.#queue.addEventListener('change', later);
    this.#downloads.addEventListener('change', later);
    this.#queue.addEventListener('start', (e) => { this.#failuresSaid = 0; this.#open = true; say(t.saidStart(e.detail.n)); });
    this.#queue.addEventListener('failed', ({ detail: { item } }) => {
      this.#open = true;
      if (this.#failuresSaid++ < 3) say(t.saidFailed(visible(item.name), reason(item)), true);
    });
    this.#queue.addEventListener('end', ({ detail: { done, failed } }) => {
      if (failed) say(t.saidEndFailed(done, failed));
      else if (done) say(t.saidEnd(done));
      if (!failed) this.#open = false; // one line is enough to say that all went well
      later();
    });
    this.#queue.addEventListener('paused', ({ detail: { why } }) => { if (why === 'offline') say(t.saidPaused); });
    this.#downloads.addEventListener('start', () => { this.#open = true; });
    this.#downloads.addEventListener('saved', ({ detail: d }) => say(t.saidSaved(visible(d.name))));
    this.#downloads.addEventListener('failed', ({ detail: d }) => say(t.saidFailed(visible(d.name), downloadReason(d)), true));
  }

  #toggle() {
    this.#open = !this.#open;
    this.#draw();
  }

  #close() {
    if (this.#queue.busy || this.#downloads.busy) say(t.saidCancelled);
    this.#queue.cancelAll();
    this.#downloads.cancelAll();
    this.#draw();
    document.querySelector('#main h1')?.focus();
  }

  #draw() {
    const ups = [...this.#queue.items.values()], downs = [...this.#downloads.items.values()];
    this.element.hidden = !ups.length && !downs.length;
    if (this.element.hidden) {
      this.#rows.clear();
      this.list.replaceChildren();
      this.#samples = [];
      return;
    }
    const by = (...states) => ups.filter((i) => states.includes(i.state));
    const taken = by(state.taken), failed = by(state.failed), finished = by(state.done);
    const moving = by(state.sending, state.storing), waiting = by(state.waiting);
    const busy = this.#queue.busy, bad = taken.length + failed.length;

    this.heading.textContent = this.#head(ups, downs, finished, bad);
    this.speed.textContent = this.#pace(ups, downs, busy);
    this.#bar(ups, downs, busy);
    this.#summary(taken, failed);
    this.fold.setAttribute('aria-expanded', String(this.#open));
    this.fold.title = this.#open ? t.collapse : t.expand;
    this.fold.setAttribute('aria-label', this.fold.title);
    this.fold.replaceChildren(icon(this.#open ? 'down' : 'up', 'i s'));
    const label = busy || this.#downloads.busy ? t.cancelAll : t.close;
    this.shut.title = label;
    this.shut.setAttribute('aria-label', label);

    this.list.hidden = !this.#open;
    this.sums.hidden = !this.#open || !this.sums.childElementCount;
    if (!this.#open) return;
    // What is settled is shown last, the latest first.
    const shown = [...downs.map((d) => ['d', d]), ...[...moving, ...taken, ...failed, ...waiting.slice(0, 10), ...finished.slice(-8).reverse()].map((i) => ['u', i])];
    this.#show(shown.slice(0, mostRows), ups.length + downs.length);
  }

  #head(ups, downs, finished, bad) {
    if (this.#queue.busy) {
      if (this.#queue.paused === 'offline') return t.uploadsPausedOffline;
      if (this.#queue.paused === 'busy') return t.uploadsPausedBusy;
      if (this.#queue.reading && ups.length === finished.length) return t.reading;
      return t.uploading(finished.length + bad, ups.length);
    }
    if (bad) return t.uploadsNeed(bad);
    const moving = downs.filter((d) => d.state === 'sending').length, broken = downs.filter((d) => d.state === 'failed').length;
    if (moving) return t.downloading(moving);
    if (broken) return t.uploadsFailed(broken);
    return downs.length ? t.downloadsDone(downs.length) : t.uploadsDone(finished.length);
  }

  #pace(ups, downs, busy) {
    const now = performance.now();
    const sent = [...ups, ...downs].reduce((sum, i) => sum + i.sent, 0);
    this.#samples.push([now, sent]);
    while (this.#samples.length > 2 && now - this.#samples[0][0] > window5) this.#samples.shift();
    const [t0, s0] = this.#samples[0];
    if (!(busy || this.#downloads.busy) || now - t0 < 1000 || sent <= s0) return '';
    const rate = (sent - s0) / ((now - t0) / 1000);
    const all = [...ups, ...downs].filter((i) => i.state !== state.done);
    const known = all.every((i) => i.size !== null) && !this.#queue.reading;
    const left = known ? all.reduce((sum, i) => sum + i.size - i.sent, 0) / rate : 0;
    return t.speed(size(rate), left > 2 ? duration(left) : '');
  }

  #bar(ups, downs, busy) {
    this.all.hidden = !busy && !this.#downloads.busy;
    const all = [...ups, ...downs];
    const known = all.every((i) => i.size !== null);
    const total = known ? all.reduce((sum, i) => sum + i.size, 0) : all.length;
    const done = known ? all.reduce((sum, i) => sum + i.sent, 0)
      : all.reduce((sum, i) => sum + (i.state === state.done ? 1 : i.size ? i.sent / i.size : 0), 0);
    this.all.value = total ? done / total : 0;
  }

  // #summary offers what settles many at once.
  #summary(taken, failed) {
    const key = `${taken.length}/${failed.length}`;
    if (this.sums.dataset.key === key) return;
    this.sums.dataset.key = key;
    const button = (text, run) => h('button', { class: 'btn sm', type: 'button', onclick: run }, text);
    const parts = [];
    if (taken.length > 1) {
      parts.push(h('div', { class: 'sum' }, h('p', { class: 'small' }, t.takenMany(taken.length)), h('div', { class: 'row wrap' },
        button(t.replace, () => this.#queue.replace(...taken)), button(t.keepBoth, () => this.#queue.keepBoth(...taken)),
        button(t.skip1, () => this.#queue.cancel(...taken)))));
    }
    if (failed.length > 1) parts.push(h('div', { class: 'sum row' }, h('p', { class: 'small grow' }, t.uploadsFailed(failed.length)), button(t.retryAll(failed.length), () => this.#queue.retry(...failed))));
    this.sums.replaceChildren(...parts);
  }

  #show(shown, total) {
    const rows = new Map();
    let at = this.list.firstChild;
    for (const [kind, item] of shown) {
      const key = kind + item.number;
      const r = this.#rows.get(key) || (kind === 'u' ? this.#upload(item) : this.#download(item));
      r.update();
      rows.set(key, r);
      if (r.element === at) at = at.nextSibling;
      else this.list.insertBefore(r.element, at);
    }
    for (const [key, r] of this.#rows) if (!rows.has(key)) r.element.remove();
    this.#rows = rows;
    this.rest?.remove();
    const hidden = total - shown.length;
    if (hidden > 0) this.list.append(this.rest = h('li', { class: 'muted small' }, h('span'), t.moreItems(hidden)));
  }

  #upload(item) {
    const title = h('span', { class: 'cut strong' });
    const r = rowOf(item.folderOnly ? 'folder' : family(item.name), title);
    let drawn = '';
    const update = () => {
      const percent = item.size ? Math.floor((100 * item.sent) / item.size) : 0;
      r.bar.hidden = item.state !== state.sending && item.state !== state.storing;
      r.bar.value = item.size ? item.sent / item.size : 0;
      const key = `${item.state}|${item.name}|${item.error?.code}`;
      if (item.state === state.sending) r.side(t.sending(percent));
      if (key === drawn) return;
      drawn = key;
      title.replaceChildren(nameEl([...item.dirs, ...(item.folderOnly ? [] : [item.name])].slice(-2).join('/')));
      r.bar.setAttribute('aria-label', visible(item.name));
      const shown = visible(item.name);
      const bad = item.state === state.failed || item.state === state.taken;
      r.why(bad ? reason(item) : '', this.#choices(item, shown));
      if (item.state === state.done) r.sideIcon('check', item.folderOnly ? t.folderDone : item.wasHere ? t.alreadyHere : t.done);
      else if (item.state === state.storing) r.side(t.storing);
      else if (item.state === state.waiting) r.side(t.waiting);
      else if (bad) r.side('');
      const over = item.state === state.done || bad;
      r.x(over ? t.dismissOne(shown) : t.cancelOne(shown), () => this.#queue.cancel(item));
    };
    return { element: r.element, update };
  }

  #choices(item, shown) {
    const button = (text, label, run) => h('button', { class: 'btn sm', type: 'button', 'aria-label': label, onclick: run }, text);
    if (item.state === state.taken) {
      return [
        item.error?.code !== 'taken-by-folder' && button(t.replace, t.replaceOne(shown), () => this.#queue.replace(item)),
        button(t.keepBoth, t.keepBothOne(shown), () => this.#queue.keepBoth(item)),
        button(t.skip1, t.skipOne(shown), () => this.#queue.cancel(item)),
      ];
    }
    if (item.state !== state.failed || item.error.code === 'unreadable') return [];
    const badName = item.error.error instanceof ApiError && item.error.error.status === 422;
    return [
      badName && !item.folderOnly && button(t.rename, t.renameOne(shown), () => askName({
        title: t.renameTitle, label: t.newName, action: t.useName, value: item.name,
        explain: (e) => explain(e, t), use: async (name) => this.#queue.rename(item, name),
      })),
      !badName && button(t.tryAgain, t.retryOne(shown), () => this.#queue.retry(item)),
    ];
  }

  #download(d) {
    const r = rowOf(family(d.name), h('span', { class: 'cut strong' }, nameEl(d.name)), 'download');
    r.bar.setAttribute('aria-label', visible(d.name));
    let drawn = '';
    const update = () => {
      r.bar.hidden = d.state !== 'sending';
      r.bar.value = d.size ? d.sent / d.size : 0;
      if (d.state === 'sending') r.side(t.sending(d.size ? Math.floor((100 * d.sent) / d.size) : 0));
      if (d.state === drawn) return;
      drawn = d.state;
      const shown = visible(d.name);
      if (d.state === 'done') r.sideIcon('check', t.saved);
      if (d.state === 'failed') r.side('');
      r.why(d.state === 'failed' ? downloadReason(d) : '', d.state === 'failed'
        ? [h('button', { class: 'btn sm', type: 'button', 'aria-label': t.retryOne(shown), onclick: () => this.#downloads.retry(d) }, t.tryAgain)] : []);
      r.x(d.state === 'sending' ? t.cancelDownload(shown) : t.dismissOne(shown), () => this.#downloads.remove(d));
    };
    return { element: r.element, update };
  }
}

// rowOf makes a row of the list and what changes in it.
function rowOf(kind, title, mark) {
  const bar = h('progress', { class: 'bar thin', max: 1, value: 0, id: freshID('progress') });
  const side = h('span', { class: 'side1 muted small' });
  const why = h('div', { class: 'why' });
  const x = h('button', { class: 'btn quiet icon sm', type: 'button' }, icon('x', 'i s'));
  let press = () => {};
  x.addEventListener('click', () => press());
  const element = h('li', null, icon(kind, `ft t-${kind}`), h('div', { class: 'grow' }, h('div', { class: 'row' }, title, mark && icon(mark, 'i s'), side), bar, why), x);
  return {
    element, bar,
    side(text) { if (side.textContent !== text) side.textContent = text; },
    sideIcon(name, text) { side.replaceChildren(icon(name, 'i s ok'), h('span', { class: 'vh' }, text)); side.title = text; },
    why(text, buttons) {
      const list = buttons.filter(Boolean);
      why.replaceChildren(...(text ? [h('p', { class: 'err' }, icon('alert', 'i s'), h('span', null, text))] : []), ...(list.length ? [h('div', { class: 'row wrap' }, list)] : []));
    },
    x(label, run) {
      x.setAttribute('aria-label', label);
      x.title = label;
      press = run;
    },
  };
}

// reason says in a sentence why an upload did not go through.
function reason(item) {
  const { code, error, name } = item.error || {};
  switch (code) {
    case 'taken': return t.taken;
    case 'taken-by-folder': return t.takenByFolder;
    case 'folder-is-file': return t.takenByFile(name);
    case 'unreadable': return t.unreadable;
    case 'unreadable-folder': return t.unreadableFolder;
    case 'too-large': return t.tooLarge(size(item.size), size(item.limit));
    case 'broke-off': return t.brokeOff;
  }
  if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return t.mayNotAdd;
  if (error instanceof ApiError && error.status === 500) return t.serverFault(error.requestId);
  const text = explain(error, t);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function downloadReason(d) {
  const e = d.error;
  if (e instanceof Trouble) {
    return { 'too-large-here': t.tooLargeHere(size(inBlob)), 'cut-short': t.cutShort, 'wrong-bytes': t.wrongBytes, 'not-saved': t.notSaved }[e.code];
  }
  if (e instanceof NetworkError) return t.cutShort;
  if (e instanceof ApiError && e.status === 500) return /damaged/i.test(e.detail) ? t.damagedText : t.unknownTrouble;
  const text = explain(e, t);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
