// What differs inside of two lines.

export interface Part {
  text: string;
  changed: boolean;
}

const most = 400; // words of a line that are compared
const token = /[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu;

/** Marks in each of two lines what the other lacks; lines with little in common are marked whole. */
export function words(left: string, right: string): [Part[], Part[]] {
  const cut = (t: string) => t.replace(/\r$/, '').slice(0, 4_000);
  const [a, b] = [cut(left), cut(right)];
  const whole = (): [Part[], Part[]] => [[{ text: a, changed: true }], [{ text: b, changed: true }]];
  const x = a.match(token) ?? [];
  const y = b.match(token) ?? [];
  if (x.length > most || y.length > most || !x.length || !y.length) return whole();
  // Lengths of longest common rows, from the end.
  const wide = y.length + 1;
  const best = new Uint16Array((x.length + 1) * wide);
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = y.length - 1; j >= 0; j--) {
      best[i * wide + j] = x[i] === y[j] ? (best[(i + 1) * wide + j + 1] as number) + 1 : Math.max(best[(i + 1) * wide + j] as number, best[i * wide + j + 1] as number);
    }
  }
  const [p, q]: [Part[], Part[]] = [[], []];
  const put = (list: Part[], text: string, changed: boolean) => {
    const last = list.at(-1);
    if (last?.changed === changed) last.text += text;
    else list.push({ text, changed });
  };
  let [i, j, same] = [0, 0, 0];
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) {
      same += /\S/.test(x[i] as string) ? (x[i] as string).length : 0;
      put(p, x[i++] as string, false);
      put(q, y[j++] as string, false);
    } else if (j >= y.length || (i < x.length && (best[(i + 1) * wide + j] as number) >= (best[i * wide + j + 1] as number))) put(p, x[i++] as string, true);
    else put(q, y[j++] as string, true);
  }
  return same * 3 < Math.max(a.length, b.length) ? whole() : [p, q];
}
