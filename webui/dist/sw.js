// The service worker: the shell of the client without a network, the bytes of sound
// and film for the browser's own players, and what other apps share with this one.
//
// It keeps the page and its scripts, styles and icons, which are the same for
// everybody; nothing that a person stored, no answer of the API. What was shared
// lies in the browser's database until the page has taken it (state/received.ts). What
// a player needs it asks for in the browser's session, as the page does.
const shell = 'scaidrive-shell-1';

self.addEventListener('install', (e) => {
  self.skipWaiting();
  e.waitUntil(fetch('/', { cache: 'no-store' }).then((r) => (r.ok ? keepPage(r) : undefined)).catch(() => {}));
});

self.addEventListener('activate', (e) => {
  e.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith('scaidrive-') && name !== shell) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener('message', (e) => {
  if (!Array.isArray(e.data?.assets)) return;
  e.waitUntil((async () => {
    const cache = await caches.open(shell);
    for (const path of e.data.assets) {
      if (typeof path === 'string' && isAsset(path) && !await cache.match(path)) await cache.add(path).catch(() => {});
    }
  })());
});

self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url);
  if (url.origin !== self.location.origin) return;
  if (e.request.method === 'POST' && url.pathname === '/receive') e.respondWith(receive(e.request));
  if (e.request.method !== 'GET') return;
  if (e.request.mode === 'navigate') {
    if (!url.pathname.startsWith('/api/') && url.pathname !== '/docs') e.respondWith(page(e.request));
  } else if (isAsset(url.pathname)) e.respondWith(asset(e.request));
  else if (url.pathname.startsWith('/media/') && ['audio', 'video'].includes(e.request.destination)) e.respondWith(media(e.request, url));
});

const isAsset = (path) => /^\/assets\/[\w.-]+$/.test(path);

async function page(request) {
  try {
    const r = await fetch(request);
    if (r.ok && r.headers.get('Content-Type')?.startsWith('text/html')) await keepPage(r.clone()).catch(() => {});
    return r;
  } catch {
    return (await caches.match('/', { cacheName: shell })) ?? Response.error();
  }
}

// keepPage keeps the page and what it names; another version of the client takes
// the place of the one before.
async function keepPage(r) {
  const names = (text) => [...text.matchAll(/"(\/assets\/[\w.-]+)"/g)].map((m) => m[1]);
  const cache = await caches.open(shell);
  const now = names(await r.clone().text());
  const before = await cache.match('/');
  if (before && names(await before.text()).join() === now.join()) return;
  for (const key of await cache.keys()) await cache.delete(key);
  await cache.put('/', r);
  await Promise.all(now.map((path) => cache.add(path).catch(() => {})));
}

async function asset(request) {
  const kept = await caches.match(request.url, { cacheName: shell });
  if (kept) return kept;
  const r = await fetch(request);
  if (r.status === 200) {
    const copy = r.clone();
    void caches.open(shell).then((cache) => cache.put(request.url, copy)).catch(() => {});
  }
  return r;
}

// media gives the bytes of a file to a player, in the ranges it asks for.
async function media(request, url) {
  const id = /^\/media\/(fil_\w+)$/.exec(url.pathname)?.[1];
  const type = url.searchParams.get('type') ?? '';
  if (!id || !/^(audio|video)\/[\w.+-]+$/.test(type)) return Response.error();
  const range = request.headers.get('Range');
  const r = await fetch(`/api/v1/files/${id}/content`, {
    headers: range ? { Range: range } : {}, cache: 'no-store', credentials: 'same-origin', signal: request.signal,
  });
  const headers = new Headers({ 'Content-Type': type, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
  for (const name of ['Content-Length', 'Content-Range', 'Accept-Ranges', 'ETag']) if (r.headers.has(name)) headers.set(name, r.headers.get(name));
  return new Response(r.ok ? r.body : null, { status: r.status, headers });
}

// receive takes what another app shared; the page asks where it goes.
async function receive(request) {
  try {
    const files = (await request.formData()).getAll('files').filter((f) => f instanceof File);
    const db = await new Promise((ok, no) => {
      const r = indexedDB.open('scaidrive.received', 1);
      r.onupgradeneeded = () => { r.result.createObjectStore('files', { autoIncrement: true }); };
      r.onsuccess = () => ok(r.result);
      r.onerror = () => no(r.error);
    });
    await new Promise((ok, no) => {
      const t = db.transaction('files', 'readwrite');
      for (const file of files) t.objectStore('files').put({ at: Date.now(), file });
      t.oncomplete = ok;
      t.onabort = () => no(t.error);
    }).finally(() => db.close());
    return Response.redirect('/receive', 303);
  } catch {
    return Response.redirect('/receive?failed=1', 303);
  }
}
