// Figures, dates and counts as people of a language read them; all by Intl.
import { visible } from './names';

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** The forms of a counted thing; "#" is the number. */
export interface Forms {
  one?: string;
  two?: string;
  few?: string;
  many?: string;
  other: string;
}

export class Format {
  readonly locale: string;
  readonly #plural: Intl.PluralRules;
  readonly #number: Intl.NumberFormat;
  readonly #digits: readonly Intl.NumberFormat[]; // with so many after the point; making one takes long
  readonly #clock: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #dayYear: Intl.DateTimeFormat;
  readonly #exact: Intl.DateTimeFormat;
  readonly #near: Intl.RelativeTimeFormat;

  constructor(locale: string) {
    this.locale = locale;
    const dates = locale === 'en' ? 'en-GB' : locale;
    this.#plural = new Intl.PluralRules(locale);
    this.#number = new Intl.NumberFormat(locale);
    this.#digits = [0, 1, 2].map((n) => new Intl.NumberFormat(locale, { maximumFractionDigits: n }));
    this.#clock = new Intl.DateTimeFormat(dates, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    this.#day = new Intl.DateTimeFormat(dates, { day: 'numeric', month: 'short' });
    this.#dayYear = new Intl.DateTimeFormat(dates, { day: 'numeric', month: 'short', year: 'numeric' });
    this.#exact = new Intl.DateTimeFormat(dates, { dateStyle: 'long', timeStyle: 'medium' });
    this.#near = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  }

  number(n: number): string { return this.#number.format(n); }

  percent(part: number): string {
    return new Intl.NumberFormat(this.locale, { style: 'percent', maximumFractionDigits: 0 }).format(part);
  }

  /** Gives the form that fits n, with the number in the place of "#". */
  count(n: number, forms: Forms): string {
    return (forms[this.#plural.select(n) as keyof Forms] ?? forms.other).replaceAll('#', this.number(n));
  }

  /** Gives bytes in decimal units with three figures. */
  size(bytes: number): string {
    let n = bytes;
    let unit = 0;
    while (n >= 999.5 && unit < units.length - 1) {
      n /= 1000;
      unit++;
    }
    const digits = unit === 0 || n >= 99.95 ? 0 : n >= 9.995 ? 1 : 2;
    return `${this.#digits[digits]?.format(n)}\u00a0${units[unit]}`;
  }

  time(d: Date): string { return this.#clock.format(d); }

  /** Gives a moment: the nearer, the finer. */
  when(d: Date, now = new Date()): string {
    const days = Math.round((midnight(d) - midnight(now)) / 86_400_000);
    if (days === 0) return `${this.#begin(this.#near.format(0, 'day'))} ${this.#clock.format(d)}`;
    if (days === -1) return this.#begin(this.#near.format(-1, 'day'));
    return (d.getFullYear() === now.getFullYear() ? this.#day : this.#dayYear).format(d);
  }

  /** Gives a day of this year. */
  day(d: Date): string { return this.#day.format(d); }

  /** Gives a moment to the second. */
  exactly(d: Date): string { return this.#exact.format(d); }

  /** Gives seconds roughly. */
  duration(seconds: number): string {
    const [n, unit] = seconds < 60 ? [Math.max(1, Math.round(seconds)), 'second'] as const
      : seconds < 5400 ? [Math.round(seconds / 60), 'minute'] as const : [Math.round(seconds / 3600), 'hour'] as const;
    return new Intl.NumberFormat(this.locale, { style: 'unit', unit, unitDisplay: 'short' }).format(n);
  }

  /** Gives "a, b and c". */
  list(items: readonly string[]): string {
    return new Intl.ListFormat(this.locale, { type: 'conjunction' }).format(items);
  }

  /** Gives a name as it stands in a sentence: in quotation marks, and apart from its direction. */
  q(name: string): string {
    const [open, close] = quotes[this.locale.split('-')[0] ?? ''] ?? ['“', '”'];
    return `${open}\u2068${visible(name)}\u2069${close}`;
  }

  #begin(text: string): string { return text.charAt(0).toLocaleUpperCase(this.locale) + text.slice(1); }
}

const quotes: Record<string, [string, string]> = { de: ['„', '“'] };

function midnight(d: Date): number {
  return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
}
