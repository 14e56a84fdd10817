// What can come of a call beside a success.
import type { FieldError } from './types_gen';

/** An answer that is not a success. */
export class ApiError extends Error {
  readonly status: number;
  /** What the server says, in a sentence; of a 422 all its fields' sentences. */
  readonly detail: string;
  readonly fields: readonly FieldError[];
  readonly requestId: string;
  /** Seconds until it is worth asking again; 0: not told. */
  readonly retryAfter: number;

  constructor(status: number, body: unknown, header: (name: string) => string | null = () => null) {
    const said = (body as { detail?: unknown } | null)?.detail;
    const fields = Array.isArray(said) ? (said as FieldError[]) : [];
    const detail = fields.length ? fields.map(sentence).join('. ') : typeof said === 'string' ? said : '';
    super(detail || `status ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.detail = detail;
    this.fields = fields;
    this.requestId = header('X-Request-Id') ?? '';
    this.retryAfter = Number(header('Retry-After')) || 0;
  }

  /** What is wrong with a field of the body, '' if nothing is. */
  field(...path: (string | number)[]): string {
    const hit = this.fields.find((f) => f.loc.length === path.length + 1 && path.every((p, i) => f.loc[i + 1] === p));
    return hit ? sentence(hit) : '';
  }
}

function sentence(f: FieldError): string {
  return String(f.msg).replace(/^Value error, /, '');
}

/** No answer came, so nobody knows whether the call had effect. */
export class NetworkError extends Error {
  override name = 'NetworkError';
}

/** The person has to sign in again. */
export class SessionEnded extends Error {
  override name = 'SessionEnded';
}

/** Reports whether a call ended because we wanted it. */
export function isAbort(e: unknown): boolean {
  return (e as Error | null)?.name === 'AbortError';
}

/** Reports whether an error is an answer with one of these statuses. */
export function hasStatus(e: unknown, ...statuses: number[]): e is ApiError {
  return e instanceof ApiError && statuses.includes(e.status);
}
