import type { Same } from '../areas';
import type en from '../en/moment';

const texts: Same<typeof en> = (f) => {
  const items = (n: number) => f.count(n, { one: '# Eintrag', other: '# Einträge' });
  return {
    open: 'Auf einen Zeitpunkt zurücksetzen…',
    title: (name) => (name ? `${f.q(name)} auf einen Zeitpunkt zurücksetzen` : 'Auf einen Zeitpunkt zurücksetzen'),
    close: 'Zurück zum Ordner',
    asItWas: 'Der Ordner, wie er war',
    now: 'Jetzt',
    moment: 'Zeitpunkt',
    before: 'Änderung davor',
    after: 'Änderung danach',
    noEarlier: 'Älteres wird nicht gezeigt',
    noLater: 'Das ist jetzt',
    older: 'Ältere Änderungen zeigen',
    server: 'Server',
    justBefore: (n, who) => `Unmittelbar vor ${f.count(n, { one: '# Änderung', other: '# Änderungen' })} von ${who}`,
    next: (n, name, who, when) => (n === 1 ? `Gleich danach wurde ${f.q(name)} von ${who} geändert, ${when}.` : `Gleich danach wurden ${items(n)} von ${who} geändert, darunter ${f.q(name)}, ${when}.`),
    massGone: (n) => `Gleich nach diesem Zeitpunkt wurden ${items(n)} auf einmal gelöscht.`,
    by: (who, when) => `Von ${who}, ${when}.`,
    choose: 'Schiebe den Regler auf den gewünschten Zeitpunkt. Pfeiltasten gehen von Änderung zu Änderung, Bildtasten von Tag zu Tag.',
    planFailed: (why) => `Was geschehen würde, lässt sich nicht sagen: ${why}`,
    failed: 'Was hier geschah, wurde nicht geladen',
    nothing: 'Hier ist noch nichts geschehen',
    nothingText: 'Sobald sich in diesem Ordner etwas ändert, lässt er sich von hier zurücksetzen.',
    same: 'Nichts unterscheidet sich von diesem Zeitpunkt',
    seen: 'Wer hier arbeitet, sieht die Änderung sofort. Sie lässt sich als Ganzes rückgängig machen.',
    put: (n) => `${items(n)} zurücksetzen`,
    going: (done, total) => `${f.number(done)} von ${f.number(total)} werden zurückgesetzt`,
    done: (n, name) => `${items(n)} von ${f.q(name)} zurückgesetzt`,
    undone: (n) => f.count(n, { one: '# Eintrag ist wieder wie zuvor', other: '# Einträge sind wieder wie zuvor' }),
    number: (n) => f.number(n),
    parts: { restored: 'kommen aus dem Papierkorb zurück', reverted: 'bekommen eine frühere Version', moved: 'gehen an ihren Ort oder zu ihrem Namen zurück', trashed: 'sind neuer und kommen in den Papierkorb' },
    does: { restored: 'Kommt zurück', reverted: 'Zurück zur damaligen Version', moved: 'Zurück an seinen Ort', trashed: 'Neuer, kommt in den Papierkorb' },
    from: (path) => `Jetzt ${f.q(path)}`,
    lost: (n) => f.count(n, { one: '# Eintrag wurde endgültig gelöscht und kann nicht zurückkommen.', other: '# Einträge wurden endgültig gelöscht und können nicht zurückkommen.' }),
    item: 'Eintrag',
    whatHappens: 'Was geschieht',
    furtherItems: (n) => `Und ${items(n)} mehr`,
  };
};
export default texts;
