import { useState } from 'react';

/**
 * A form over what is stored: what was typed stays while the rest is read anew.
 * sent tells that the whole is stored, or some fields; what was typed since then stays.
 */
export function useDraft<T extends object>(stored: T) {
  const [typed, setTyped] = useState<Partial<T>>({});
  return {
    value: { ...stored, ...typed },
    set: (one: Partial<T>) => setTyped((now) => without({ ...now, ...one }, stored)),
    sent: (fields?: readonly string[]) => setTyped((now) => without(now, fields ? Object.fromEntries(fields.map((k) => [k, now[k as keyof T]])) as Partial<T> : typed)),
  };
}

// without leaves out what is the same in both.
function without<T extends object>(now: T, other: Partial<T>): T {
  return Object.fromEntries(Object.entries(now).filter(([k, v]) => !(k in other) || v !== other[k as keyof T])) as T;
}
