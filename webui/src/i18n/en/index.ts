// All files of this folder are areas of texts.
import type { Format } from '../format';
import type { Texts } from '../areas';

export default import.meta.glob<(f: Format) => Texts[keyof Texts]>(['./*.ts', '!./index.ts'], { eager: true, import: 'default' });
