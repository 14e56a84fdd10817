// The rows of a listing that comes in pages.
import type { Item } from '../api/types_gen';

/** Rows of pages by their index, without a list as long as the folder. */
export class Rows {
  readonly length: number;
  readonly #pages: readonly (readonly Item[])[];
  readonly #starts: readonly number[];

  constructor(pages: readonly (readonly Item[])[]) {
    let n = 0;
    this.#pages = pages;
    this.#starts = pages.map((p) => { const at = n; n += p.length; return at; });
    this.length = n;
  }

  at(i: number): Item | undefined {
    if (i < 0 || i >= this.length) return undefined;
    let low = 0, high = this.#starts.length - 1;
    while (low < high) {
      const mid = (low + high + 1) >> 1;
      if ((this.#starts[mid] ?? 0) <= i) low = mid;
      else high = mid - 1;
    }
    return this.#pages[low]?.[i - (this.#starts[low] ?? 0)];
  }

  indexOf(id: string): number {
    for (const [p, page] of this.#pages.entries()) {
      const i = page.findIndex((it) => it.id === id);
      if (i >= 0) return (this.#starts[p] ?? 0) + i;
    }
    return -1;
  }

  * [Symbol.iterator](): Generator<Item> {
    for (const page of this.#pages) yield* page;
  }
}
