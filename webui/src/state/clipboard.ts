// What was cut or copied, to be pasted in a folder of this window.
import type { Item } from '../api/types_gen';
import { onLeave } from './signin';
import { Store, useStore } from './store';

export interface Clip {
  how: 'move' | 'copy';
  share: string;
  folder: string | null;
  items: readonly Item[];
}

const clip = new Store<Clip | null>(null);
export const useClip = () => useStore(clip);
export const setClip = (c: Clip | null) => clip.set(c);
export const getClip = () => clip.get();

onLeave(() => clip.set(null));
