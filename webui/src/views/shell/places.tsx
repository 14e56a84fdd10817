// The sidebar: what is mine, the shares with my role, what needs care.
import { IconButton } from '../../components/button';
import { Icon } from '../../components/icon';
import { Avatar, BidiName } from '../../components/name';
import { useFormat, useSpoken, useTexts } from '../../i18n';
import { usePath, useQueryValue } from '../../state/router';
import { useConflictCount } from '../../state/conflicts';
import { useMe, useConfig } from '../../state/signin';
import { useShares } from '../../state/shares';
import { useIsAdmin } from '../../state/admin';
import { type ConsoleSection, type ViewRow, views } from '../table';

export const inConsole = (path: string) => path === '/admin' || path.startsWith('/admin/');

/** The sidebar: of the console inside of it, of the files elsewhere. */
export function Places() {
  return inConsole(usePath()) ? <ConsolePlaces /> : <FilePlaces />;
}

const sections: readonly ConsoleSection[] = ['overview', 'people', 'storage', 'system'];

function ConsolePlaces() {
  const t = useTexts('console');
  const admin = useIsAdmin();
  if (!admin) return null;
  return sections.map((s) => <div key={s}><h2>{t.sections[s]}</h2><Group of={s} /></div>);
}

function FilePlaces() {
  const t = useTexts('files');
  const common = useTexts('common');
  const path = usePath();
  const me = useMe();
  const { data } = useShares();
  const { data: config } = useConfig();
  const [, setNew] = useQueryValue('new', { push: true });
  const shares = (data ?? []).filter((s) => !(s.type === 'personal' && s.owner_id === me.id));
  return (
    <>
      <Group of="mine" />
      <div>
        <h2><a href="/" {...(path === '/' ? { 'aria-current': 'page' } : {})}>{t.shares}</a><IconButton icon="plus" small label={t.newShare} onPress={() => setNew('share')} /></h2>
        <ul>
          {shares.map((s) => (
            <li key={s.id}>
              <a href={`/files/${s.id}`} {...(path.startsWith(`/files/${s.id}`) ? { 'aria-current': 'page' } : {})}>
                <Avatar name={s.name} id={s.id} square size="s" /><span className="cut"><BidiName>{s.name}</BidiName></span><span className="role">{t.roles[s.role ?? 'none'] ?? s.role}</span>
              </a>
            </li>
          ))}
        </ul>
      </div>
      <Group of="care" />
      <div className="store">
        {config?.test_mode && <p className="warn">{common.testMode}</p>}
        {config && <p className="muted">{common.version(config.version)}</p>}
      </div>
    </>
  );
}

function Group({ of }: { of: NonNullable<ViewRow['nav']>['group'] }) {
  const { texts } = useSpoken();
  const path = usePath();
  const has = { partner_admin: useIsAdmin('partner_admin'), super_admin: useIsAdmin('super_admin') };
  const rows = views.filter((v) => v.nav?.group === of && (!v.nav.role || has[v.nav.role]));
  if (!rows.length) return null;
  return (
    <ul>
      {rows.map((v) => (
        <li key={v.path}><a href={v.path} {...(path === v.path ? { 'aria-current': 'page' } : {})}>{v.nav && <Icon name={v.nav.icon} />}<span className="cut">{v.nav?.text(texts)}</span>{v.nav?.count && <Waiting />}</a></li>
      ))}
    </ul>
  );
}

// How many conflicts wait.
function Waiting() {
  const n = useConflictCount();
  const f = useFormat();
  return n > 0 ? <span className="count hot">{f.number(n)}</span> : null;
}
