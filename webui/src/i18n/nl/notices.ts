// Wat er gebeurde terwijl de persoon weg was.
import type { Same } from '../areas';
import type en from '../en/notices';

const texts: Same<typeof en> = (f) => ({
  bell: (unread) => (unread ? `Meldingen, ${f.number(unread)} nieuw` : 'Meldingen'),
  title: 'Meldingen',
  none: 'Niets nieuws',
  noneText: 'Hier staat wat je aangaat en gebeurt terwijl je weg bent.',
  failed: 'De meldingen zijn niet geladen',
  readFailed: (why) => `Ze zijn niet als gelezen gemarkeerd: ${why}`,
  readAll: 'Alles als gelezen markeren',
  more: 'Oudere tonen',
  isNew: 'Nieuw:',
  came: (n) => f.count(n, { one: 'Eén nieuwe melding', other: '# nieuwe meldingen' }),
  somebody: 'Iemand',
  roles: { owner: 'eigenaar', admin: 'beheerder', contributor: 'bijdrager', reader: 'lezer' },
  share_added: (by, share, role) => `${by} gaf je toegang tot ${share}${role && ` als ${role}`}`,
  share_removed: (by, share) => (share ? `${by} nam je rol in ${share} weg` : 'Een rol in een share is je ontnomen'),
  role_changed: (by, share, role) => `${by} wijzigde je rol in ${share}${role && `: ${role}`}`,
  role_ends: (share, date) => `Je rol in ${share} eindigt op ${date}`,
  invited: (by, share) => `${by} nodigt je uit voor ${share}`,
  invitation_accepted: (by, share) => `${by} nam je uitnodiging voor ${share} aan`,
  join_request: (by, share) => `${by} wil deelnemen aan ${share}`,
  join_accepted: (by, share) => `${by} liet je toe tot ${share}`,
  join_refused: (by, share) => `${by} weigerde je verzoek om deel te nemen aan ${share}`,
  share_archived: (share, date) => `${share} is alleen-lezen vanaf ${date}`,
  comment: (by, name, n) => `${by} reageerde op ${name}${n > 1 ? ` (${f.number(n)})` : ''}`,
  mention: (by, name, n) => `${by} noemde je bij ${name}${n > 1 ? ` (${f.number(n)})` : ''}`,
  conflict: (name, n) => `${f.count(n, { one: 'Een conflict wacht', other: '# conflicten wachten' })} op je: ${name}`,
  job_failed: (n) => f.count(n, { one: 'Een taak van jou liet één ding liggen', other: 'Een taak van jou liet # dingen liggen' }),
});

export default texts;
