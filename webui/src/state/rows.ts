// The rows of a folder, of which some are here: by their place in the listing, and
// by ID. It is never changed; what changes gives another one.
import type { Item } from '../api/types_gen';

export interface Tail {
  /** How many rows there are, as far as that is known. */
  total: number;
  exact: boolean;
  /** Whether rows can be asked for by their place. */
  seekable: boolean;
  /** Goes on behind the last row, where they come one after the other; '': they are all here. */
  token: string;
}

// A list with holes would be slow.
const empty = (tail: Tail, at: number): (string | undefined)[] => new Array<string | undefined>(tail.seekable ? tail.total : at).fill(undefined);

export class Rows implements Tail {
  readonly total: number;
  readonly exact: boolean;
  readonly seekable: boolean;
  readonly token: string;
  readonly #ids: readonly (string | undefined)[];
  readonly #items: Map<string, Item>; // also of rows that had a place once; shared with what this came from

  constructor(ids: readonly (string | undefined)[], items: Map<string, Item>, tail: Tail) {
    this.#ids = ids;
    this.#items = items;
    this.total = Math.max(tail.total, ids.length);
    this.exact = tail.exact;
    this.seekable = tail.seekable;
    this.token = tail.token;
  }

  static readonly none = new Rows([], new Map(), { total: 0, exact: true, seekable: false, token: '' });

  /** The places that are known, with or without a row. */
  get length(): number { return this.#ids.length; }

  at(i: number): Item | undefined {
    const id = this.#ids[i];
    return id === undefined ? undefined : this.#items.get(id);
  }

  indexOf(id: string): number { return id ? this.#ids.indexOf(id) : -1; }

  /** What is known of an item, also when its row isn't here any more. */
  get(id: string): Item | undefined { return this.#items.get(id); }

  /** Whether all rows are here. */
  get complete(): boolean { return this.token === '' && this.hole(0, this.total - 1) < 0; }

  /** The first place between two, both included, whose row isn't here; -1: none. */
  hole(first: number, last: number): number {
    for (let i = Math.max(0, first); i <= Math.min(last, this.total - 1); i++) if (this.#ids[i] === undefined) return i;
    return -1;
  }

  * [Symbol.iterator](): Generator<Item> {
    for (const id of this.#ids) {
      const it = id === undefined ? undefined : this.#items.get(id);
      if (it) yield it;
    }
  }

  /** Puts a page to its place. If the folder has changed since, other places are not known any more. */
  merged(at: number, page: readonly Item[], tail: Tail): Rows {
    const same = tail.total === this.total && tail.seekable === this.seekable;
    const ids = same ? this.#ids.slice() : empty(tail, at);
    if (same && page.some((it, i) => ids[at + i] !== it.id && ids[at + i] !== undefined)) ids.fill(undefined); // something was moved
    const here = new Set(page.map((it) => it.id));
    if (same && tail.seekable) for (let i = 0; i < ids.length; i++) if (here.has(ids[i] ?? '')) ids[i] = undefined;
    for (const [i, it] of page.entries()) {
      ids[at + i] = it.id;
      this.#items.set(it.id, it);
    }
    return new Rows(ids, this.#items, tail);
  }

  /** Puts a page behind all others. */
  appended(page: readonly Item[], tail: Tail): Rows {
    const here = new Set(this.#ids);
    const fresh = page.filter((it) => !here.has(it.id));
    for (const it of page) this.#items.set(it.id, it);
    return new Rows([...this.#ids, ...fresh.map((it) => it.id)], this.#items, tail);
  }

  /** Begins anew with pages of now. */
  fresh(at: number, page: readonly Item[], tail: Tail): Rows {
    const ids = empty(tail, at);
    for (const [i, it] of page.entries()) {
      ids[at + i] = it.id;
      this.#items.set(it.id, it);
    }
    return new Rows(ids, this.#items, tail);
  }

  patched(id: string, change: Partial<Item>): Rows {
    const it = this.#items.get(id);
    if (!it) return this;
    this.#items.set(id, { ...it, ...change });
    return new Rows(this.#ids, this.#items, this);
  }

  /** Takes an item out, its row and all that is known of it. */
  without(id: string): Rows {
    const i = this.#ids.indexOf(id);
    const known = this.#items.delete(id);
    if (i < 0) return known ? new Rows(this.#ids, this.#items, this) : this;
    return new Rows(this.#ids.toSpliced(i, 1), this.#items, { ...this.tail, total: this.total - 1 });
  }

  /** Puts an item to a place; whatever stands there and behind it moves on. */
  inserted(at: number, it: Item): Rows {
    const ids = this.#ids.slice();
    const had = ids.indexOf(it.id);
    if (had >= 0) ids.splice(had, 1);
    while (ids.length < at) ids.push(undefined);
    ids.splice(at, 0, it.id);
    this.#items.set(it.id, it);
    return new Rows(ids, this.#items, { ...this.tail, total: this.total + (had >= 0 ? 0 : 1) });
  }

  private get tail(): Tail { return { total: this.total, exact: this.exact, seekable: this.seekable, token: this.token }; }
}
