// Why something failed, in the words of the catalogue.
import { ApiError, SessionEnded } from '../api/errors';
import type { Texts } from '../i18n/areas';

/** Says in a clause why a call failed: "…: you may not do this here." */
export function explain(e: unknown, t: Texts['common']): string {
  if (e instanceof SessionEnded) return t.sessionEnded;
  if (!(e instanceof ApiError)) return t.because.noConnection;
  switch (e.status) {
    case 403: return t.because.forbidden;
    case 404: case 410: return t.because.gone;
    case 412: return t.because.changed;
    case 429: return t.because.wait(e.retryAfter || 10);
    case 503: return t.because.readOnly;
    case 507: return e.detail || t.because.noRoom;
  }
  return e.detail && e.status < 500 ? e.detail : t.because.unknown;
}

/** Makes a sentence of a clause. */
export const sentence = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1);
