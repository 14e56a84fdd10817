// What stands where content would be: loading, empty, trouble, out of sight.
import { h, icon } from './dom.js';
import { ApiError, NetworkError } from './api.js';
import { t } from './texts.js';

const soon = 300, slow = 8000; // milliseconds

export function empty(title, text, ...actions) {
  return h('div', { class: 'empty' }, icon('folder', 'art'), h('h2', null, title), h('p', null, text), h('div', { class: 'row' }, actions));
}

// skeleton shows lines in the shape of the list, but only if loading takes time.
export function skeleton() {
  const el = h('div', { class: 'skeleton', 'aria-hidden': 'true' });
  const lines = () => {
    for (let i = 0; i < 6; i++) {
      el.append(h('div', { class: 'skelrow' }, h('span', { class: 'skel box' }), h('span', { class: `skel w${i % 3}` })));
    }
  };
  const note = h('p', { class: 'muted pad', role: 'status' });
  const timers = [setTimeout(lines, soon), setTimeout(() => { note.textContent = t.slow; }, slow)];
  return { element: h('div', null, el, note), stop: () => timers.forEach(clearTimeout) };
}

// trouble shows why something didn't load, and how to go on. heading is "h1" where
// it stands for a whole view.
export function trouble(title, e, retry, heading = 'h2') {
  const says = (text) => h(heading, { tabindex: '-1' }, text);
  if (e instanceof ApiError && (e.status === 404 || e.status === 403 || e.status === 410)) {
    return h('div', { class: 'empty' }, icon('lock', 'art'), says(t.gone), h('p', null, t.goneText),
      h('div', { class: 'row' }, h('a', { class: 'btn', href: '#/' }, t.toShares)));
  }
  const again = h('button', { class: 'btn primary', type: 'button', onclick: retry }, icon('retry'), t.tryAgain);
  if (e instanceof NetworkError) {
    return h('div', { class: 'empty' }, icon('off', 'art'), says(t.noConnection), h('p', null, t.noConnectionText), h('div', { class: 'row' }, again));
  }
  const damaged = e instanceof ApiError && e.status === 500 && /damaged/i.test(e.detail);
  const details = e instanceof ApiError
    ? h('details', { class: 'small' }, h('summary', null, t.details), h('p', { class: 'mono' }, e.detail, e.requestId && h('br'), e.requestId && t.requestId(e.requestId)))
    : null;
  return h('div', { class: 'empty' }, icon('alert', 'art'), says(title), h('p', null, damaged ? t.damagedText : t.folderFailedText),
    h('div', { class: 'row' }, again), details);
}
