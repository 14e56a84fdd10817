// De details naast een lijst.
import type { Same } from '../areas';
import type en from '../en/panel';

const texts: Same<typeof en> = (f) => ({
  tabs: { info: 'Info', access: 'Toegang', versions: 'Versies', activity: 'Activiteit' },
  sections: 'Onderdelen van de details',
  failed: 'De details zijn niet geladen',
  kind: 'Soort', size: 'Grootte', modified: 'Gewijzigd', made: 'Gemaakt', version: 'Versie', where: 'Plaats', used: 'Gebruikt', checksum: 'SHA-256',
  share: 'Share',
  tags: 'Labels', noTags: 'Nog geen labels.', addTag: 'Label toevoegen', add: 'Toevoegen', removeTag: (tag: string) => `Label ${tag} weghalen`,
  tagLong: 'Een label heeft hoogstens 64 bytes.', tagMany: 'Er staan hoogstens 50 labels op een ding.', tagFailed: (why: string) => `De labels blijven zoals ze waren: ${why}`,
  owner: (who: string) => `Eigenaar: ${who}`,
  youCan: 'Je kunt', youCanNothing: 'Je kunt hier alleen de naam zien.',
  people: 'Mensen in de share', peopleFailed: 'De mensen zijn niet geladen',
  shareIt: 'Delen', why: 'Waarom heeft iemand toegang?',
  noVersions: 'Geen versies', current: 'Huidig', versionNumber: (n: number) => `Versie ${f.number(n)}`, by: (who: string) => `door ${who}`,
  restore: 'Terughalen', restoreOf: (n: number) => `Versie ${f.number(n)} terughalen`, download: 'Downloaden', downloadOf: (n: number) => `Versie ${f.number(n)} downloaden`,
  restored: (name: string, n: number, now: number) => `${f.q(name)} heeft weer de inhoud van versie ${f.number(n)}, als versie ${f.number(now)}`,
  restoreFailed: (name: string, why: string) => `${f.q(name)} blijft zoals het is: ${why}`, downloadFailed: (why: string) => `De versie is niet opgeslagen: ${why}`,
  noWrite: 'Je mag dit alleen lezen', versionsFailed: 'De versies zijn niet geladen',
  versionName: (stem: string, n: number, ending: string) => `${stem} (versie ${n})${ending}`,
  comments: 'Opmerkingen', noComments: 'Nog geen opmerkingen.', comment: 'Opmerking', write: 'Opmerking schrijven', edit: 'Bewerken', save: 'Opslaan', remove: 'Verwijderen', edited: 'bewerkt',
  editOf: (who: string) => `Opmerking van ${who} bewerken`, removeOf: (who: string) => `Opmerking van ${who} verwijderen`, commentOf: (who: string) => `Opmerking van ${who}`,
  commentFailed: (why: string) => `De opmerking is er niet: ${why}`, commentStays: (why: string) => `De opmerking blijft zoals ze was: ${why}`, commentsFailed: 'De opmerkingen zijn niet geladen',
  removed: 'De opmerking is verwijderd.',
  history: 'Wat er gebeurde', nothing: 'Hier is nog niets gebeurd.', historyFailed: 'Wat hier gebeurde is niet geladen', more: 'Meer tonen', server: 'De server',
  did: {
    created: (who: string, name: string) => `${who} heeft ${name} gemaakt`, updated: (who: string, name: string) => `${who} heeft ${name} gewijzigd`, deleted: (who: string, name: string) => `${who} heeft ${name} verwijderd`,
    moved: (who: string, name: string) => `${who} heeft ${name} verplaatst`, renamed: (who: string, name: string) => `${who} heeft ${name} hernoemd`, access: (who: string, name: string) => `${who} heeft gewijzigd wie ${name} mag zien`,
  },
  something: 'iets',
});

export default texts;
