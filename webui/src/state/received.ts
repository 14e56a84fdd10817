// What another app shared with this one: the service worker puts it into the
// browser's database (public/sw.js), the page asks where it goes and takes it out.
// Nothing stays longer than a day, and nothing when the person signs out.
import { onLeave } from './signin';

const name = 'scaidrive.received';
const longest = 24 * 3600_000; // milliseconds

interface Kept { at: number; file: File }

function open(): Promise<IDBDatabase | null> {
  return new Promise((ok) => {
    const r = indexedDB.open(name, 1);
    r.onupgradeneeded = () => { r.result.createObjectStore('files', { autoIncrement: true }); };
    r.onsuccess = () => ok(r.result);
    r.onerror = () => ok(null);
  });
}

/** Gives what was shared and nobody has taken. */
export async function received(): Promise<File[]> {
  const db = await open();
  if (!db) return [];
  return new Promise((ok) => {
    const files: File[] = [];
    const t = db.transaction('files', 'readwrite');
    const cursor = t.objectStore('files').openCursor();
    cursor.onsuccess = () => {
      const c = cursor.result;
      if (!c) return;
      const { at, file } = c.value as Kept;
      if (at < Date.now() - longest) c.delete();
      else files.push(file);
      c.continue();
    };
    t.oncomplete = t.onabort = () => { db.close(); ok(files); };
  });
}

/** Forgets all of it: it is on its way, or not wanted. */
export async function dropReceived(): Promise<void> {
  const db = await open();
  if (!db) return;
  await new Promise<void>((ok) => {
    const t = db.transaction('files', 'readwrite');
    t.objectStore('files').clear();
    t.oncomplete = t.onabort = () => { db.close(); ok(); };
  });
}

onLeave(() => { indexedDB.deleteDatabase(name); });
