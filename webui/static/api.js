// Calls of the HTTP API, and the session that they are made in.
//
// The access token lives in memory only; the refresh token in sessionStorage, so
// that a reload keeps the session and the end of the tab ends it. A refresh token
// is used once: renewing happens in one place, one at a time, and a tab that
// began as a copy of another does not touch the other's token.

const prefix = '/api/v1';
const storageKey = 'scaidrive.refresh';
const callTimeout = 60_000; // milliseconds, for all but transfers
const early = 30_000; // milliseconds before its end at which a token is renewed

// An ApiError is an answer that is not a success.
export class ApiError extends Error {
  constructor(status, body, headers) {
    const list = Array.isArray(body?.detail) ? body.detail : null;
    const detail = list ? list.map((f) => String(f.msg).replace(/^Value error, /, '')).join('. ') : String(body?.detail || '');
    super(detail || `status ${status}`);
    this.status = status;
    this.detail = detail;
    this.fields = list || [];
    this.requestId = headers?.get('X-Request-Id') || '';
    this.retryAfter = Number(headers?.get('Retry-After')) || 0; // seconds
  }
}

// A NetworkError: no answer came, so nobody knows whether the call had effect.
export class NetworkError extends Error {}

// A SessionEnded: the person has to sign in again.
export class SessionEnded extends Error {}

export class Api {
  #access = null;
  #expires = 0;
  #renewing = null;
  #channel = null;
  #storage;

  // onend is called when the session turns out to be over.
  constructor({ storage = window.sessionStorage, onend = () => {} } = {}) {
    this.#storage = storage;
    this.onend = onend;
    this.#listen();
  }

  get hasSession() { return this.#access !== null || this.#refresh() !== null; }

  #refresh() {
    try { return this.#storage.getItem(storageKey); } catch { return null; }
  }

  #keep(grant) {
    this.#access = grant.access_token;
    this.#expires = Date.now() + grant.expires_in * 1000;
    if (!grant.refresh_token) return;
    try { this.#storage.setItem(storageKey, grant.refresh_token); } catch { /* without storage a reload signs out */ }
  }

  #forget() {
    this.#access = null;
    this.#expires = 0;
    try { this.#storage.removeItem(storageKey); } catch { /* nothing was kept */ }
  }

  // A tab made by "duplicate" has a copy of the other's storage. Using that token
  // twice would end both sessions, so a new tab first asks who holds it.
  #listen() {
    if (typeof BroadcastChannel !== 'function') return;
    this.#channel = new BroadcastChannel('scaidrive.session');
    this.#channel.addEventListener('message', ({ data }) => {
      if (data?.ask && this.#access && data.ask === this.#refresh()) this.#channel.postMessage({ mine: data.ask });
    });
  }

  // shared reports, and forgets the token, when another tab holds it.
  async shared() {
    const token = this.#refresh();
    const reload = performance.getEntriesByType('navigation')[0]?.type === 'reload';
    if (!token || reload || !this.#channel) return false;
    const taken = await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), 150);
      this.#channel.addEventListener('message', ({ data }) => {
        if (data?.mine !== token) return;
        clearTimeout(timer);
        resolve(true);
      });
      this.#channel.postMessage({ ask: token });
    });
    if (taken) this.#forget();
    return taken;
  }

  async login(email, password) {
    const r = await plainFetch('POST', '/auth/login', { json: { email, password } });
    this.#keep(await r.json());
  }

  async logout() {
    try {
      if (this.hasSession) await this.call('POST', '/auth/logout');
    } catch (e) {
      if (!(e instanceof SessionEnded || e instanceof ApiError || e instanceof NetworkError)) throw e;
    } finally {
      this.#forget();
    }
  }

  async #renew() {
    const token = this.#refresh();
    if (!token) throw this.#ended();
    try {
      const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token });
      const r = await plainFetch('POST', '/auth/token', { body: form });
      this.#keep(await r.json());
    } catch (e) {
      if (e instanceof ApiError && [400, 401, 403, 422].includes(e.status)) throw this.#ended();
      throw e;
    }
  }

  #ended() {
    this.#forget();
    this.onend();
    return new SessionEnded('the session is over');
  }

  async #token() {
    if (this.#access && Date.now() < this.#expires - early) return this.#access;
    this.#renewing ||= this.#renew().finally(() => { this.#renewing = null; });
    await this.#renewing;
    return this.#access;
  }

  // #signed runs a call with a token, and again with a new one if that is refused.
  async #signed(run) {
    const token = await this.#token();
    try {
      return await run(token);
    } catch (e) {
      if (!(e instanceof ApiError && e.status === 401)) throw e;
    }
    if (this.#access === token) this.#expires = 0;
    const next = await this.#token();
    try {
      return await run(next);
    } catch (e) {
      if (e instanceof ApiError && e.status === 401) throw this.#ended();
      throw e;
    }
  }

  // call gives the JSON of an answer, null for one without a body.
  async call(method, path, options = {}) {
    const r = await this.#signed((token) => plainFetch(method, path, { ...options, token }));
    if (r.status === 204) return null;
    try {
      return await r.json();
    } catch {
      throw new NetworkError('the answer broke off');
    }
  }

  // stream gives the answer itself; its body has no time limit.
  stream(path, { signal } = {}) {
    return this.#signed((token) => plainFetch('GET', path, { token, signal, timeout: 0 }));
  }

  // send sends a body and tells how much of it is out; the answer's JSON comes back.
  send(method, path, body, { headers = {}, signal, onprogress } = {}) {
    return this.#signed((token) => sendWithProgress(method, path, body, token, headers, signal, onprogress));
  }

  // open calls take no session.
  open(path) {
    return plainFetch('GET', path, {}).then((r) => r.json());
  }
}

async function plainFetch(method, path, { token, json, body, query, headers = {}, signal, timeout = callTimeout }) {
  const url = new URL(prefix + path, window.location.origin);
  for (const [name, value] of Object.entries(query || {})) if (value) url.searchParams.set(name, value);
  const head = new Headers(headers);
  if (token) head.set('Authorization', `Bearer ${token}`);
  if (json !== undefined) {
    head.set('Content-Type', 'application/json');
    body = JSON.stringify(json);
  }
  const signals = [signal, timeout ? AbortSignal.timeout(timeout) : null].filter(Boolean);
  let r;
  try {
    r = await fetch(url, {
      method, body, headers: head, signal: signals.length ? AbortSignal.any(signals) : undefined,
      credentials: 'omit', cache: 'no-store', redirect: 'error', referrerPolicy: 'no-referrer',
    });
  } catch (e) {
    if (signal?.aborted) throw e;
    throw new NetworkError(e.message);
  }
  if (r.ok) return r;
  let problem = null;
  try { problem = await r.json(); } catch { /* the status says enough */ }
  throw new ApiError(r.status, problem, r.headers);
}

// sendWithProgress uses XMLHttpRequest: fetch can't tell how much of a body is out.
function sendWithProgress(method, path, body, token, headers, signal, onprogress) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const stop = () => xhr.abort();
    xhr.open(method, prefix + path);
    xhr.setRequestHeader('Authorization', `Bearer ${token}`);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    if (onprogress) xhr.upload.onprogress = (e) => onprogress(e.loaded, e.total);
    xhr.onload = () => {
      let answer = null;
      try { answer = JSON.parse(xhr.responseText); } catch { /* no body, or none that matters */ }
      if (xhr.status >= 200 && xhr.status < 300) resolve(answer);
      else reject(new ApiError(xhr.status, answer, { get: (name) => xhr.getResponseHeader(name) }));
    };
    xhr.onerror = () => reject(new NetworkError('the connection broke'));
    xhr.onabort = () => reject(new DOMException('stopped', 'AbortError'));
    xhr.onloadend = () => signal?.removeEventListener('abort', stop);
    if (signal?.aborted) {
      reject(new DOMException('stopped', 'AbortError'));
      return;
    }
    signal?.addEventListener('abort', stop);
    xhr.send(body);
  });
}

// isAbort tells that a call ended because we wanted it.
export function isAbort(e) { return e?.name === 'AbortError'; }

// sha256 gives the hex digest of bytes, null where the browser offers none (a
// page that is not served over HTTPS or from this machine).
export async function sha256(buffer) {
  if (!globalThis.crypto?.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', buffer));
  return Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('');
}
