// Delen: mensen, uitnodigingen, regels, en waarom iemand toegang heeft.
import type { Same } from '../areas';
import type en from '../en/sharing';

const texts: Same<typeof en> = (f) => ({
  title: (name: string) => `${f.q(name)} delen`,
  open: 'Delen…', button: 'Delen',
  tabs: { people: 'Mensen', permissions: 'Rechten' },
  sections: 'Manieren van delen',
  failed: 'Dit is niet geladen',
  done: 'Klaar',
  inShare: (share: string) => `Rollen gelden voor heel ${f.q(share)}. Gebruik Rechten om alleen deze plek te openen of te sluiten.`,
  roles: { owner: 'Eigenaar', admin: 'Beheerder', contributor: 'Bijdrager', reader: 'Lezer' } as Record<string, string>,
  find: 'Mensen of groepen toevoegen', findHelp: 'Typ het begin van een naam of e-mailadres.', add: 'Toevoegen', choose: 'Kiezen', noMatch: 'Niemand met die naam.', group: 'Groep', role: 'Rol voor wie erbij komt',
  people: 'Mensen met een rol', you: (name: string) => `${name} (jij)`, roleOf: (who: string, role: string) => `Rol van ${who}: ${role}`,
  until: (day: string) => `Tot ${day}`, ended: (day: string) => `Geëindigd op ${day}`,
  setEnd: 'Einde instellen…', changeEnd: 'Einde wijzigen…', noEnd: 'Geen einde', endOf: (who: string) => `Toegang van ${who} eindigt op`, save: 'Opslaan', remove: 'Uit de share halen', leave: 'De share verlaten',
  added: (who: string, role: string) => `${f.q(who)} is in de share als ${role}.`, notAdded: (who: string, why: string) => `${f.q(who)} is niet toegevoegd: ${why}`,
  changed: (who: string) => `De rol van ${f.q(who)} is gewijzigd.`, notChanged: (who: string, why: string) => `De rol van ${f.q(who)} blijft zoals hij was: ${why}`,
  removed: (who: string) => `${f.q(who)} is niet meer in de share.`, notRemoved: (who: string, why: string) => `${f.q(who)} blijft in de share: ${why}`,
  onlyManagers: 'Alleen de eigenaar en beheerders van de share wijzigen wie erin is.',
  peopleFailed: 'De mensen zijn niet geladen',
  invite: 'Uitnodigen per e-mail', inviteHelp: 'Voor mensen die hier nog geen account hebben. Er wordt niets verstuurd: je geeft het adres zelf door.', email: 'E-mailadres', message: 'Bericht', sendIt: 'Uitnodiging maken',
  invited: 'De uitnodiging is gemaakt. Geef dit adres door:', link: 'Adres van de uitnodiging', copy: 'Kopiëren', copyOf: (email: string) => `Adres voor ${email} kopiëren`, copied: 'Het adres is gekopieerd.', notCopied: 'Het adres kon niet worden gekopieerd. Selecteer en kopieer het zelf.',
  invitations: 'Open uitnodigingen', pending: 'Open', revoke: 'Intrekken', revokeOf: (email: string) => `Uitnodiging van ${email} intrekken`, invitedOn: (day: string) => `Uitgenodigd: ${day}`, revoked: 'De uitnodiging is ingetrokken.', notRevoked: (why: string) => `De uitnodiging blijft: ${why}`, notInvited: (why: string) => `Er is geen uitnodiging gemaakt: ${why}`,
  inherit: 'Erven van boven', inheritHelp: 'Wat op de mappen erboven en op de share staat, geldt ook hier.', inheritQuestion: (n: number) => f.count(n, { one: 'Wat gebeurt er met de # geërfde regel?', other: 'Wat gebeurt er met de # geërfde regels?' }), copyThem: 'Hierheen kopiëren', dropThem: 'Laten vallen', inheritOff: 'Wat erboven staat, geldt hier niet meer.', inheritOn: 'Wat erboven staat, geldt hier weer.',
  entries: 'Regels van de rechten', entriesOrder: 'Van boven naar beneden bekeken. De eerste regel die over een recht gaat, beslist.', noEntries: 'Geen regels. De rollen van de share beslissen.', addEntry: 'Regel toevoegen', editEntry: 'Regel wijzigen',
  effect: 'Werking', whom: 'Voor', rights: 'Rechten', applies: 'Geldt voor', from: 'Van', actions: 'Acties', here: 'Hier', above: 'Boven', atSource: 'Wijzig hem waar hij staat',
  allow: 'Toestaan', deny: 'Weigeren', everyone: 'Iedereen', deleted: 'Iemand die is verwijderd', allRights: 'Alle', oneLevel: 'Maar één niveau dieper', oneLevelShort: 'één niveau',
  right: { READ: 'Lezen', WRITE: 'Wijzigen', DELETE: 'Verwijderen', CREATE: 'Toevoegen', SHARE: 'Links maken', MANAGE_PERMISSIONS: 'Rechten beheren' } as Record<string, string>,
  appliesTo: { this_and_descendants: 'Dit en alles erin', this_only: 'Alleen dit', this_and_folders: 'Dit en mappen erin', this_and_files: 'Dit en bestanden erin', descendants_only: 'Alles erin', folders_only: 'Mappen erin', files_only: 'Bestanden erin' } as Record<string, string>,
  forWhom: 'Persoon of groep', anotherOne: 'Iemand anders', noRight: 'Kies minstens één recht.', noWhom: 'Kies voor wie.', saveEntry: 'Regel opslaan', cancel: 'Annuleren',
  edit: (who: string) => `Regel voor ${who} wijzigen`, take: (who: string) => `Regel voor ${who} verwijderen`,
  entrySaved: 'De regel geldt vanaf nu.', entryGone: 'De regel is weg.', entryFailed: (why: string) => `Er is niets gewijzigd: ${why}`,
  noManage: 'Je mag de rechten hiervan niet zien of wijzigen.',
  why: 'Waarom heeft deze persoon toegang?', whyFind: 'Wiens toegang', whyHelp: 'Kies een persoon of groep.', can: (who: string, what: string) => `${who} kan: ${what}.`, cant: (who: string, what: string) => `${who} kan niet: ${what}.`, nothing: (who: string) => `${who} kan hier niets doen.`,
  verbs: { READ: 'lezen', WRITE: 'wijzigen', DELETE: 'verwijderen', CREATE: 'toevoegen', SHARE: 'links maken', MANAGE_PERMISSIONS: 'rechten beheren' } as Record<string, string>,
  allowed: 'Toegestaan', denied: 'Geweigerd', notGiven: 'Niet gegeven',
  byEntry: (whom: string, where: string) => `door de regel voor ${whom} op ${where}`, hiddenPlace: 'een plek die je niet kunt zien', wholeShare: 'de hele share',
  byRole: (role: string) => `door de rol ${role} op de share`, ofGroup: (group: string) => `van de groep ${group}`, via: (groups: string) => `als lid van ${groups}`,
  byAdministrator: 'als beheerder van de organisatie', byOwnership: 'als eigenaar', byInactive: 'het account is niet actief', byArchived: 'de share is gearchiveerd', byNothing: 'niets gaat erover',
});

export default texts;
