// De instellingen van de server, in de console.
import type { Same } from '../areas';
import type en from '../en/server';

const texts: Same<typeof en> = (f) => ({
  title: 'Server',
  failed: 'De instellingen van de server zijn niet geladen',
  about: 'Ze gelden voor de hele server met alle tenants. Wat een vlag, een variabele of het configuratiebestand zegt, gaat voor en is hier vergrendeld.',
  stored: 'Geldt meteen',
  atStart: 'Bij de start vastgelegd',
  atStartHelp: 'Door een vlag, omgevingsvariabele of configuratiebestand; een wijziging geldt na een herstart.',
  save: 'Instellingen opslaan',
  saved: 'De instellingen zijn opgeslagen en gelden vanaf nu',
  refused: (why: string) => `Er is niets gewijzigd: ${why}`,
  nothing: 'Er is niets gewijzigd',
  reset: 'Standaard gebruiken',
  resetOf: (name: string) => `Standaard gebruiken: ${name}`,
  wasReset: 'De standaard geldt weer',
  between: (low: string, high: string) => `Een geheel getal van ${low} tot ${high}`,
  locked: (from: string) => `Vastgelegd door ${f.q(from)}; wijzig het daar.`,
  sources: { flag: 'Vlag', environment: 'Variabele', file: 'Configuratiebestand', stored: 'Hier opgeslagen', default: 'Standaard' },
  you: 'jou',
  somebody: 'een beheerder',
  storedBy: (who: string, when: string) => `Opgeslagen door ${who} · ${when}`,
  none: 'Geen',
  yes: 'Ja',
  no: 'Nee',
  names: {
    allowed_hosts: 'Namen waaronder de server bereikbaar is', cors_origins: 'Pagina’s van andere herkomst', trusted_proxies: 'Vertrouwde proxy’s', rate_limit_profile: 'Grens voor aanroepen',
    log_requests: 'Elke aanroep loggen', changelog_days: 'Dagen dat wijzigingen blijven', changelog_rows: 'Wijzigingen die blijven',
    data: 'Gegevensmap', listen: 'Luistert op', metrics_listen: 'Geeft meetwaarden op', memory: 'Geheugen', log_json: 'Log als JSON',
  } as Record<string, string>,
  abouts: {
    allowed_hosts: 'Eén per regel, zoals drive.example.com, of *.example.com voor alles eronder. Aanroepen onder een andere naam worden geweigerd. Leeg: elke naam.',
    cors_origins: 'Eén per regel, zoals https://app.example.com: pagina’s daarvan mogen de API met een token aanroepen. Leeg: alleen pagina’s van deze server.',
    trusted_proxies: 'Eén netwerk per regel, zoals 10.0.0.0/8. Wat zij zeggen over de herkomst van een aanroep wordt geloofd.',
    rate_limit_profile: 'Hoeveel een token, een gebruiker en een tenant per minuut mogen vragen.',
    log_requests: 'Anders alleen aanroepen waaraan de server mislukte.',
    changelog_days: 'Voor apparaten die lang weg waren.',
    changelog_rows: 'Van elke tenant, hoe oud ze ook zijn.',
  } as Record<string, string>,
  choices: { appliance: 'Ruim: houdt alleen uitschieters en aanvallen tegen', public: 'Zoals in de openbare dienst: 1.000 eenheden per minuut voor een token' } as Record<string, string>,
});

export default texts;
