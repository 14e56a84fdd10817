// What a person set for this browser: colours, density, language.
import { Store, useStore } from './store';

export interface Settings {
  theme: 'system' | 'light' | 'dark' | 'contrast';
  density: 'comfortable' | 'compact';
  /** '': as the browser. */
  language: string;
  /** Whether single keys (/ ? * : >) do something. */
  singleKeys: boolean;
  /** How files are shown where the address doesn't say. */
  layout: 'list' | 'grid';
}

const storageKey = 'scaidrive.settings';
const usual: Settings = { theme: 'system', density: 'comfortable', language: '', singleKeys: true, layout: 'list' };

function read(): Settings {
  try {
    return { ...usual, ...(JSON.parse(window.localStorage.getItem(storageKey) ?? '{}') as Partial<Settings>) };
  } catch {
    return usual;
  }
}

const store = new Store<Settings>(typeof window === 'undefined' ? usual : read());

export const settings = store.get;
export const useSettings = () => useStore(store);
export const onSettings = store.subscribe;

export function setSettings(change: Partial<Settings>): void {
  store.update((s) => ({ ...s, ...change }));
  try {
    window.localStorage.setItem(storageKey, JSON.stringify(store.get()));
  } catch { /* they last as long as this page */ }
}

/** Has the document follow the settings. */
export function applySettings(root: HTMLElement): void {
  const apply = () => {
    const { theme, density } = store.get();
    if (theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
    if (density === 'comfortable') delete root.dataset['density'];
    else root.dataset['density'] = density;
  };
  apply();
  store.subscribe(apply);
}
