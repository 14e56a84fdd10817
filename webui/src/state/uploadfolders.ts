// The folders that uploads go into, made as they are needed.
import type { Api } from '../api/api';
import { hasStatus } from '../api/errors';
import { child, createFolder } from '../api/nodes';
import { Refused, type Target } from './uploaditem';

export class Folders {
  readonly #known = new Map<string, Promise<string | null>>();
  readonly #api: Api;
  readonly #made: (target: Target) => void;

  /** made hears of a new folder right in a place. */
  constructor(api: Api, made: (target: Target) => void) {
    this.#api = api;
    this.#made = made;
  }

  /**
   * Gives the ID of the folder that a path below a place names, and makes what is
   * missing; one that is there already is used.
   */
  at(target: Target, dirs: readonly string[]): Promise<string | null> {
    const name = dirs.at(-1);
    if (name === undefined) return Promise.resolve(target.folder);
    const key = JSON.stringify([target.share, target.folder, ...dirs]);
    let made = this.#known.get(key);
    if (!made) {
      made = this.at(target, dirs.slice(0, -1)).then((parent) => this.#make(target, parent, name));
      this.#known.set(key, made);
      made.catch(() => this.#known.delete(key));
    }
    return made;
  }

  async #make(target: Target, parent: string | null, name: string): Promise<string> {
    try {
      const r = await createFolder(this.#api, target.share, parent, name);
      if (parent === target.folder) this.#made(target);
      return r.id;
    } catch (e) {
      if (!hasStatus(e, 409)) throw e;
    }
    const there = await child(this.#api, target.share, parent, name);
    if (there?.type === 'folder') return there.id;
    throw new Refused('folder-is-file', name);
  }

  /** Forgets what is known of folders: it holds only for one round. */
  forget(): void { this.#known.clear(); }
}
