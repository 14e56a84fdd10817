// The service worker (public/sw.js): registered once the page is at rest, and told
// what the page has loaded.

/** Registers it, where the browser has any: on HTTPS, or on this machine. */
export function startWorker(): void {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!workers) return;
  const register = () => {
    workers.register('/sw.js').then(() => workers.ready).then((r) => {
      const assets = performance.getEntriesByType('resource').map((e) => new URL(e.name)).filter((u) => u.origin === location.origin).map((u) => u.pathname);
      r.active?.postMessage({ assets });
    }).catch(() => { /* a browser that forbids it works without */ });
  };
  const later = () => setTimeout(register, 1_500); // after the first listing
  if (document.readyState === 'complete') later();
  else window.addEventListener('load', later, { once: true });
}

/** Gives the address at which a player finds a file's bytes; null: there is no worker for it. */
export function mediaAddress(file: string, type: string): string | null {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  return workers?.controller ? `/media/${encodeURIComponent(file)}?type=${encodeURIComponent(type)}` : null;
}
