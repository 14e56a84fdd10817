// Which rows are selected, by key: it survives sorting, filtering and live changes.
// "all" means the whole folder, also the rows that are not loaded, but for keys.

export interface Selection {
  readonly all: boolean;
  readonly keys: ReadonlySet<string>;
}

export const none: Selection = { all: false, keys: new Set() };
export const everything: Selection = { all: true, keys: new Set() };

export const isSelected = (s: Selection, key: string): boolean => s.all !== s.keys.has(key);

export const count = (s: Selection, total: number): number => (s.all ? Math.max(0, total - s.keys.size) : s.keys.size);

export const only = (...keys: string[]): Selection => ({ all: false, keys: new Set(keys) });

export function toggle(s: Selection, key: string): Selection {
  const keys = new Set(s.keys);
  if (!keys.delete(key)) keys.add(key);
  return { all: s.all, keys };
}

/** Keeps what is among keys: "all" of something else is none of it. */
export function among(s: Selection, keys: ReadonlySet<string>): Selection {
  if (s.all) return none;
  const gone = [...s.keys].filter((k) => !keys.has(k));
  return without(s, gone);
}

/** Takes out what vanished. */
export function without(s: Selection, gone: readonly string[]): Selection {
  if (!gone.some((k) => s.keys.has(k))) return s;
  const keys = new Set(s.keys);
  for (const k of gone) keys.delete(k);
  return { all: s.all, keys };
}
