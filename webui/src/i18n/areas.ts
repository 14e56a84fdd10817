// The areas of texts, each a file in every language's folder: one line an area,
// whose English file says which texts there are.
import type { Format } from './format';

export interface Makers {
  common: typeof import('./en/common').default;

  console: typeof import('./en/console').default;

  conflicts: typeof import('./en/conflicts').default;
  edge: typeof import('./en/edge').default;

  files: typeof import('./en/files').default;

  moment: typeof import('./en/moment').default;

  login: typeof import('./en/login').default;

  panel: typeof import('./en/panel').default;

  sharing: typeof import('./en/sharing').default;

  desk: typeof import('./en/desk').default;

  work: typeof import('./en/work').default;

  server: typeof import('./en/server').default;
  notices: typeof import('./en/notices').default;

  sharelife: typeof import('./en/sharelife').default;

  versions: typeof import('./en/versions').default;

  transfers: typeof import('./en/transfers').default;
}

export type Area = keyof Makers;
export type Texts = { [A in Area]: ReturnType<Makers[A]> };

/** The type of another language's file: the same texts as the English one has. */
export type Same<M extends (f: Format) => unknown> = (f: Format) => ReturnType<M>;
