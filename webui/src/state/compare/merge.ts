// Two changes of one text, put together. What one side alone changed is clear; what
// both did, or what nobody can tell, stays open between marks until a person decides.
import { linesOf, matches } from './lines';

export interface Merged {
  text: string;
  /** Places that one side changed, or both alike. */
  clear: number;
  /** Places that ask. */
  open: number;
}

const plain = (list: readonly string[]) => list.map((l) => l.replace(/\r$/, ''));
const equal = (a: readonly string[], b: readonly string[]) => a.length === b.length && plain(a).every((l, i) => l === plain(b)[i]);

const begins = (n: number) => `<<<<<<< ${n}`;
const parts = (n: number) => `======= ${n}`;
const ends = (n: number) => `>>>>>>> ${n}`;

/** Puts together; base null: nobody knows what both began with, so every difference asks. */
export function merge(base: string | null, theirs: string, mine: string): Merged {
  const t = linesOf(theirs);
  const m = linesOf(mine);
  const b = base === null ? t : linesOf(base);
  const toT = base === null ? Int32Array.from(t, (_, i) => i) : matches(b, t);
  const toM = matches(b, m);
  const out: string[] = [];
  let [clear, open] = [0, 0];
  let [i, j, k] = [0, 0, 0]; // in b, t, m
  const chunk = (toI: number, toJ: number, toK: number) => {
    const [was, one, two] = [b.slice(i, toI), t.slice(j, toJ), m.slice(k, toK)];
    [i, j, k] = [toI, toJ, toK];
    if (!was.length && !one.length && !two.length) return;
    const [oneSame, twoSame] = [base !== null && equal(was, one), base !== null && equal(was, two)];
    if (equal(one, two)) {
      out.push(...one);
      if (!oneSame && base !== null) clear++;
    } else if (oneSame) {
      out.push(...two);
      clear++;
    } else if (twoSame) {
      out.push(...one);
      clear++;
    } else {
      open++;
      out.push(begins(open), ...two, parts(open), ...one, ends(open));
    }
  };
  for (let n = 0; n < b.length; n++) {
    const [atT, atM] = [toT[n] ?? -1, toM[n] ?? -1];
    if (atT < 0 || atM < 0) continue;
    chunk(n, atT, atM);
    out.push(t[atT] ?? '');
    [i, j, k] = [n + 1, atT + 1, atM + 1];
  }
  chunk(b.length, t.length, m.length);
  return { text: out.join('\n'), clear, open };
}

/** A place that asks. */
export interface Open {
  n: number;
  mine: string;
  theirs: string;
}

interface Spot { n: number; from: number; mid: number; to: number }

function spots(lines: readonly string[]): Spot[] {
  const out: Spot[] = [];
  let at: Spot | null = null;
  lines.forEach((raw, i) => {
    const line = raw.replace(/\r$/, '');
    const n = Number(/^<{7} (\d+)$/.exec(line)?.[1] ?? 0);
    if (n) at = { n, from: i, mid: -1, to: -1 };
    else if (at && line === parts(at.n)) at.mid = i;
    else if (at && at.mid >= 0 && line === ends(at.n)) {
      out.push({ ...at, to: i });
      at = null;
    }
  });
  return out;
}

/** Gives the places of a text that still ask. */
export function asking(text: string): Open[] {
  const lines = linesOf(text);
  return spots(lines).map((s) => ({ n: s.n, mine: lines.slice(s.from + 1, s.mid).join('\n'), theirs: lines.slice(s.mid + 1, s.to).join('\n') }));
}

/** Decides one place of a text. */
export function decide(text: string, n: number, how: 'mine' | 'theirs' | 'both'): string {
  const lines = linesOf(text);
  const s = spots(lines).find((x) => x.n === n);
  if (!s) return text;
  const [mine, theirs] = [lines.slice(s.from + 1, s.mid), lines.slice(s.mid + 1, s.to)];
  lines.splice(s.from, s.to - s.from + 1, ...(how === 'mine' ? mine : how === 'theirs' ? theirs : [...mine, ...theirs]));
  return lines.join('\n');
}
