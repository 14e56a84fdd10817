// The table of all views. A view is a folder here with an index.tsx whose default
// export is a component; a row says at which address it stands. It is loaded when
// it is first shown. docs/webui.md tells how a view is added.
//
// Each area has its own block, with a line between, so that two people who add
// views do not touch the same lines.
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { IconName } from '../components/icon';
import type { Texts } from '../i18n';

export interface ViewProps {
  /** The variable segments of the address, by name. */
  params: Record<string, string>;
}

export interface ViewRow {
  /** "/files/:share"; a last "*" takes all that follows. */
  path: string;
  /** Loads the code of the view. */
  load: () => Promise<unknown>;
  View: LazyExoticComponent<ComponentType<ViewProps>>;
  /** Its entry in the sidebar: above the shares (mine) or below them (care). */
  nav?: { group: 'mine' | 'care'; icon: IconName; text: (t: Texts) => string; phone?: boolean };
}

type Loader = () => Promise<{ default: ComponentType<ViewProps> }>;

function row(path: string, load: Loader, nav?: ViewRow['nav']): ViewRow {
  return { path, load, View: lazy(load), ...(nav ? { nav } : {}) };
}

const files: Loader = () => import('./files');

export const views: readonly ViewRow[] = [
  // Shares
  row('/', () => import('./shares')),

  // Files
  row('/files/:share', files),
  row('/files/:share/:folder', files),
  row('/my', () => import('./files/my'), { group: 'mine', icon: 'drive', text: (t) => t.files.myDrive, phone: true }),

  // The desk: favourites, recent, shared with me

  // Conflicts

  // Trash

  // Versions, moments

  // Previews

  // Settings

  // Help

  // Console
];
