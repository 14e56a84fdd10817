// Die Details neben einer Liste.
import type { Same } from '../areas';
import type en from '../en/panel';

const texts: Same<typeof en> = (f) => ({
  tabs: { info: 'Info', access: 'Zugriff', versions: 'Versionen', activity: 'Aktivität' },
  sections: 'Abschnitte der Details',
  failed: 'Die Details wurden nicht geladen',
  kind: 'Art', size: 'Größe', modified: 'Geändert', made: 'Angelegt', version: 'Version', where: 'Ort', used: 'Belegt', checksum: 'SHA-256',
  share: 'Freigabe',
  tags: 'Schlagwörter', noTags: 'Noch keine Schlagwörter.', addTag: 'Schlagwort hinzufügen', add: 'Hinzufügen', removeTag: (tag: string) => `Schlagwort ${tag} wegnehmen`,
  tagLong: 'Ein Schlagwort hat höchstens 64 Bytes.', tagMany: 'Höchstens 50 Schlagwörter stehen an einer Sache.', tagFailed: (why: string) => `Die Schlagwörter bleiben, wie sie waren: ${why}`,
  owner: (who: string) => `Besitzt: ${who}`,
  youCan: 'Du kannst', youCanNothing: 'Du kannst hier nur den Namen sehen.',
  people: 'Personen der Freigabe', peopleFailed: 'Die Personen wurden nicht geladen',
  shareIt: 'Freigeben', why: 'Warum hat jemand Zugriff?',
  noVersions: 'Keine Versionen', current: 'Aktuell', versionNumber: (n: number) => `Version ${f.number(n)}`, by: (who: string) => `von ${who}`,
  restore: 'Zurückholen', restoreOf: (n: number) => `Version ${f.number(n)} zurückholen`, download: 'Herunterladen', downloadOf: (n: number) => `Version ${f.number(n)} herunterladen`,
  restored: (name: string, n: number, now: number) => `${f.q(name)} hat wieder den Inhalt von Version ${f.number(n)}, als Version ${f.number(now)}`,
  restoreFailed: (name: string, why: string) => `${f.q(name)} bleibt, wie es ist: ${why}`, downloadFailed: (why: string) => `Die Version wurde nicht gespeichert: ${why}`,
  noWrite: 'Du darfst das nur lesen', versionsFailed: 'Die Versionen wurden nicht geladen',
  versionName: (stem: string, n: number, ending: string) => `${stem} (Version ${n})${ending}`,
  comments: 'Kommentare', noComments: 'Noch keine Kommentare.', comment: 'Kommentar', write: 'Kommentieren', edit: 'Bearbeiten', save: 'Speichern', remove: 'Löschen', edited: 'bearbeitet',
  editOf: (who: string) => `Kommentar von ${who} bearbeiten`, removeOf: (who: string) => `Kommentar von ${who} löschen`, commentOf: (who: string) => `Kommentar von ${who}`,
  commentFailed: (why: string) => `Der Kommentar ist nicht da: ${why}`, commentStays: (why: string) => `Der Kommentar bleibt, wie er war: ${why}`, commentsFailed: 'Die Kommentare wurden nicht geladen',
  removed: 'Der Kommentar ist gelöscht.',
  history: 'Was geschah', nothing: 'Hier ist noch nichts geschehen.', historyFailed: 'Was hier geschah, wurde nicht geladen', more: 'Mehr zeigen', server: 'Der Server',
  did: {
    created: (who: string, name: string) => `${who} hat ${name} angelegt`, updated: (who: string, name: string) => `${who} hat ${name} geändert`, deleted: (who: string, name: string) => `${who} hat ${name} gelöscht`,
    moved: (who: string, name: string) => `${who} hat ${name} verschoben`, renamed: (who: string, name: string) => `${who} hat ${name} umbenannt`, access: (who: string, name: string) => `${who} hat geändert, wer ${name} sehen darf`,
  },
  something: 'etwas',
});

export default texts;
