// Texts beside each other, line by line: two, or two changes of a third.
import { linesOf, matches } from './lines';
import { type Part, words } from './words';

export interface Cell {
  /** The number of the line in its text, from 1. */
  n: number;
  parts: readonly Part[];
  kind: '' | 'add' | 'del';
}

/** A row of all texts; a text that has no line there has null. */
export interface Row {
  cells: readonly (Cell | null)[];
  /** The number of the difference that it belongs to, from 1; 0: all are the same. */
  place: number;
  /** So many common rows stand here that are not shown. */
  fold?: number;
}

export interface Compared {
  rows: readonly Row[];
  /** At how many places they differ. */
  places: number;
  /** Rows that are not given, beyond what can be shown. */
  left: number;
  /** They differ in line ends alone. */
  ends: boolean;
}

const shown = 3_000; // rows given at most
const around = 3; // common rows beside a difference, in a long text
const short = 60; // rows of a text that is shown whole
const longest = 4_000; // characters of a line that are shown

const cell = (n: number, text: string, kind: Cell['kind'], parts?: readonly Part[]): Cell =>
  ({ n, kind, parts: parts ?? [{ text: text.replace(/\r$/, '').slice(0, longest), changed: kind !== '' }] });

// A Side is how a text stands beside its base.
interface Side {
  lines: readonly string[];
  match: Int32Array;
  /** By line of the base: the line beside it, the same or in its place; -1: none. */
  beside: Int32Array;
  /** By line of the base: the lines that come before it and stand beside none. */
  before: Map<number, number[]>;
}

function sideOf(base: readonly string[], text: string): Side {
  const lines = shownLines(text);
  const match = matches(base, lines);
  const beside = new Int32Array(base.length).fill(-1);
  const before = new Map<number, number[]>();
  let [i, j] = [0, 0];
  const until = (toI: number, toJ: number) => {
    while (i < toI && j < toJ) beside[i++] = j++;
    if (j < toJ) before.set(toI, Array.from({ length: toJ - j }, (_, n) => j + n));
    [i, j] = [toI, toJ];
  };
  match.forEach((to, at) => {
    if (to < 0) return;
    until(at, to);
    beside[i++] = j++;
  });
  until(base.length, lines.length);
  return { lines, match, beside, before };
}

// The end of the last line is no line of its own.
function shownLines(text: string): string[] {
  const list = linesOf(text);
  if (list.length > 1 && list.at(-1) === '') list.pop();
  return list;
}

/** Aligns texts with a base: each row has the base's line first. */
export function align(base: string, ...texts: readonly string[]): Row[] {
  const lines = shownLines(base);
  const sides = texts.map((t) => sideOf(lines, t));
  const rows: Row[] = [];
  let [place, open] = [0, false];
  let left = shown; // whose words are compared: no more are seen
  const put = (cells: (Cell | null)[], same: boolean) => {
    if (!same && !open) place++;
    open = !same;
    rows.push({ cells, place: same ? 0 : place });
  };
  for (let k = 0; k <= lines.length; k++) {
    const extra = sides.map((s) => s.before.get(k) ?? []);
    for (let n = 0; n < Math.max(0, ...extra.map((e) => e.length)); n++) {
      put([null, ...sides.map((s, i) => { const j = extra[i]?.[n]; return j === undefined ? null : cell(j + 1, s.lines[j] ?? '', 'add'); })], false);
    }
    if (k === lines.length) break;
    const line = lines[k] ?? '';
    const same = sides.every((s) => (s.match[k] ?? -1) >= 0);
    let own: readonly Part[] | undefined;
    const cells = sides.map((s) => {
      const j = s.beside[k] ?? -1;
      if (j < 0) return null;
      const text = s.lines[j] ?? '';
      if (s.match[k] === j) return cell(j + 1, text, '');
      if (left-- <= 0) return cell(j + 1, text, 'add');
      const [a, b] = words(line, text);
      own ??= a;
      return cell(j + 1, text, 'add', b);
    });
    put([cell(k + 1, line, same ? '' : 'del', same ? undefined : own), ...cells], same);
  }
  return rows;
}

// fold leaves out what is common and far from every difference, in texts that are long.
function fold(rows: readonly Row[]): Row[] {
  if (rows.length <= short) return [...rows];
  const near = new Uint8Array(rows.length);
  rows.forEach((r, i) => { if (r.place) near.fill(1, Math.max(0, i - around), i + around + 1); });
  const out: Row[] = [];
  for (let i = 0; i < rows.length; i++) {
    if (near[i]) out.push(rows[i] as Row);
    else if (out.at(-1)?.fold) (out.at(-1) as Row).fold = (out.at(-1)?.fold ?? 0) + 1;
    else out.push({ cells: [], place: 0, fold: 1 });
  }
  return out;
}

const finished = (all: readonly Row[], ends: boolean): Compared => {
  const rows = fold(all);
  return { rows: rows.slice(0, shown), places: all.reduce((n, r) => Math.max(n, r.place), 0), left: Math.max(0, rows.length - shown), ends };
};

const alike = (texts: readonly string[]) => texts.every((t) => t === texts[0]);

/** Compares the first text with each of the others. */
export function compare(texts: readonly string[]): Compared {
  const [base = '', ...others] = texts;
  const rows = align(base, ...others);
  return finished(rows, !alike(texts) && rows.every((r) => !r.place));
}

/** Two texts in one column: what goes, then what comes. */
export function inline(texts: readonly string[]): Compared {
  const [base = '', other = ''] = texts;
  const out: Row[] = [];
  let going: Row[] = [];
  let coming: Row[] = [];
  const flush = () => {
    out.push(...going, ...coming);
    [going, coming] = [[], []];
  };
  for (const r of align(base, other)) {
    const [a, b] = r.cells;
    if (!r.place) {
      flush();
      out.push({ cells: [b ?? null], place: 0 });
      continue;
    }
    if (a) going.push({ cells: [a], place: r.place });
    if (b) coming.push({ cells: [b], place: r.place });
  }
  flush();
  return finished(out, base !== other && out.every((r) => !r.place));
}
