// Signing in and out.
import type { Same } from '../areas';
import type en from '../en/login';

const texts: Same<typeof en> = (f) => ({
  title: 'Aanmelden',
  action: 'Aanmelden',
  busy: 'Aanmelden…',
  email: 'E-mail',
  password: 'Wachtwoord',
  showPassword: 'Wachtwoord tonen',
  stay: 'Aangemeld blijven op deze computer',
  wrong: 'Het e-mailadres of wachtwoord klopt niet.',
  emailMissing: 'Typ je e-mailadres.',
  passwordMissing: 'Typ je wachtwoord.',
  tooManyTries: (seconds: number) => `Te veel pogingen. Wacht ${f.duration(seconds)} en probeer het dan weer.`,
  noConnection: 'Geen verbinding met de server. Probeer het opnieuw.',
  fault: (id: string) => `De server had een storing (verzoek ${id}). Probeer het opnieuw.`,
  ownServer: 'De eigen server van je organisatie',
  outBusyTitle: 'De uploads zijn niet klaar',
  outBusy: (n: number) => `Afmelden stopt ${f.count(n, { one: '# upload', other: '# uploads' })}. Wat is aangekomen blijft.`,
  stayIn: 'Aangemeld blijven',
  outAnyway: 'Uploads stoppen en afmelden',
  activate: 'Stel je wachtwoord in',
  newPassword: 'Nieuw wachtwoord',
  setPassword: 'Wachtwoord instellen',
  activated: 'Je wachtwoord is ingesteld. Meld je ermee aan.',
  linkOver: 'Deze link is gebruikt, of zijn tijd is voorbij. Vraag je beheerder om een nieuwe.',
  goSignIn: 'Naar aanmelden',
});

export default texts;
