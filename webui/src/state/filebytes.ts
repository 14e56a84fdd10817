// The bytes of a picked file: pieces of them, what they are known again by, and
// whether they still are what was picked.
import { sha256 } from '../api/uploads';
import { Refused, type UploadItem } from './uploaditem';

const marked = 1 << 20; // bytes at the beginning of a part by which it is known again

export const partOf = (file: File, size: number, i: number) => file.slice(i * size, Math.min((i + 1) * size, file.size));

export const bytesOf = (b: Blob) => b.arrayBuffer().catch(() => { throw new Refused('unreadable'); });

// last reads the end of a part, or says that it can't be read.
export const last = (part: Blob) => bytesOf(part.slice(-1));

// unchanged tells whether a file on the disk still is what was picked: a browser gives
// no byte of one with another time, and a handle tells the time as it is now.
export async function unchanged(item: UploadItem, file: File): Promise<boolean> {
  try {
    await bytesOf(file.slice(-1));
    return (await item.file?.())?.lastModified === item.lastModified;
  } catch {
    return false;
  }
}

// markOf gives the digest of the beginning of a part. With the file's size and time
// it tells a file that is given again from another one; all of it is not hashed,
// which would cost more than sending it.
export const markOf = async (part: Blob) => sha256(await bytesOf(part.slice(0, marked)));

// readable gives an item's file after a look whether its bytes are still there.
export async function readable(item: UploadItem): Promise<File> {
  try {
    const file = await item.file?.();
    if (!file) throw new Refused('unreadable');
    if (file.size) await file.slice(0, 1).arrayBuffer();
    return file;
  } catch {
    throw new Refused('unreadable');
  }
}
