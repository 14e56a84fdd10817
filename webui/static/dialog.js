// Dialogs and passing messages.
import { h, icon, say } from './dom.js';
import { t } from './texts.js';

const overlays = () => document.getElementById('overlays');

let ids = 0;
export function freshID(prefix) { return `${prefix}-${++ids}`; }

// open shows a modal dialog; the browser keeps focus inside and gives it back.
function open(title, body, footer, { onclose } = {}) {
  const id = freshID('dialog');
  const el = h('dialog', { class: 'dialog', 'aria-labelledby': id },
    h('header', null, h('h2', { id }, title)), body, footer);
  el.addEventListener('close', () => {
    el.remove();
    onclose?.();
  });
  overlays().append(el);
  el.showModal();
  return el;
}

// askName asks for a name. use is called with it and may throw: what explain makes
// of that stands at the field, and the dialog stays.
export function askName({ title, label, action, value = '', use, explain }) {
  const id = freshID('name');
  const input = h('input', {
    class: 'input', id, name: 'name', type: 'text', value, autocomplete: 'off', spellcheck: 'false',
    maxlength: 255, 'aria-describedby': `${id}-err`,
  });
  const err = h('p', { class: 'err', id: `${id}-err`, role: 'alert' });
  const go = h('button', { class: 'btn primary', type: 'submit' }, action);
  const show = (text) => {
    err.replaceChildren(...(text ? [icon('alert', 'i s'), h('span', null, text)] : []));
    input.classList.toggle('bad', Boolean(text));
    if (text) {
      input.setAttribute('aria-invalid', 'true');
      input.focus();
    } else input.removeAttribute('aria-invalid');
  };
  const form = h('form', {
    method: 'dialog', novalidate: true, async onsubmit(e) {
      e.preventDefault();
      if (go.disabled) return;
      const name = input.value.trim();
      if (!name) return show(t.nameMissing);
      go.disabled = true;
      show('');
      try {
        await use(name);
        el.close();
      } catch (error) {
        show(explain(error));
      } finally {
        go.disabled = false;
      }
    },
  },
  h('div', { class: 'body' }, h('div', { class: 'field' }, h('label', { for: id }, label), input, err)),
  h('footer', null, h('span', { class: 'grow' }),
    h('button', { class: 'btn', type: 'button', onclick: () => el.close() }, t.cancel), go));
  const el = open(title, form, null);
  const dot = value.lastIndexOf('.');
  input.focus();
  input.setSelectionRange(0, dot > 0 ? dot : value.length);
}

// confirm asks before something is lost; focus is on the safe answer.
export function confirm({ title, text, safe, action }) {
  return new Promise((resolve) => {
    const stay = h('button', { class: 'btn primary', type: 'button', onclick: () => el.close() }, safe);
    let answer = false;
    const el = open(title,
      h('div', { class: 'body' }, h('p', null, text)),
      h('footer', null, h('button', {
        class: 'btn danger', type: 'button', onclick() { answer = true; el.close(); },
      }, action), h('span', { class: 'grow' }), stay),
      { onclose: () => resolve(answer) });
    stay.focus();
  });
}

const stays = 10_000; // milliseconds

// toast shows a sentence for ten seconds, longer while it has the pointer or
// focus. action is {label, run}.
export function toast(text, { action, kind = 'check' } = {}) {
  let timer = 0;
  const remove = () => { clearTimeout(timer); el.remove(); };
  const start = () => { clearTimeout(timer); timer = setTimeout(remove, stays); };
  const el = h('div', {
    class: 'toast', onmouseenter: () => clearTimeout(timer), onmouseleave: start,
    onfocusin: () => clearTimeout(timer), onfocusout: start,
  },
  icon(kind), h('span', { class: 'grow' }, text),
  action && h('button', { class: 'linkish', type: 'button', onclick() { remove(); action.run(); } }, action.label),
  h('button', { class: 'btn quiet icon sm', type: 'button', 'aria-label': t.dismiss, title: t.dismiss, onclick: remove }, icon('x', 'i s')));
  let box = document.getElementById('toasts');
  if (!box) {
    box = h('section', { id: 'toasts', class: 'toasts', 'aria-label': t.messages });
    overlays().append(box);
  }
  box.append(el);
  while (box.children.length > 3) box.firstChild.remove();
  start();
  say(text, kind === 'alert');
}

// closeAll takes down what stands over the page.
export function closeAll() {
  for (const el of [...overlays().querySelectorAll('dialog')]) el.close();
  document.getElementById('toasts')?.replaceChildren();
}
