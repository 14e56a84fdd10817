// The session: who holds which token.
//
// The access token lives in memory only. The refresh token lives in
// sessionStorage, so that a reload keeps the session and the end of the tab ends
// it; or, when the person asked to stay signed in on this computer, in
// localStorage, where all tabs use it together. A refresh token is used once, and
// using it twice ends the session: so renewing happens under a lock, one tab at a
// time, and always with what the storage has at that moment. A tab without a token
// of its own (opened by a link, or a copy of another) borrows access tokens from
// the tab that has one, and never sees its refresh token.
import { ApiError, SessionEnded } from './errors';
import { jsonOf, request } from './fetch';
import type { Token } from './types_gen';

const storageKey = 'scaidrive.refresh';
const early = 30_000; // milliseconds before its end at which a token is renewed
const askFor = 250; // milliseconds that another tab has to answer
const lease = 10_000; // milliseconds that a lock without Web Locks holds at most

type Message =
  | { kind: 'ask'; from: string; token: string | null }
  | { kind: 'lend'; to: string; access: string; expires: number }
  | { kind: 'ended' };

interface Places {
  tab: Storage;
  computer: Storage;
  channel: BroadcastChannel | null;
  locks: LockManager | null;
  reload: boolean;
}

function browserPlaces(): Places {
  const nav = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
  return {
    tab: window.sessionStorage, computer: window.localStorage,
    channel: typeof BroadcastChannel === 'function' ? new BroadcastChannel('scaidrive.session') : null,
    locks: navigator.locks ?? null, reload: nav?.type === 'reload' || nav?.type === 'back_forward',
  };
}

export class Session {
  /** Called when the session turns out to be over. */
  onend: () => void = () => {};

  #access: string | null = null;
  #expires = 0;
  #renewing: Promise<void> | null = null;
  readonly #id = randomText();
  readonly #places: Places;

  constructor(places: Places = browserPlaces()) {
    this.#places = places;
    places.channel?.addEventListener('message', (e: MessageEvent<Message>) => void this.#hear(e.data));
  }

  #kept(): { where: Storage; token: string } | null {
    for (const where of [this.#places.tab, this.#places.computer]) {
      try {
        const token = where.getItem(storageKey);
        if (token) return { where, token };
      } catch { /* a browser without storage */ }
    }
    return null;
  }

  /** Finds a session that there is already: kept, or held by another tab. */
  async find(): Promise<boolean> {
    const kept = this.#kept();
    if (kept && (kept.where === this.#places.computer || this.#places.reload)) return true;
    if (await this.#borrow(kept?.token ?? null)) {
      if (kept) forgetIn(this.#places.tab); // a copy of the other tab's; only that one may use it
      return true;
    }
    return kept !== null;
  }

  async login(email: string, password: string, stay: boolean): Promise<void> {
    const grant = await jsonOf<Token>(await request('POST', '/auth/login', { json: { email, password } }));
    this.#forget();
    this.#take(grant, stay ? this.#places.computer : this.#places.tab);
  }

  /** Ends the session here, on the server, and in the tabs that share it. */
  async logout(): Promise<void> {
    try {
      await request('POST', '/auth/logout', { token: await this.token() });
    } catch { /* it is over here in any case */ } finally {
      this.#forget();
      this.#places.channel?.postMessage({ kind: 'ended' } satisfies Message);
    }
  }

  /** Gives a token that is valid now. */
  async token(): Promise<string> {
    if (this.#access && Date.now() < this.#expires - early) return this.#access;
    this.#renewing ??= this.#renew().finally(() => { this.#renewing = null; });
    await this.#renewing;
    if (!this.#access) throw this.end();
    return this.#access;
  }

  /** Tells that the server refused a token. */
  refused(token: string): void {
    if (this.#access === token) this.#expires = 0;
  }

  /** Asks anew whether the session holds; one that does not is ended. An account that is suspended is refused everywhere, as a place is that one may not enter. */
  async recheck(): Promise<void> {
    this.#expires = 0;
    await this.token();
  }

  /** Says that the session is over; throw what it gives. */
  end(): SessionEnded {
    this.#forget();
    this.onend();
    return new SessionEnded('the session is over');
  }

  async #renew(): Promise<void> {
    if (!this.#kept()) {
      if (await this.#borrow(null)) return;
      throw this.end();
    }
    await this.#locked(async () => {
      const now = this.#kept(); // another tab may have renewed it while we waited
      if (!now) throw this.end();
      try {
        const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: now.token });
        this.#take(await jsonOf<Token>(await request('POST', '/auth/token', { body })), now.where);
      } catch (e) {
        if (e instanceof ApiError && [400, 401, 403, 422].includes(e.status)) throw this.end();
        throw e;
      }
    });
  }

  async #locked(run: () => Promise<void>): Promise<void> {
    const { locks, computer } = this.#places;
    if (locks) {
      await locks.request('scaidrive.session', run);
      return;
    }
    // Web Locks are for secure contexts only; a lease in the storage stands in.
    const key = `${storageKey}.lock`;
    for (let i = 0; i < 200; i++) {
      const held = Number(computer.getItem(key)?.split(' ')[0] ?? 0);
      if (held < Date.now()) {
        const mine = `${Date.now() + lease} ${this.#id}`;
        computer.setItem(key, mine);
        await new Promise((ok) => setTimeout(ok, 40));
        if (computer.getItem(key) === mine) break;
      }
      await new Promise((ok) => setTimeout(ok, 60));
    }
    try {
      await run();
    } finally {
      computer.removeItem(key);
    }
  }

  #take(grant: Token, where: Storage): void {
    this.#access = grant.access_token;
    this.#expires = Date.now() + grant.expires_in * 1000;
    if (!grant.refresh_token) return;
    try {
      where.setItem(storageKey, grant.refresh_token);
    } catch { /* without storage a reload signs out */ }
  }

  #forget(): void {
    this.#access = null;
    this.#expires = 0;
    forgetIn(this.#places.tab);
    forgetIn(this.#places.computer);
  }

  #borrow(token: string | null): Promise<boolean> {
    const { channel } = this.#places;
    if (!channel) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = (ok: boolean) => {
        clearTimeout(timer);
        channel.removeEventListener('message', hear);
        resolve(ok);
      };
      const timer = setTimeout(() => done(false), askFor);
      const hear = ({ data }: MessageEvent<Message>) => {
        if (data.kind !== 'lend' || data.to !== this.#id) return;
        this.#access = data.access;
        this.#expires = data.expires;
        done(true);
      };
      channel.addEventListener('message', hear);
      channel.postMessage({ kind: 'ask', from: this.#id, token } satisfies Message);
    });
  }

  async #hear(m: Message): Promise<void> {
    if (m.kind === 'ask') {
      const kept = this.#kept();
      if (!kept || kept.where !== this.#places.tab || !this.#access || (m.token && m.token !== kept.token)) return;
      const access = await this.token().catch(() => null);
      if (access) this.#places.channel?.postMessage({ kind: 'lend', to: m.from, access, expires: this.#expires } satisfies Message);
    }
    if (m.kind === 'ended' && this.#access && !this.#kept()) {
      this.#expires = 0; // who lent it may be gone: another tab lends one, or the session is over
      await this.token().catch(() => {});
    }
  }
}

function forgetIn(where: Storage): void {
  try {
    where.removeItem(storageKey);
  } catch { /* nothing was kept */ }
}

/** Gives a text of 128 random bits. */
export function randomText(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}
