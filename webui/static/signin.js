// The sign-in page.
import { h, icon, brand, say } from './dom.js';
import { ApiError } from './api.js';
import { t } from './texts.js';

// signIn gives the page. note says why it is shown; done is called once signed in.
export function signIn({ api, config, note, done }) {
  const email = h('input', {
    class: 'input', id: 'email', name: 'username', type: 'email', autocomplete: 'username', required: true,
    autocapitalize: 'none', spellcheck: 'false', 'aria-describedby': 'email-err',
  });
  const password = h('input', {
    class: 'input', id: 'password', name: 'password', type: 'password', autocomplete: 'current-password', required: true,
    'aria-describedby': 'password-err',
  });
  const errors = { email: h('p', { class: 'err', id: 'email-err' }), password: h('p', { class: 'err', id: 'password-err' }) };
  const look = h('button', {
    class: 'btn quiet icon sm look', type: 'button', 'aria-label': t.showPassword, title: t.showPassword, 'aria-pressed': 'false',
    onclick() {
      const shown = password.type === 'text';
      password.type = shown ? 'password' : 'text';
      look.setAttribute('aria-pressed', String(!shown));
      look.title = shown ? t.showPassword : t.hidePassword;
    },
  }, icon('eye'));
  const go = h('button', { class: 'btn primary big', type: 'submit' }, t.signIn);

  const wrong = (field, text) => {
    for (const [el, err] of [[email, errors.email], [password, errors.password]]) {
      const hit = el === field && text;
      el.classList.toggle('bad', Boolean(hit));
      if (hit) el.setAttribute('aria-invalid', 'true');
      else el.removeAttribute('aria-invalid');
      err.replaceChildren(...(hit ? [icon('alert', 'i s'), h('span', null, text)] : []));
    }
    if (!text) return;
    field.focus();
    say(text, true);
  };

  const form = h('form', {
    class: 'form', method: 'post', novalidate: true, 'aria-labelledby': 'title',
    async onsubmit(e) {
      e.preventDefault();
      if (go.disabled) return;
      if (!email.value.trim()) return wrong(email, t.emailMissing);
      if (!password.value) return wrong(password, t.passwordMissing);
      wrong(null, '');
      go.disabled = true;
      go.textContent = t.signingIn;
      try {
        await api.login(email.value.trim(), password.value);
        password.value = '';
        await done();
      } catch (error) {
        wrong(password, why(error));
        if (error instanceof ApiError && error.status === 401) password.select();
      } finally {
        go.disabled = false;
        go.textContent = t.signIn;
      }
    },
  },
  h('p', { class: 'brand' }, brand(), h('span', null, t.product)),
  h('div', null, h('h1', { id: 'title', tabindex: '-1' }, t.signInTitle), h('p', { class: 'muted' }, window.location.host)),
  note && h('p', { class: 'note warn' }, icon('info'), h('span', null, note)),
  config?.test_mode && h('p', { class: 'note warn' }, icon('alert'), h('span', null, t.testMode)),
  h('div', { class: 'field' }, h('label', { for: 'email' }, t.email), email, errors.email),
  h('div', { class: 'field' }, h('label', { for: 'password' }, t.password), h('div', { class: 'withbutton' }, password, look), errors.password),
  go,
  h('p', { class: 'host' }, icon('lock', 'i s'), t.ownServer, config && ` · ${t.version(config.version)}`));

  return {
    title: t.signInTitle,
    element: h('main', { class: 'signin', id: 'main' }, h('div', { class: 'hero' }, form)),
    focus: () => email.focus(),
  };
}

function why(e) {
  if (!(e instanceof ApiError)) return `${t.noConnection}. ${t.tryAgain}.`;
  if (e.status === 401 || e.status === 422) return t.wrongPassword;
  if (e.status === 429) return t.tooManyTries(e.retryAfter || 30);
  return e.status >= 500 ? t.serverFault(e.requestId) : e.detail;
}
