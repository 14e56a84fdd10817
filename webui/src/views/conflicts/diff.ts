// Comparing two texts line by line.

export interface Line {
  /** The number of the line in its text, from 1. */
  n: number;
  text: string;
}

/** A row of both sides; what is on one side alone has null on the other. */
export interface Pair {
  left: Line | null;
  right: Line | null;
  same: boolean;
}

const steps = 2_000; // differences after which the rest counts as different: the work grows with their square

/** Aligns two texts; Myers' shortest edit after cutting off what both begin and end with. */
export function compare(left: string, right: string): Pair[] {
  const a = left.split(/\r?\n/);
  const b = right.split(/\r?\n/);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const out: Pair[] = [];
  const both = (i: number, j: number) => out.push({ left: { n: i + 1, text: a[i] ?? '' }, right: { n: j + 1, text: b[j] ?? '' }, same: true });
  for (let i = 0; i < start; i++) both(i, i);
  let i = start;
  let j = start;
  // What stands between two common lines goes side by side.
  const differ = (toI: number, toJ: number) => {
    for (; i < toI || j < toJ; i++, j++) {
      out.push({ left: i < toI ? { n: i + 1, text: a[i] ?? '' } : null, right: j < toJ ? { n: j + 1, text: b[j] ?? '' } : null, same: false });
    }
    i = toI;
    j = toJ;
  };
  for (const [x, y] of common(a.slice(start, a.length - end), b.slice(start, b.length - end))) {
    differ(start + x, start + y);
    both(i++, j++);
  }
  differ(a.length - end, b.length - end);
  for (; i < a.length; i++, j++) both(i, j);
  return out;
}

/** Counts the places at which the sides differ. */
export const places = (pairs: readonly Pair[]) => pairs.filter((p, i) => !p.same && (i === 0 || pairs[i - 1]?.same)).length;

// common gives the pairs of lines of a longest common subsequence, in order.
function common(a: readonly string[], b: readonly string[]): [number, number][] {
  const most = Math.min(a.length + b.length, steps);
  const trace: Map<number, number>[] = [];
  let far = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= most; d++) {
    trace.push(new Map(far));
    for (let k = -d; k <= d; k += 2) {
      let x = k === -d || (k !== d && (far.get(k - 1) ?? -1) < (far.get(k + 1) ?? -1)) ? (far.get(k + 1) ?? 0) : (far.get(k - 1) ?? 0) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      far.set(k, x);
      if (x >= a.length && y >= b.length) return back(trace, a.length, b.length);
    }
  }
  far = new Map();
  return []; // too different to be worth it
}

function back(trace: readonly Map<number, number>[], toX: number, toY: number): [number, number][] {
  const out: [number, number][] = [];
  let x = toX;
  let y = toY;
  for (let d = trace.length - 1; d >= 0; d--) {
    const far = trace[d] as Map<number, number>;
    const k = x - y;
    const down = k === -d || (k !== d && (far.get(k - 1) ?? -1) < (far.get(k + 1) ?? -1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : (far.get(fromK) ?? 0);
    const fromY = d === 0 ? 0 : fromX - fromK;
    const afterX = d === 0 ? 0 : down ? fromX : fromX + 1;
    while (x > afterX && y > (d === 0 ? 0 : down ? fromY + 1 : fromY)) out.push([--x, --y]);
    x = fromX;
    y = fromY;
  }
  return out.reverse();
}
