// Which language is spoken, and how the document follows it.
import { type Language, choose, directionOf } from '../../i18n/languages';
import { type Spoken, load } from '../../i18n/load';
import { onSettings, settings } from '../../state/settings';
import { Store, useStore } from '../../state/store';

const spoken = new Store<Spoken | null>(null);
export const useLanguage = () => useStore(spoken);

/** Loads the language of the person, and another one when they choose it. */
export async function startLanguage(root: HTMLElement): Promise<void> {
  let wanted: Language | null = null;
  const follow = async () => {
    const next = choose(settings().language, navigator.languages);
    if (next === wanted) return;
    wanted = next;
    const s = await load(next);
    if (wanted !== next) return;
    root.lang = next;
    root.dir = directionOf(next);
    spoken.set(s);
  };
  onSettings(() => void follow());
  await follow();
}
