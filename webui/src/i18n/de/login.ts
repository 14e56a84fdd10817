// Signing in and out.
import type { Same } from '../areas';
import type en from '../en/login';

const texts: Same<typeof en> = (f) => ({
  title: 'Anmelden',
  action: 'Anmelden',
  busy: 'Anmeldung läuft …',
  email: 'E-Mail',
  password: 'Passwort',
  showPassword: 'Passwort zeigen',
  stay: 'Auf diesem Computer angemeldet bleiben',
  wrong: 'E-Mail oder Passwort ist falsch.',
  emailMissing: 'Gib deine E-Mail-Adresse ein.',
  passwordMissing: 'Gib dein Passwort ein.',
  tooManyTries: (seconds: number) => `Zu viele Versuche. Warte ${f.duration(seconds)} und versuch es dann wieder.`,
  noConnection: 'Keine Verbindung zum Server. Versuch es noch einmal.',
  fault: (id: string) => `Der Server hatte einen Fehler (Anfrage ${id}). Versuch es noch einmal.`,
  ownServer: 'Der eigene Server deiner Organisation',
  outBusyTitle: 'Das Hochladen ist nicht fertig',
  outBusy: (n: number) => `Abmelden beendet ${f.count(n, { one: '# Übertragung', other: '# Übertragungen' })}. Was angekommen ist, bleibt.`,
  stayIn: 'Angemeldet bleiben',
  outAnyway: 'Hochladen beenden und abmelden',
  activate: 'Passwort festlegen',
  newPassword: 'Neues Passwort',
  setPassword: 'Passwort festlegen',
  activated: 'Dein Passwort gilt. Melde dich damit an.',
  linkOver: 'Dieser Link wurde benutzt, oder seine Zeit ist um. Frag deine Verwaltung nach einem neuen.',
  goSignIn: 'Zur Anmeldung',
});

export default texts;
