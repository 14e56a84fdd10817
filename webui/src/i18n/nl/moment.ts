import type { Same } from '../areas';
import type en from '../en/moment';

const texts: Same<typeof en> = (f) => {
  const items = (n: number) => f.count(n, { one: '# item', other: '# items' });
  return {
    open: 'Terugzetten naar een moment…',
    title: (name) => (name ? `${f.q(name)} terugzetten naar een moment` : 'Terugzetten naar een moment'),
    close: 'Terug naar de map',
    asItWas: 'De map zoals die was',
    now: 'Nu',
    moment: 'Moment',
    before: 'Wijziging ervoor',
    after: 'Wijziging erna',
    noEarlier: 'Ouder wordt niet getoond',
    noLater: 'Dit is nu',
    older: 'Oudere wijzigingen tonen',
    server: 'de server',
    justBefore: (n, who) => `Vlak voor ${f.count(n, { one: '# wijziging', other: '# wijzigingen' })} door ${who}`,
    next: (n, name, who, when) => (n === 1 ? `Vlak na dit moment wijzigde ${who} ${f.q(name)}, ${when}.` : `Vlak na dit moment wijzigde ${who} ${items(n)}, waaronder ${f.q(name)}, ${when}.`),
    massGone: (n) => `Vlak na dit moment zijn ${items(n)} in één keer verwijderd.`,
    by: (who, when) => `Door ${who}, ${when}.`,
    choose: 'Schuif naar het moment waarnaar je terug wilt. Pijltoetsen gaan van wijziging naar wijziging, Page-toetsen van dag naar dag.',
    planFailed: (why) => `Wat er zou gebeuren is niet te zeggen: ${why}`,
    failed: 'Wat hier gebeurde is niet geladen',
    nothing: 'Hier is nog niets gebeurd',
    nothingText: 'Zodra er iets in deze map verandert, kan die van hieruit worden teruggezet.',
    same: 'Niets verschilt van dat moment',
    seen: 'Wie hier werkt, ziet de wijziging meteen. Ze kan als geheel ongedaan worden gemaakt.',
    put: (n) => `${items(n)} terugzetten`,
    going: (done, total) => `${f.number(done)} van ${f.number(total)} worden teruggezet`,
    done: (n, name) => `${items(n)} van ${f.q(name)} teruggezet`,
    undone: (n) => f.count(n, { one: '# item is weer als voorheen', other: '# items zijn weer als voorheen' }),
    number: (n) => f.number(n),
    parts: { restored: 'komen terug uit de prullenbak', reverted: 'gaan terug naar een versie', moved: 'krijgen hun plaats of naam terug', trashed: 'zijn nieuwer en gaan naar de prullenbak' },
    does: { restored: 'Komt terug', reverted: 'Terug naar de versie van toen', moved: 'Terug op zijn plaats', trashed: 'Nieuwer, gaat naar de prullenbak' },
    from: (path) => `Nu ${f.q(path)}`,
    lost: (n) => f.count(n, { one: '# item is definitief verwijderd en kan niet terugkomen.', other: '# items zijn definitief verwijderd en kunnen niet terugkomen.' }),
    item: 'Item',
    whatHappens: 'Wat er gebeurt',
    furtherItems: (n) => `En nog ${items(n)}`,
  };
};
export default texts;
