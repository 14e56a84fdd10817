// Favourites, recent, shared with me, the trash.
import type { Same } from '../areas';
import type en from '../en/desk';

const texts: Same<typeof en> = (f) => {
  const items = (n: number) => f.count(n, { one: '# Eintrag', other: '# Einträge' });
  return {
    favourites: 'Favoriten',
    recent: 'Zuletzt benutzt',
    shared: 'Mit mir geteilt',
    trash: 'Papierkorb',
    noFavourites: 'Noch keine Favoriten',
    noFavouritesText: 'Drück * auf einer Datei oder einem Ordner, oder wähl „Zu den Favoriten“ im Menü. Dann steht er auch hier.',
    noRecent: 'Noch nichts benutzt',
    noRecentText: 'Was du öffnest oder änderst, steht hier, das Letzte zuerst.',
    noShared: 'Noch teilt niemand etwas mit dir',
    noSharedText: 'Freigaben anderer, in denen du bist, stehen hier.',
    failed: 'Diese Liste wurde nicht geladen',
    columns: { where: 'Wo', marked: 'Gemerkt', used: 'Benutzt', deleted: 'Gelöscht' },
    showInFolder: 'Im Ordner zeigen',
    unmark: 'Aus den Favoriten nehmen',
    trashOf: 'Papierkorb von',
    trashIn: (share: string) => `Papierkorb von ${share}`,
    trashEmpty: 'Der Papierkorb ist leer',
    trashEmptyText: 'Was du in dieser Freigabe löschst, bleibt eine Weile hier und kann zurückkommen.',
    noTrash: 'Du hast noch keine Freigabe, also auch keinen Papierkorb',
    restore: 'Zurückholen',
    restoreGroup: 'Alles zurückholen, was mit gelöscht wurde',
    purge: 'Endgültig löschen',
    empty: 'Papierkorb leeren',
    search: 'Den Papierkorb nach Namen durchsuchen',
    noHit: (word: string) => `Nichts in diesem Papierkorb heißt ${f.q(word)}`,
    restoring: (done: number, total: number) => `${f.number(done)} von ${f.number(total)} zurückgeholt`,
    restored: (n: number) => f.count(n, { one: '# Eintrag ist zurück', other: '# Einträge sind zurück' }),
    restoredUndone: (n: number) => f.count(n, { one: '# Eintrag ist wieder im Papierkorb', other: '# Einträge sind wieder im Papierkorb' }),
    purgeTitle: (n: number, name: string) => (n === 1 ? `${f.q(name)} endgültig löschen` : `${items(n)} endgültig löschen`),
    purgeText: (n: number) => f.count(n, { one: 'Auch die Versionen verschwinden. Niemand kann das zurückholen.', other: 'Auch ihre Versionen verschwinden. Niemand kann das zurückholen.' }),
    purgeAction: (n: number) => `${items(n)} endgültig löschen`,
    keep: 'Behalten',
    purged: (n: number) => f.count(n, { one: '# Eintrag ist endgültig gelöscht', other: '# Einträge sind endgültig gelöscht' }),
    notPurged: (name: string, why: string) => `${f.q(name)} ist noch im Papierkorb: ${why}`,
    emptyTitle: (share: string) => `Papierkorb von ${f.q(share)} leeren`,
    emptyText: (n: number, exact: boolean) => `${exact ? items(n) : `Mehr als ${items(n)}`} und alles darin, mit allen Versionen. Niemand kann das zurückholen.`,
    emptyAction: 'Papierkorb endgültig leeren',
    emptied: (share: string) => `Der Papierkorb von ${f.q(share)} ist leer`,
    notEmptied: (why: string) => `Der Papierkorb ist nicht leer: ${why}`,
  };
};

export default texts;
