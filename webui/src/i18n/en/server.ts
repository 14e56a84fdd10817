// The settings of the server, in the console.
import type { Format } from '../format';

const texts = (f: Format) => ({
  title: 'Server',
  failed: 'The server’s settings didn’t load',
  about: 'These hold for the whole server, with all its tenants. What a flag, a variable or the config file says goes first and is locked here.',
  stored: 'Counts at once',
  atStart: 'Set at the start',
  atStartHelp: 'By flag, environment variable or config file; a change counts after a restart.',
  save: 'Save settings',
  saved: 'The settings are saved and count from now on',
  refused: (why: string) => `Nothing is changed: ${why}`,
  nothing: 'Nothing is changed',
  reset: 'Use the default',
  resetOf: (name: string) => `Use the default: ${name}`,
  wasReset: 'The default counts again',
  between: (low: string, high: string) => `A whole number, ${low} to ${high}`,
  locked: (from: string) => `Fixed by ${f.q(from)}; change it there.`,
  sources: { flag: 'Flag', environment: 'Variable', file: 'Config file', stored: 'Stored here', default: 'Default' },
  you: 'you',
  somebody: 'an administrator',
  storedBy: (who: string, when: string) => `Stored by ${who} · ${when}`,
  none: 'None',
  yes: 'Yes',
  no: 'No',
  names: {
    allowed_hosts: 'Names by which the server is reached', cors_origins: 'Pages of other origins', trusted_proxies: 'Trusted proxies', rate_limit_profile: 'Limit of calls',
    log_requests: 'Log every call', changelog_days: 'Days that changes are kept', changelog_rows: 'Changes that are kept',
    data: 'Data directory', listen: 'Listens on', metrics_listen: 'Gives figures on', memory: 'Memory', log_json: 'Log as JSON',
  } as Record<string, string>,
  abouts: {
    allowed_hosts: 'One a line, such as drive.example.com, or *.example.com for all below. Calls by another name are refused. Empty: any name.',
    cors_origins: 'One a line, such as https://app.example.com: their pages may call the API with a token. Empty: pages of this server only.',
    trusted_proxies: 'One network a line, such as 10.0.0.0/8. What these say about where a call comes from is believed.',
    rate_limit_profile: 'How much a token, a user and a tenant may ask for in a minute.',
    log_requests: 'Otherwise only calls that the server failed at.',
    changelog_days: 'For devices that were away for long.',
    changelog_rows: 'Of each tenant, however old they are.',
  } as Record<string, string>,
  choices: { appliance: 'Generous: stops runaways and attacks only', public: 'As in the public service: 1,000 units a minute for a token' } as Record<string, string>,
});

export default texts;
