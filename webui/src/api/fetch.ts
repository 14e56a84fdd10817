// One request and its answer. The browser adds the cookie of the session; the header
// beside it says that no other page made the call.
import { ApiError, NetworkError } from './errors';

export const prefix = '/api/v1';
const callTimeout = 60_000; // milliseconds, for all but transfers
const silence = 120_000; // milliseconds without a byte after which a transfer is given up

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Request {
  query?: Query;
  /** Sent as JSON. */
  json?: unknown;
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Milliseconds; 0: no limit. */
  timeout?: number;
  /** low: behind what the person waits for. */
  priority?: RequestPriority;
}

const ours = { 'X-Requested-With': 'scaidrive' };

export function address(path: string, query?: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return prefix + path + (text ? `?${text}` : '');
}

/** Sends a request; an answer that is not a success is thrown as an ApiError. */
export async function request(method: Method, path: string, r: Request = {}): Promise<Response> {
  const headers = new Headers({ ...r.headers, ...(method === 'GET' ? {} : ours) });
  let body = r.body;
  if (r.json !== undefined) {
    headers.set('Content-Type', 'application/json');
    body = JSON.stringify(r.json);
  }
  const timeout = r.timeout ?? callTimeout;
  const signals = [r.signal, timeout ? AbortSignal.timeout(timeout) : null].filter((s): s is AbortSignal => Boolean(s));
  let answer: Response;
  try {
    answer = await fetch(address(path, r.query), {
      method, headers, credentials: 'same-origin', cache: 'no-store', redirect: 'error', referrerPolicy: 'no-referrer',
      ...(body === undefined ? {} : { body }),
      ...(r.priority ? { priority: r.priority } : {}),
      ...(signals.length ? { signal: AbortSignal.any(signals) } : {}),
    });
  } catch (e) {
    if (r.signal?.aborted) throw e;
    throw new NetworkError((e as Error).message);
  }
  if (answer.ok) return answer;
  let problem: unknown = null;
  try {
    problem = await answer.json();
  } catch { /* the status says enough */ }
  throw new ApiError(answer.status, problem, (name) => answer.headers.get(name));
}

/** Gives the JSON of an answer, null for one without a body. */
export async function jsonOf<T>(answer: Response): Promise<T> {
  if (answer.status === 204) return null as T;
  try {
    return (await answer.json()) as T;
  } catch {
    throw new NetworkError('the answer broke off');
  }
}

export interface Sending {
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  onprogress?: (sent: number, total: number) => void;
}

/** Sends a body by XMLHttpRequest: fetch can't tell how much of a body is out. */
export function sendWithProgress<T>(method: Method, path: string, body: XMLHttpRequestBodyInit, o: Sending): Promise<T> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const stop = () => xhr.abort();
    xhr.open(method, prefix + path);
    for (const [name, value] of Object.entries({ ...o.headers, ...ours })) xhr.setRequestHeader(name, value);
    // A connection whose network is gone may stay silent for ever.
    let silent: ReturnType<typeof setTimeout> | undefined;
    const alive = () => {
      clearTimeout(silent);
      silent = setTimeout(() => {
        reject(new NetworkError('the connection is silent'));
        xhr.abort();
      }, silence);
    };
    xhr.upload.onprogress = (e) => {
      alive();
      o.onprogress?.(e.loaded, e.total);
    };
    xhr.onload = () => {
      let answer: unknown = null;
      try {
        answer = JSON.parse(xhr.responseText);
      } catch { /* no body, or none that matters */ }
      if (xhr.status >= 200 && xhr.status < 300) resolve(answer as T);
      else reject(new ApiError(xhr.status, answer, (name) => xhr.getResponseHeader(name)));
    };
    xhr.onerror = () => reject(new NetworkError('the connection broke'));
    xhr.onabort = () => reject(new DOMException('stopped', 'AbortError'));
    xhr.onloadend = () => {
      clearTimeout(silent);
      o.signal?.removeEventListener('abort', stop);
    };
    if (o.signal?.aborted) {
      reject(new DOMException('stopped', 'AbortError'));
      return;
    }
    o.signal?.addEventListener('abort', stop);
    alive();
    xhr.send(body);
  });
}
