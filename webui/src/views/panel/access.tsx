import { Button } from '../../components/button';
import { Avatar, BidiName } from '../../components/name';
import { Badge } from '../../components/parts';
import { ErrorState, Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { navigate, withQuery } from '../../state/router';
import { kindOf, useEffective, useEntries, useMembers } from '../../state/sharing';
import { useMe } from '../../state/signin';
import { allRights, useWhom } from '../sharing/permissions';

export function Access({ share, id }: { share: string; id: string }) {
  const t = useTexts('panel');
  const s = useTexts('sharing');
  const common = useTexts('common');
  const f = useFormat();
  const me = useMe();
  const whom = useWhom();
  const members = useMembers(share);
  const mine = useEffective(id, '');
  const manage = mine.data?.can_manage_permissions ?? false;
  const entries = useEntries(id, manage);
  const open = (tab: string) => navigate(withQuery({ share: id, tab }));
  const can = (mine.data?.permission_names ?? []).map((r) => s.verbs[r] ?? r);
  const special = manage ? (entries.data?.acl.entries ?? []) : [];
  return (
    <div className="paneldata">
      {mine.data && <p>{can.length ? <><strong>{t.youCan}</strong> {f.list(can)}.</> : t.youCanNothing}</p>}
      <section aria-label={t.people}>
        {members.data ? (
          <ul className="people">
            {members.data.map((m) => (
              <li key={m.principal_id}>
                <Avatar name={m.name} id={m.principal_id} square={m.principal_type === 'group'} />
                <div className="who"><BidiName className="cut">{m.principal_id === me.id ? s.you(m.name) : m.name}</BidiName><span className="cut">{m.expires_at ? s.until(f.when(new Date(m.expires_at))) : m.principal_type === 'group' ? s.group : visible(m.email ?? '')}</span></div>
                <Badge>{s.roles[m.role]}</Badge>
              </li>
            ))}
            {special.map((e) => (
              <li key={e.id}>
                <Avatar name={whom(e)} id={e.principal_id} square={e.principal_type !== 'user'} />
                <div className="who"><BidiName className="cut">{whom(e)}</BidiName><span className="cut">{e.permissions.length === allRights.length ? s.allRights : e.permissions.map((r) => s.right[r]).join(', ')} · {e.inherited_from ? s.above : s.here}</span></div>
                <Badge {...(e.ace_type === 'deny' ? { kind: 'danger' as const, icon: 'ban' as const } : { kind: 'ok' as const, icon: 'check' as const })}>{e.ace_type === 'deny' ? s.deny : s.allow}</Badge>
              </li>
            ))}
          </ul>
        ) : members.error ? <ErrorState level={3} title={t.peopleFailed} text={common.filesFine} onRetry={() => void members.refetch()} /> : <Skeleton rows={3} />}
      </section>
      <div className="row wrap">
        <Button small icon="useradd" onPress={() => open('')}>{t.shareIt}</Button>
        {(manage || kindOf(id) !== 'share') && <Button small kind="quiet" icon="help" onPress={() => open('permissions')}>{t.why}</Button>}
      </div>
    </div>
  );
}
