// Who asks to join a share.
import { useState } from 'react';
import type { JoinRequest, Share } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Avatar, BidiName } from '../../components/name';
import { Badge, When } from '../../components/parts';
import { ErrorState } from '../../components/states';
import { useTexts, visible } from '../../i18n';
import { toast } from '../../state/announce';
import { explain } from '../../state/explain';
import { useJoinRequests, useShareLife } from '../../state/sharelife';
import { type Role, roles } from './people';

export function Joins({ share: s }: { share: Share }) {
  const t = useTexts('sharelife');
  const common = useTexts('common');
  const list = useJoinRequests(s.id, true);
  const open = (list.data ?? []).filter((q) => q.status === 'open');
  if (s.visibility === 'private' && !open.length) return null;
  return (
    <section className="stack" aria-label={t.joins}>
      <h3>{t.joins}</h3>
      {list.error && !list.data ? <ErrorState level={3} title={t.joinsFailed} text={common.filesFine} onRetry={() => void list.refetch()} />
        : !open.length ? <p className="small muted">{t.noJoins}</p> : <ul className="people">{open.map((q) => <Request key={q.user_id} share={s.id} request={q} />)}</ul>}
    </section>
  );
}

function Request({ share, request: q }: { share: string; request: JoinRequest }) {
  const t = useTexts('sharelife');
  const r = useTexts('sharing');
  const common = useTexts('common');
  const { answer } = useShareLife(share);
  const [role, setRole] = useState<Role>(q.role);
  const tell = async (how: 'accept' | 'refuse') => {
    try {
      await answer.mutateAsync({ who: q.user_id, how, ...(how === 'accept' ? { role } : {}) });
      toast((how === 'accept' ? t.letIn : t.refused)(q.name), { kind: 'done' });
    } catch (e) {
      toast(t.failed(explain(e, common)), { kind: 'alert' });
    }
  };
  return (
    <li className="member">
      <Avatar name={q.name} id={q.user_id} size="l" />
      <div className="who"><BidiName className="cut">{q.name}</BidiName><span className="cut">{visible(q.email)}{q.created_at ? <>, <When at={q.created_at} /></> : null}</span>{q.message ? <span>{visible(q.message)}</span> : null}</div>
      <Badge kind="info" icon="help">{t.asks}</Badge>
      <select className="select" aria-label={t.roleFor(visible(q.name))} value={role} onChange={(e) => setRole(e.target.value as Role)}>{roles.map((x) => <option key={x} value={x}>{r.roles[x]}</option>)}</select>
      <Button small kind="primary" label={t.acceptOf(visible(q.name))} isDisabled={answer.isPending} onPress={() => void tell('accept')}>{t.accept}</Button>
      <Button small label={t.refuseOf(visible(q.name))} isDisabled={answer.isPending} onPress={() => void tell('refuse')}>{t.refuse}</Button>
    </li>
  );
}
