// Calls of the HTTP API in a session.
import { NetworkError } from './errors';
import { type Method, type Request, type Sending, jsonOf, request, sendWithProgress } from './fetch';
import { type Session, randomText } from './session';

const tries = 3; // of a write that has a key, when no answer comes

export interface CallOptions extends Request {
  /** The version that the resource must have; as it stands in a listing. */
  ifMatch?: string | undefined;
  /** An Idempotency-Key (newKey): the call is tried again by itself when no answer comes. */
  key?: string | undefined;
}

/** What a call gives beside its body. */
export interface Answer<T> {
  body: T;
  etag: string;
}

export class Api {
  readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  /** Gives the JSON of an answer. */
  async call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
    return (await this.answer<T>(method, path, options)).body;
  }

  /** Gives the JSON of an answer and its ETag. */
  async answer<T>(method: Method, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    const { ifMatch, key, ...rest } = options;
    const headers = { ...rest.headers };
    if (ifMatch) headers['If-Match'] = ifMatch.startsWith('"') || ifMatch === '*' ? ifMatch : `"${ifMatch}"`;
    if (key) headers['Idempotency-Key'] = key;
    for (let n = 1; ; n++) {
      try {
        const r = await this.session.within(() => request(method, path, { ...rest, headers }));
        return { body: await jsonOf<T>(r), etag: r.headers.get('ETag') ?? '' };
      } catch (e) {
        if (!key || n >= tries || !(e instanceof NetworkError) || options.signal?.aborted) throw e;
        await new Promise((ok) => setTimeout(ok, 300 * n * n));
      }
    }
  }

  /** Gives the answer itself; its body has no time limit. */
  stream(path: string, options: CallOptions = {}): Promise<Response> {
    return this.session.within(() => request('GET', path, { ...options, timeout: 0 }));
  }

  /** Gives the answer itself to a call of any kind. */
  fetch(method: Method, path: string, options: CallOptions = {}): Promise<Response> {
    return this.session.within(() => request(method, path, options));
  }

  /** Sends a body and tells how much of it is out; the answer's JSON comes back. */
  send<T>(method: Method, path: string, body: XMLHttpRequestBodyInit, options: Sending = {}): Promise<T> {
    return this.session.within(() => sendWithProgress<T>(method, path, body, options));
  }

  /** Calls what needs no session. */
  async open<T>(path: string, signal?: AbortSignal): Promise<T> {
    return jsonOf<T>(await request('GET', path, { signal }));
  }
}

/** Gives a key for one write and all its tries. */
export const newKey = randomText;

/** Reads a list that comes by offset to its end, at most 10,000 items. */
export async function wholeList<T>(page: (offset: number) => Promise<{ items: T[]; total: number }>): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const { items, total } = await page(all.length);
    all.push(...items);
    if (!items.length || all.length >= total || all.length >= 9_900) return all;
  }
}
