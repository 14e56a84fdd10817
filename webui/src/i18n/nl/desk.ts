// Favourites, recent, shared with me, the trash.
import type { Same } from '../areas';
import type en from '../en/desk';

const texts: Same<typeof en> = (f) => {
  const items = (n: number) => f.count(n, { one: '# item', other: '# items' });
  return {
    favourites: 'Favorieten',
    recent: 'Onlangs gebruikt',
    shared: 'Met mij gedeeld',
    trash: 'Prullenbak',
    noFavourites: 'Nog geen favorieten',
    noFavouritesText: 'Druk op * bij een bestand of map, of kies “Bij favorieten zetten” in het menu. Dan staat het ook hier.',
    noRecent: 'Nog niets gebruikt',
    noRecentText: 'Wat je opent of wijzigt staat hier, het laatste eerst.',
    noShared: 'Nog niemand deelt iets met je',
    noSharedText: 'Shares van anderen waar je in zit staan hier.',
    failed: 'Deze lijst is niet geladen',
    columns: { where: 'Waar', marked: 'Gemarkeerd', used: 'Gebruikt', deleted: 'Verwijderd' },
    showInFolder: 'In map tonen',
    unmark: 'Uit favorieten halen',
    trashOf: 'Prullenbak van',
    trashIn: (share: string) => `Prullenbak van ${share}`,
    trashEmpty: 'De prullenbak is leeg',
    trashEmptyText: 'Wat je in deze share verwijdert, blijft hier een tijd en kan terugkomen.',
    noTrash: 'Je hebt nog geen share, dus ook geen prullenbak',
    restore: 'Terugzetten',
    restoreGroup: 'Alles terugzetten wat mee verwijderd is',
    purge: 'Definitief verwijderen',
    empty: 'Prullenbak legen',
    search: 'De prullenbak op naam doorzoeken',
    noHit: (word: string) => `Niets in deze prullenbak heet ${f.q(word)}`,
    restoring: (done: number, total: number) => `${f.number(done)} van ${f.number(total)} teruggezet`,
    restored: (n: number) => f.count(n, { one: '# item is terug', other: '# items zijn terug' }),
    restoredUndone: (n: number) => f.count(n, { one: '# item staat weer in de prullenbak', other: '# items staan weer in de prullenbak' }),
    purgeTitle: (n: number, name: string) => (n === 1 ? `${f.q(name)} definitief verwijderen` : `${items(n)} definitief verwijderen`),
    purgeText: (n: number) => f.count(n, { one: 'Ook de versies verdwijnen. Niemand kan het terughalen.', other: 'Ook hun versies verdwijnen. Niemand kan ze terughalen.' }),
    purgeAction: (n: number) => `${items(n)} definitief verwijderen`,
    keep: 'Behouden',
    purged: (n: number) => f.count(n, { one: '# item is definitief verwijderd', other: '# items zijn definitief verwijderd' }),
    notPurged: (name: string, why: string) => `${f.q(name)} staat nog in de prullenbak: ${why}`,
    emptyTitle: (share: string) => `De prullenbak van ${f.q(share)} legen`,
    emptyText: (n: number, exact: boolean) => `${exact ? items(n) : `Meer dan ${items(n)}`} en alles erin, met alle versies. Niemand kan dit terughalen.`,
    emptyAction: 'Prullenbak definitief legen',
    emptied: (share: string) => `De prullenbak van ${f.q(share)} is leeg`,
    notEmptied: (why: string) => `De prullenbak is niet leeg: ${why}`,
  };
};

export default texts;
