// Freigeben: Personen, Einladungen, Einträge, und warum jemand Zugriff hat.
import type { Same } from '../areas';
import type en from '../en/sharing';

const texts: Same<typeof en> = (f) => ({
  title: (name: string) => `${f.q(name)} freigeben`,
  open: 'Teilen …', button: 'Teilen',
  tabs: { people: 'Personen', permissions: 'Rechte' },
  sections: 'Wege der Freigabe',
  failed: 'Das wurde nicht geladen',
  done: 'Fertig',
  inShare: (share: string) => `Rollen gelten für ganz ${f.q(share)}. Um nur diesen Ort zu öffnen oder zu schließen, nimm „Rechte“.`,
  roles: { owner: 'Eigentum', admin: 'Verwaltung', contributor: 'Mitarbeit', reader: 'Lesen' } as Record<string, string>,
  find: 'Personen oder Gruppen hinzufügen', findHelp: 'Tippe den Anfang eines Namens oder einer E-Mail-Adresse.', add: 'Hinzufügen', choose: 'Wählen', noMatch: 'Niemand mit diesem Namen.', group: 'Gruppe', role: 'Rolle für die, die dazukommen',
  people: 'Personen mit einer Rolle', you: (name: string) => `${name} (du)`, roleOf: (who: string, role: string) => `Rolle von ${who}: ${role}`,
  until: (day: string) => `Bis ${day}`, ended: (day: string) => `Endete am ${day}`,
  setEnd: 'Ende setzen …', changeEnd: 'Ende ändern …', noEnd: 'Kein Ende', endOf: (who: string) => `Zugriff von ${who} endet am`, save: 'Speichern', remove: 'Aus der Freigabe nehmen', leave: 'Freigabe verlassen',
  added: (who: string, role: string) => `${f.q(who)} ist in der Freigabe, Rolle: ${role}.`, notAdded: (who: string, why: string) => `${f.q(who)} wurde nicht hinzugefügt: ${why}`,
  changed: (who: string) => `Die Rolle von ${f.q(who)} ist geändert.`, notChanged: (who: string, why: string) => `Die Rolle von ${f.q(who)} bleibt, wie sie war: ${why}`,
  removed: (who: string) => `${f.q(who)} ist nicht mehr in der Freigabe.`, notRemoved: (who: string, why: string) => `${f.q(who)} bleibt in der Freigabe: ${why}`,
  onlyManagers: 'Nur wer die Freigabe besitzt oder verwaltet, ändert, wer dabei ist.',
  peopleFailed: 'Die Personen wurden nicht geladen',
  invite: 'Per E-Mail einladen', inviteHelp: 'Für Personen, die hier noch kein Konto haben. Es wird nichts verschickt: du gibst die Adresse weiter.', email: 'E-Mail-Adresse', message: 'Nachricht', sendIt: 'Einladung anlegen',
  invited: 'Die Einladung ist angelegt. Gib diese Adresse weiter:', link: 'Adresse der Einladung', copy: 'Kopieren', copyOf: (email: string) => `Adresse für ${email} kopieren`, copied: 'Die Adresse ist kopiert.', notCopied: 'Die Adresse konnte nicht kopiert werden. Markiere und kopiere sie selbst.',
  invitations: 'Offene Einladungen', pending: 'Offen', revoke: 'Zurücknehmen', revokeOf: (email: string) => `Einladung von ${email} zurücknehmen`, invitedOn: (day: string) => `Eingeladen: ${day}`, revoked: 'Die Einladung ist zurückgenommen.', notRevoked: (why: string) => `Die Einladung bleibt: ${why}`, notInvited: (why: string) => `Es wurde keine Einladung angelegt: ${why}`,
  inherit: 'Von oben erben', inheritHelp: 'Was an den Ordnern darüber und an der Freigabe steht, gilt auch hier.', inheritQuestion: (n: number) => f.count(n, { one: 'Was wird aus dem # geerbten Eintrag?', other: 'Was wird aus den # geerbten Einträgen?' }), copyThem: 'Hierher kopieren', dropThem: 'Fallen lassen', inheritOff: 'Was darüber steht, gilt hier nicht mehr.', inheritOn: 'Was darüber steht, gilt hier wieder.',
  entries: 'Einträge der Rechte', entriesOrder: 'Von oben nach unten geprüft. Der erste Eintrag, der von einem Recht spricht, entscheidet.', noEntries: 'Keine Einträge. Die Rollen der Freigabe entscheiden.', addEntry: 'Eintrag hinzufügen', editEntry: 'Eintrag ändern',
  effect: 'Wirkung', whom: 'Für', rights: 'Rechte', applies: 'Gilt für', from: 'Von', actions: 'Aktionen', here: 'Hier', above: 'Oben', atSource: 'Ändere ihn dort, wo er steht',
  allow: 'Erlauben', deny: 'Verbieten', everyone: 'Alle', deleted: 'Jemand, der gelöscht ist', allRights: 'Alle', oneLevel: 'Nur eine Ebene tiefer', oneLevelShort: 'eine Ebene',
  right: { READ: 'Lesen', WRITE: 'Ändern', DELETE: 'Löschen', CREATE: 'Hinzufügen', SHARE: 'Links machen', MANAGE_PERMISSIONS: 'Rechte verwalten' } as Record<string, string>,
  appliesTo: { this_and_descendants: 'Dies und alles darin', this_only: 'Nur dies', this_and_folders: 'Dies und Ordner darin', this_and_files: 'Dies und Dateien darin', descendants_only: 'Alles darin', folders_only: 'Ordner darin', files_only: 'Dateien darin' } as Record<string, string>,
  forWhom: 'Person oder Gruppe', anotherOne: 'Andere', noRight: 'Wähle mindestens ein Recht.', noWhom: 'Wähle, für wen.', saveEntry: 'Eintrag speichern', cancel: 'Abbrechen',
  edit: (who: string) => `Eintrag für ${who} ändern`, take: (who: string) => `Eintrag für ${who} entfernen`,
  entrySaved: 'Der Eintrag gilt ab jetzt.', entryGone: 'Der Eintrag ist weg.', entryFailed: (why: string) => `Es wurde nichts geändert: ${why}`,
  noManage: 'Du darfst die Rechte hieran nicht sehen oder ändern.',
  why: 'Warum hat diese Person Zugriff?', whyFind: 'Wessen Zugriff', whyHelp: 'Wähle eine Person oder Gruppe.', can: (who: string, what: string) => `${who} kann: ${what}.`, cant: (who: string, what: string) => `${who} kann nicht: ${what}.`, nothing: (who: string) => `${who} kann hier nichts tun.`,
  verbs: { READ: 'lesen', WRITE: 'ändern', DELETE: 'löschen', CREATE: 'hinzufügen', SHARE: 'Links machen', MANAGE_PERMISSIONS: 'Rechte verwalten' } as Record<string, string>,
  allowed: 'Erlaubt', denied: 'Verboten', notGiven: 'Nicht gegeben',
  byEntry: (whom: string, where: string) => `durch den Eintrag für ${whom} an ${where}`, hiddenPlace: 'einem Ort, den du nicht siehst', wholeShare: 'der ganzen Freigabe',
  byRole: (role: string) => `durch die Rolle ${role} in der Freigabe`, ofGroup: (group: string) => `der Gruppe ${group}`, via: (groups: string) => `als Mitglied von ${groups}`,
  byAdministrator: 'als Administrator der Organisation', byOwnership: 'als Besitzer', byInactive: 'das Konto ist nicht aktiv', byArchived: 'die Freigabe ist archiviert', byNothing: 'nichts spricht davon',
});

export default texts;
