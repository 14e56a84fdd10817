// The sidebar: what is mine, the shares with my role, what needs care.
import { IconButton } from '../../components/button';
import { Icon } from '../../components/icon';
import { Avatar, BidiName } from '../../components/name';
import { useSpoken, useTexts } from '../../i18n';
import { usePath, useQueryValue } from '../../state/router';
import { useMe, useConfig } from '../../state/signin';
import { useShares } from '../../state/shares';
import { type ViewRow, views } from '../table';

export function Places() {
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
  const rows = views.filter((v) => v.nav?.group === of);
  if (!rows.length) return null;
  return (
    <ul>
      {rows.map((v) => (
        <li key={v.path}><a href={v.path} {...(path === v.path ? { 'aria-current': 'page' } : {})}>{v.nav && <Icon name={v.nav.icon} />}<span className="cut">{v.nav?.text(texts)}</span></a></li>
      ))}
    </ul>
  );
}
