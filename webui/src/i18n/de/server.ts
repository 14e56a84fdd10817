// Die Einstellungen des Servers, in der Konsole.
import type { Same } from '../areas';
import type en from '../en/server';

const texts: Same<typeof en> = (f) => ({
  title: 'Server',
  failed: 'Die Einstellungen des Servers wurden nicht geladen',
  about: 'Sie gelten für den ganzen Server mit allen Mandanten. Was ein Schalter, eine Variable oder die Konfigurationsdatei sagt, geht vor und ist hier gesperrt.',
  stored: 'Gilt sofort',
  atStart: 'Beim Start festgelegt',
  atStartHelp: 'Durch Schalter, Umgebungsvariable oder Konfigurationsdatei; eine Änderung gilt nach einem Neustart.',
  save: 'Einstellungen speichern',
  saved: 'Die Einstellungen sind gespeichert und gelten ab jetzt',
  refused: (why: string) => `Nichts ist geändert: ${why}`,
  nothing: 'Nichts ist geändert',
  reset: 'Vorgabe nehmen',
  resetOf: (name: string) => `Vorgabe nehmen: ${name}`,
  wasReset: 'Wieder gilt die Vorgabe',
  between: (low: string, high: string) => `Eine ganze Zahl von ${low} bis ${high}`,
  locked: (from: string) => `Durch ${f.q(from)} festgelegt; ändere es dort.`,
  sources: { flag: 'Schalter', environment: 'Variable', file: 'Konfigurationsdatei', stored: 'Hier gespeichert', default: 'Vorgabe' },
  you: 'dir',
  somebody: 'einem Administrator',
  storedBy: (who: string, when: string) => `Gespeichert von ${who} · ${when}`,
  none: 'Nichts',
  yes: 'Ja',
  no: 'Nein',
  names: {
    allowed_hosts: 'Namen, unter denen der Server erreicht wird', cors_origins: 'Seiten anderer Herkunft', trusted_proxies: 'Vertraute Proxys', rate_limit_profile: 'Grenze für Aufrufe',
    log_requests: 'Jeden Aufruf protokollieren', changelog_days: 'Tage, die Änderungen bleiben', changelog_rows: 'Änderungen, die bleiben',
    data: 'Datenverzeichnis', listen: 'Lauscht auf', metrics_listen: 'Gibt Messwerte auf', memory: 'Arbeitsspeicher', log_json: 'Protokoll als JSON',
  } as Record<string, string>,
  abouts: {
    allowed_hosts: 'Je Zeile einer, etwa drive.example.com, oder *.example.com für alle darunter. Aufrufe unter anderem Namen werden abgelehnt. Leer: jeder Name.',
    cors_origins: 'Je Zeile eine, etwa https://app.example.com: Deren Seiten dürfen die API mit einem Token aufrufen. Leer: nur Seiten dieses Servers.',
    trusted_proxies: 'Je Zeile ein Netz, etwa 10.0.0.0/8. Diesen wird geglaubt, woher ein Aufruf kommt.',
    rate_limit_profile: 'Wie viel ein Token, eine Person und ein Mandant in einer Minute verlangen dürfen.',
    log_requests: 'Sonst nur Aufrufe, an denen der Server scheiterte.',
    changelog_days: 'Für Geräte, die lange weg waren.',
    changelog_rows: 'Von jedem Mandanten, wie alt sie auch sind.',
  } as Record<string, string>,
  choices: { appliance: 'Großzügig: hält nur Ausreißer und Angriffe auf', public: 'Wie im öffentlichen Dienst: 1.000 Einheiten je Minute für ein Token' } as Record<string, string>,
});

export default texts;
