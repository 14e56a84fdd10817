// Which lines of two texts are the same: Myers' shortest edit, within bounds.

const steps = 2_000; // differences after which anchors are enough: the work grows with their square

/** Parts a text into lines; the last has no end. A carriage return stays with its line. */
export const linesOf = (text: string): string[] => text.split('\n');

const plain = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line);

/** For each line of a, the line of b that is the same line; -1: there is none. Never crosses. */
export function matches(a: readonly string[], b: readonly string[]): Int32Array {
  const out = new Int32Array(a.length).fill(-1);
  const numbers = new Map<string, number>();
  const number = (line: string) => {
    const key = plain(line);
    let n = numbers.get(key);
    if (n === undefined) numbers.set(key, n = numbers.size);
    return n;
  };
  const x = Int32Array.from(a, number);
  const y = Int32Array.from(b, number);
  let start = 0;
  while (start < x.length && start < y.length && x[start] === y[start]) out[start] = start++;
  let end = 0;
  while (end < x.length - start && end < y.length - start && x[x.length - 1 - end] === y[y.length - 1 - end]) {
    end++;
    out[x.length - end] = y.length - end;
  }
  // A line that the other side lacks can't be common: without those the way is shorter.
  const [xs, ys] = [counts(x, start, x.length - end), counts(y, start, y.length - end)];
  const p = places(x, start, x.length - end, ys);
  const q = places(y, start, y.length - end, xs);
  const short = p.map((i) => x[i] as number);
  const other = q.map((j) => y[j] as number);
  for (const [i, j] of common(short, other) ?? anchors(short, other)) out[p[i] as number] = q[j] as number;
  return out;
}

function counts(list: Int32Array, from: number, to: number): Map<number, number> {
  const m = new Map<number, number>();
  for (let i = from; i < to; i++) m.set(list[i] as number, (m.get(list[i] as number) ?? 0) + 1);
  return m;
}

function places(list: Int32Array, from: number, to: number, among: ReadonlyMap<number, number>): number[] {
  const out: number[] = [];
  for (let i = from; i < to; i++) if (among.has(list[i] as number)) out.push(i);
  return out;
}

// common gives the pairs of a longest common subsequence; null: they are too different to find it.
function common(a: readonly number[], b: readonly number[]): [number, number][] | null {
  const most = Math.min(a.length + b.length, steps);
  const far = new Int32Array(2 * most + 3);
  const mid = most + 1;
  const trace: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    trace.push(far.slice(mid - d - 1, mid + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (far[mid + k - 1] as number) < (far[mid + k + 1] as number));
      let x = down ? far[mid + k + 1] as number : (far[mid + k - 1] as number) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      far[mid + k] = x;
      if (x >= a.length && x - k >= b.length) return back(trace, a.length, b.length);
    }
  }
  return null;
}

function back(trace: readonly Int32Array[], toX: number, toY: number): [number, number][] {
  const out: [number, number][] = [];
  let [x, y] = [toX, toY];
  for (let d = trace.length - 1; d >= 0; d--) {
    const at = (k: number) => trace[d]?.[k + d + 1] ?? 0;
    const k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const from = down ? k + 1 : k - 1;
    const [fromX, fromY] = d === 0 ? [0, 0] : [at(from), at(from) - from];
    const after = d === 0 ? 0 : down ? fromX : fromX + 1;
    while (x > after) out.push([--x, --y]);
    [x, y] = [fromX, fromY];
  }
  return out.reverse();
}

// anchors pairs what stands once on both sides, in order: the longest such row.
function anchors(a: readonly number[], b: readonly number[]): [number, number][] {
  const once = (list: readonly number[]) => {
    const m = new Map<number, number>();
    list.forEach((v, i) => m.set(v, m.has(v) ? -1 : i));
    return m;
  };
  const there = once(b);
  const pairs: [number, number][] = [];
  for (const [v, i] of once(a)) {
    const j = there.get(v) ?? -1;
    if (i >= 0 && j >= 0) pairs.push([i, j]);
  }
  pairs.sort((m, n) => m[0] - n[0]);
  const tails: number[] = []; // by length - 1: the pair that ends a row of that length with the least j
  const before = new Int32Array(pairs.length).fill(-1);
  pairs.forEach(([, j], i) => {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const m = (low + high) >> 1;
      if ((pairs[tails[m] as number]?.[1] ?? 0) < j) low = m + 1;
      else high = m;
    }
    if (low > 0) before[i] = tails[low - 1] as number;
    tails[low] = i;
  });
  const out: [number, number][] = [];
  for (let i = tails.at(-1) ?? -1; i >= 0; i = before[i] as number) out.push(pairs[i] as [number, number]);
  return out.reverse();
}
