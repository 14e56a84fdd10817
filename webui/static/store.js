// What the page asks the API for, in the words of the product.
import { ApiError, SessionEnded } from './api.js';

const page = 200; // entries of a listing that come at once
const fewest = 1000; // the most that one call gives

export class Store {
  #api;
  #folders = new Map(); // id -> {name, parent}; parent null: the share's root
  #shares = new Map(); // id -> share

  constructor(api) { this.#api = api; }

  forget() {
    this.#folders.clear();
    this.#shares.clear();
  }

  me(signal) { return this.#api.call('GET', '/users/me', { signal }); }

  // shares gives all shares of the person.
  async shares(signal) {
    const all = [];
    for (;;) {
      const r = await this.#api.call('GET', '/users/me/shares', { query: { limit: 100, offset: all.length || '' }, signal });
      all.push(...r.shares);
      if (!r.shares.length || all.length >= r.total || all.length + 100 > 10_000) break;
    }
    this.#shares = new Map(all.map((s) => [s.id, s]));
    return all;
  }

  createShare(name) { return this.#api.call('POST', '/shares', { json: { name, share_type: 'project' } }); }

  async share(id, signal) {
    const known = this.#shares.get(id);
    if (known) return known;
    const s = await this.#api.call('GET', `/shares/${encodeURIComponent(id)}`, { signal });
    this.#shares.set(id, s);
    return s;
  }

  // children gives a page of a folder; folder null is the share's root.
  async children(share, folder, token, signal, limit = page) {
    const r = await this.#api.call('GET', `/folders/${encodeURIComponent(folder || 'root')}/children`, {
      query: { share_id: share, limit, page_token: token }, signal,
    });
    for (const it of r.items) if (it.type === 'folder') this.#folders.set(it.id, { name: it.name, parent: it.parent_id });
    return r;
  }

  // trail gives the folders from the root down to one, itself included.
  async trail(share, folder, signal) {
    const list = [];
    for (let id = folder; id; ) {
      let f = this.#folders.get(id);
      if (!f) {
        const r = await this.#api.call('GET', `/folders/${encodeURIComponent(id)}`, { signal });
        if (r.share_id !== share || r.is_deleted) throw new ApiError(404, { detail: 'Not found' });
        f = { name: r.name, parent: r.parent_id };
        this.#folders.set(id, f);
      }
      list.unshift({ id, name: f.name });
      id = f.parent;
    }
    return list;
  }

  // child finds an entry of a folder by its name, null when there is none. There
  // is no call for it, so it looks through the listing.
  async child(share, folder, name, signal) {
    const key = fold(name);
    let token = '';
    do {
      const r = await this.children(share, folder, token, signal, fewest);
      const hit = r.items.find((it) => fold(it.name) === key);
      if (hit) return hit;
      token = r.next_page_token;
    } while (token);
    return null;
  }

  createFolder(share, parent, name, signal) {
    return this.#api.call('POST', '/folders', { json: { share_id: share, parent_id: parent || undefined, name }, signal });
  }

  // trash moves to the trash what the person saw: another version is refused.
  trash(item) {
    const headers = item.version_id ? { 'If-Match': `"${item.version_id}"` } : {};
    return this.#api.call('DELETE', `/${kind(item)}/${encodeURIComponent(item.id)}`, { headers });
  }

  restore(item) { return this.#api.call('POST', `/${kind(item)}/${encodeURIComponent(item.id)}/restore`); }
}

function kind(item) { return item.type === 'folder' ? 'folders' : 'files'; }

// fold comes close to what the server takes for the same name.
function fold(name) { return name.normalize('NFC').toLowerCase(); }

// explain says in a clause why a call failed.
export function explain(e, t) {
  if (e instanceof SessionEnded) return t.sessionEnded;
  if (!(e instanceof ApiError)) return t.noConnection.toLowerCase() + '.';
  switch (e.status) {
    case 403: return t.forbidden;
    case 404: case 410: return t.gone.charAt(0).toLowerCase() + t.gone.slice(1) + '.';
    case 412: return t.changedMeanwhile;
    case 429: return t.wait(e.retryAfter || 10);
    case 503: return t.readOnly;
    case 507: return e.detail || t.noRoom;
    case 409: case 413: case 422: return e.detail;
  }
  return e.detail && e.status < 500 ? e.detail : t.unknownTrouble;
}
