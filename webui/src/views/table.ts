// The table of all views. A view is a folder here with an index.tsx whose default
// export is a component; a row says at which address it stands. It is loaded when
// it is first shown. docs/webui.md tells how a view is added.
//
// Each area has its own block, with a line between, so that two people who add
// views do not touch the same lines.
import { createElement } from 'react';
import type { IconName } from '../components/icon';
import { type Later, type Loader, later } from '../components/later';
import type { Texts } from '../i18n';
import { Waiting } from './shell/waiting';

export interface ViewProps {
  /** The variable segments of the address, by name. */
  params: Record<string, string>;
}

export interface ViewRow {
  /** "/files/:share"; a last "*" takes all that follows. */
  path: string;
  View: Later<ViewProps>;
  /** Its entry in the sidebar: above the shares (mine) or below them (care). */
  nav?: Nav;
}

export interface Nav {
  /** mine stands above the shares, care below them; the others are sections of the console. */
  group: 'mine' | 'care' | ConsoleSection;
  icon: IconName;
  text: (t: Texts) => string;
  phone?: boolean;
  /** What waits there is counted. */
  count?: 'conflicts';
  /** Who has it in the console; tenant administrators if left out. */
  role?: 'partner_admin' | 'super_admin';
}

export type ConsoleSection = 'overview' | 'people' | 'storage' | 'system';

type Code = Loader<ViewProps>;

const known = new Map<Code, Later<ViewProps>>(); // code that stands at several addresses is loaded for all of them

function row(path: string, load: Code, nav?: ViewRow['nav']): ViewRow {
  const View = known.get(load) ?? later(load, createElement(Waiting));
  known.set(load, View);
  return { path, View, ...(nav ? { nav } : {}) };
}

const files: Code = () => import('./files');
const conflicts: Code = () => import('./conflicts');

export const views: readonly ViewRow[] = [
  // Shares
  row('/', () => import('./shares')),

  // Files
  row('/files/:share', files),
  row('/files/:share/:folder', files),
  row('/my', () => import('./files/my'), { group: 'mine', icon: 'drive', text: (t) => t.files.myDrive, phone: true }),

  // The desk: favourites, recent, shared with me
  row('/favourites', () => import('./desk/favourites'), { group: 'mine', icon: 'star', text: (t) => t.desk.favourites }),
  row('/recent', () => import('./desk/recent'), { group: 'mine', icon: 'clock', text: (t) => t.desk.recent, phone: true }),
  row('/shared', () => import('./desk/shared'), { group: 'mine', icon: 'users', text: (t) => t.desk.shared }),

  row('/invitations', () => import('./joining'), { group: 'care', icon: 'useradd', text: (t) => t.sharelife.joinTitle }),

  // Conflicts
  row('/conflicts', conflicts, { group: 'care', icon: 'conflict', text: (t) => t.conflicts.title, count: 'conflicts' }),
  row('/conflicts/:id', conflicts),

  // Trash
  row('/trash', () => import('./trash'), { group: 'care', icon: 'trash', text: (t) => t.desk.trash }),

  // Versions, moments
  row('/moment/:folder', () => import('./moment')),
  row('/versions/:file', () => import('./versions')),

  // What other apps share with this one
  row('/receive', () => import('./receive')),

  // Previews
  row('/preview/:file', () => import('./preview')),

  // Settings
  row('/settings', () => import('./settings'), { group: 'care', icon: 'gear', text: (t) => t.edge.settings }),

  // Help
  row('/help', () => import('./help'), { group: 'care', icon: 'help', text: (t) => t.edge.help }),

  // Console
  row('/admin', () => import('./console'), { group: 'overview', icon: 'gauge', text: (t) => t.console.dashboard.title }),
  row('/admin/users', () => import('./console/users'), { group: 'people', icon: 'user', text: (t) => t.console.users.title }),
  row('/admin/groups', () => import('./console/groups'), { group: 'people', icon: 'users', text: (t) => t.console.groups.title }),
  row('/admin/shares', () => import('./console/shares'), { group: 'storage', icon: 'drive', text: (t) => t.console.shares.title }),
  row('/admin/settings', () => import('./console/settings'), { group: 'system', icon: 'gear', text: (t) => t.console.settings.title }),
  row('/admin/tenants', () => import('./console/tenants'), { group: 'system', icon: 'office', text: (t) => t.console.tenants.title, role: 'partner_admin' }),
  row('/admin/server', () => import('./console/server'), { group: 'system', icon: 'server', text: (t) => t.server.title, role: 'super_admin' }),
];
