// Was geschehen ist, während die Person fort war.
import type { Same } from '../areas';
import type en from '../en/notices';

const texts: Same<typeof en> = (f) => ({
  bell: (unread) => (unread ? `Hinweise, ${f.number(unread)} neu` : 'Hinweise'),
  title: 'Hinweise',
  none: 'Nichts Neues',
  noneText: 'Hier steht, was dich betrifft und geschieht, während du fort bist.',
  failed: 'Die Hinweise wurden nicht geladen',
  readFailed: (why) => `Sie wurden nicht als gelesen vermerkt: ${why}`,
  readAll: 'Alle als gelesen vermerken',
  more: 'Ältere zeigen',
  isNew: 'Neu:',
  came: (n) => f.count(n, { one: 'Ein neuer Hinweis', other: '# neue Hinweise' }),
  somebody: 'Jemand',
  roles: { owner: 'Eigentum', admin: 'Verwaltung', contributor: 'Mitarbeit', reader: 'Lesen' },
  share_added: (by, share, role) => `${by} hat dir Zugang zu ${share} gegeben${role && `: ${role}`}`,
  share_removed: (by, share) => (share ? `${by} hat dir die Rolle in ${share} entzogen` : 'Dir wurde die Rolle in einer Freigabe entzogen'),
  role_changed: (by, share, role) => `${by} hat deine Rolle in ${share} geändert${role && `: ${role}`}`,
  role_ends: (share, date) => `Deine Rolle in ${share} endet am ${date}`,
  invited: (by, share) => `${by} lädt dich ein: ${share}`,
  invitation_accepted: (by, share) => `${by} hat deine Einladung zu ${share} angenommen`,
  join_request: (by, share) => `${by} möchte ${share} beitreten`,
  join_accepted: (by, share) => `${by} hat dich in ${share} aufgenommen`,
  join_refused: (by, share) => `${by} hat deine Anfrage zu ${share} abgelehnt`,
  share_archived: (share, date) => `${share} kann ab ${date} nur gelesen werden`,
  comment: (by, name, n) => `${by} hat ${name} kommentiert${n > 1 ? ` (${f.number(n)})` : ''}`,
  mention: (by, name, n) => `${by} hat dich bei ${name} erwähnt${n > 1 ? ` (${f.number(n)})` : ''}`,
  conflict: (name, n) => `${f.count(n, { one: 'Ein Konflikt wartet', other: '# Konflikte warten' })} auf dich: ${name}`,
  job_failed: (n) => f.count(n, { one: 'Eine deiner Aufgaben ließ eines unerledigt', other: 'Eine deiner Aufgaben ließ # Dinge unerledigt' }),
});

export default texts;
