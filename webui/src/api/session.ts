// The session: whether somebody is signed in, and who.
//
// The session itself is a cookie that no script can read; the browser sends it with
// every call. Beside it the server sets another one with the user's ID only, so that a
// page knows whether asking makes sense, and notices at once when another tab has
// signed out, or somebody else in: what was loaded for one person is never sent, or
// shown, as another. Tabs tell each other, so that nobody has to ask.
import { ApiError, SessionEnded } from './errors';
import { jsonOf, request } from './fetch';
import type { PageSession } from './types_gen';

const userCookie = 'scaidrive_user';

type Message = { kind: 'changed' };

interface Places {
  cookies: () => string;
  channel: BroadcastChannel | null;
}

function browserPlaces(): Places {
  forgetTokens();
  return {
    cookies: () => document.cookie,
    channel: typeof BroadcastChannel === 'function' ? new BroadcastChannel('scaidrive.session') : null,
  };
}

export class Session {
  /** Called when the session turns out to be over. */
  onend: () => void = () => {};
  /** Called when another tab has signed somebody in. */
  onswitch: () => void = () => {};

  #user: string | null = null;
  readonly #places: Places;

  constructor(places: Places = browserPlaces()) {
    this.#places = places;
    places.channel?.addEventListener('message', () => this.#hear());
  }

  /** Whose session the browser has; null: there is none. */
  #now(): string | null {
    for (const part of this.#places.cookies().split(';')) {
      const [name, value] = part.trim().split('=');
      if (name === userCookie && value) return value;
    }
    return null;
  }

  /** Finds a session that there is already. */
  find(): boolean {
    this.#user = this.#now();
    return this.#user !== null;
  }

  async login(email: string, password: string, stay: boolean): Promise<void> {
    await jsonOf<PageSession>(await request('POST', '/auth/session', { json: { email, password, stay } }));
    this.#user = this.#now();
    this.#tell();
  }

  /** Ends the session here, on the server, and in the other tabs. */
  async logout(): Promise<void> {
    const mine = this.#user !== null && this.#user === this.#now();
    this.#user = null;
    if (!mine) return; // it is over, or another person's
    try {
      await request('POST', '/auth/logout');
    } catch { /* it is over here in any case */ } finally {
      this.#forget();
      this.#tell();
    }
  }

  /** Throws unless the browser's session is the one that this page is in. */
  check(): void {
    const now = this.#now();
    if (this.#user !== null && now === this.#user) return;
    if (this.#user === null || now === null) throw this.end();
    this.#user = null;
    this.onswitch();
    throw new SessionEnded('somebody else has signed in');
  }

  /** Asks anew whether the session holds; one that does not is ended. An account that is suspended is refused everywhere, as a place is that one may not enter. */
  async recheck(): Promise<void> {
    this.check();
    try {
      await request('GET', '/users/me');
    } catch (e) {
      if (e instanceof ApiError && [401, 403].includes(e.status)) throw this.end();
      throw e;
    }
  }

  /** Says that the session is over; throw what it gives. */
  end(): SessionEnded {
    if (this.#user !== null && this.#user === this.#now()) this.#forget();
    this.#user = null;
    this.onend();
    return new SessionEnded('the session is over');
  }

  /** Runs a call in the session. */
  async within<T>(run: () => Promise<T>): Promise<T> {
    this.check();
    try {
      return await run();
    } catch (e) {
      if (e instanceof ApiError && e.status === 401) {
        this.check();
        throw this.end();
      }
      throw e;
    }
  }

  #hear(): void {
    const now = this.#now();
    if (now === this.#user) return;
    if (now === null) {
      this.end();
      return;
    }
    this.#user = null;
    this.onswitch();
  }

  #forget(): void {
    document.cookie = `${userCookie}=; Path=/; SameSite=Strict; Max-Age=0`;
  }

  #tell(): void {
    this.#places.channel?.postMessage({ kind: 'changed' } satisfies Message);
  }
}

/** Removes what earlier versions of the page kept where scripts can read it. */
function forgetTokens(): void {
  try {
    for (const where of [window.sessionStorage, window.localStorage]) where.removeItem('scaidrive.refresh');
  } catch { /* a browser without storage */ }
}

/** Gives a text of 128 random bits. */
export function randomText(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}
