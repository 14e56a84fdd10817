// The list of shares, as a page and beside it.
import { h, icon, nameEl, say } from './dom.js';
import { askName, toast } from './dialog.js';
import { explain } from './store.js';
import { size } from './format.js';
import { empty, skeleton, trouble } from './states.js';
import { t } from './texts.js';

export const shareHref = (id) => `#/s/${id}`;

// squareOf is the sign of a share: its first letters on one of six grounds.
export function squareOf(share) {
  const letters = Array.from(share.name.replace(/[^\p{L}\p{N} ]/gu, '')).join('').trim();
  const words = letters.split(/\s+/);
  const two = words.length > 1 ? [words[0], words[1]].map((w) => Array.from(w)[0]).join('') : Array.from(letters).slice(0, 2).join('');
  let sum = 0;
  for (const c of share.id) sum = (sum * 31 + c.charCodeAt(0)) % 997;
  return h('span', { class: `av sq h-${'abcdef'[sum % 6]}`, 'aria-hidden': 'true' }, (two || '·').toUpperCase());
}

export function newShare({ store, after }) {
  askName({
    title: t.newShareTitle, label: t.shareName, action: t.createShare,
    explain: (e) => explain(e, t),
    async use(name) {
      const share = await store.createShare(name);
      toast(t.shareCreated(share.name));
      await after(share);
    },
  });
}

// sharesView is the page of all shares.
export function sharesView({ store, onshares, made }) {
  const abort = new AbortController();
  const title = h('h1', { tabindex: '-1' }, t.shares);
  const body = h('div', { class: 'scroll', tabindex: '-1' });
  const add = () => newShare({ store, after: made });

  const show = (shares) => {
    if (!shares.length) {
      body.replaceChildren(empty(t.noShares, t.noSharesText,
        h('button', { class: 'btn primary', type: 'button', onclick: add }, icon('plus'), t.newShare)));
      return;
    }
    body.replaceChildren(h('table', { class: 'table files' },
      h('caption', { class: 'vh' }, t.shares),
      h('thead', null, h('tr', null,
        h('th', { scope: 'col' }, t.columnName), h('th', { scope: 'col', class: 'opt' }, t.columnType),
        h('th', { scope: 'col', class: 'opt' }, t.columnRole), h('th', { scope: 'col', class: 'num' }, t.columnUsed))),
      h('tbody', null, shares.map((s) => h('tr', null,
        h('td', { class: 'nm' }, h('div', { class: 'row' }, squareOf(s), h('a', { class: 'cut name', href: shareHref(s.id) }, nameEl(s.name)))),
        h('td', { class: 'opt' }, t.shareTypes[s.type] || s.type),
        h('td', { class: 'opt' }, t.roles[s.role] || s.role || ''),
        h('td', { class: 'num' }, size(s.used_bytes)))))));
  };

  const load = async () => {
    const wait = skeleton();
    body.replaceChildren(wait.element);
    try {
      const shares = await store.shares(abort.signal);
      onshares(shares);
      show(shares);
      say(t.loadedFolder(t.shares, shares.length));
    } catch (e) {
      if (!abort.signal.aborted) body.replaceChildren(trouble(t.sharesFailed, e, load));
    } finally {
      wait.stop();
    }
  };

  return {
    title: t.shares,
    element: h('div', { class: 'main' },
      h('div', { class: 'head' }, h('div', { class: 'grow' }, title),
        h('button', { class: 'btn', type: 'button', onclick: add }, icon('plus'), t.newShare)),
      body),
    focus: () => title.focus(),
    start: load,
    online: () => body.querySelector('.empty') && load(),
    stop: () => abort.abort(),
  };
}
