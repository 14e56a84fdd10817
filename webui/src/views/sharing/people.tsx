// Who has a role in a share, and who is asked to come.
import { type FormEvent, useState } from 'react';
import type { ShareMember } from '../../api/types_gen';
import { Button } from '../../components/button';
import { DateField } from '../../components/field';
import { Icon } from '../../components/icon';
import { type MenuEntry, MenuButton } from '../../components/menu';
import { Avatar, BidiName } from '../../components/name';
import { Badge, Note } from '../../components/parts';
import { ErrorState, Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { toast } from '../../state/announce';
import { explain } from '../../state/explain';
import { useMayManage, useMemberChanges, useMembers } from '../../state/sharing';
import { useMe } from '../../state/signin';
import { FindPerson, type Found } from '../people/find';
import { Invitations } from './invite';

export type Role = 'admin' | 'contributor' | 'reader';
export const roles: readonly Role[] = ['contributor', 'reader', 'admin'];

/** The last second of a day, as its field gives it. */
export const endOf = (day: string) => {
  const [y = 0, m = 1, d = 1] = day.split('-').map(Number);
  return new Date(y, m - 1, d, 23, 59, 59).toISOString();
};

export const dayOf = (moment: string) => {
  const d = new Date(moment);
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`;
};

export function People({ share, shareName, whole }: { share: string; shareName: string; whole: boolean }) {
  const t = useTexts('sharing');
  const common = useTexts('common');
  const may = useMayManage(share);
  const [role, setRole] = useState<Role>('contributor');
  const members = useMembers(share);
  const { add } = useMemberChanges(share);
  const put = async (who: Found) => {
    try {
      await add.mutateAsync({ principal_id: who.id, role });
      toast(t.added(who.name, t.roles[role] ?? role), { kind: 'done' });
    } catch (e) {
      toast(t.notAdded(who.name, explain(e, common)), { kind: 'alert' });
    }
  };
  return (
    <div className="pane">
      {!whole && <Note>{t.inShare(shareName)}</Note>}
      {may ? (
        <FindPerson label={t.find} help={t.findHelp} action={t.add} except={(members.data ?? []).map((m) => m.principal_id)} choose={(who) => void put(who)} autoFocus aside={(
          <label className="field"><span className="label">{t.role}</span>
            <select className="select" value={role} onChange={(e) => setRole(e.target.value as Role)}>{roles.map((r) => <option key={r} value={r}>{t.roles[r]}</option>)}</select>
          </label>
        )} />
      ) : <Note icon="lock">{t.onlyManagers}</Note>}
      <section aria-label={t.people}>
        {members.data ? <ul className="people">{members.data.map((m) => <Member key={m.principal_id} share={share} member={m} may={may} />)}</ul>
          : members.error ? <ErrorState title={t.peopleFailed} text={common.filesFine} level={3} onRetry={() => void members.refetch()} /> : <Skeleton rows={3} />}
      </section>
      {may && <Invitations share={share} />}
    </div>
  );
}

function Member({ share, member: m, may }: { share: string; member: ShareMember; may: boolean }) {
  const t = useTexts('sharing');
  const common = useTexts('common');
  const f = useFormat();
  const me = useMe();
  const { update, remove } = useMemberChanges(share);
  const [end, setEnd] = useState<string | null>(null);
  const self = m.principal_id === me.id;
  const shown = visible(m.name);
  const over = m.expires_at !== null && new Date(m.expires_at) < new Date();
  const change = async (body: Parameters<typeof update.mutateAsync>[0]) => {
    try {
      await update.mutateAsync(body);
      setEnd(null);
      toast(t.changed(m.name), { kind: 'done' });
    } catch (e) {
      toast(t.notChanged(m.name, explain(e, common)), { kind: 'alert' });
    }
  };
  const take = async () => {
    try {
      await remove.mutateAsync(m.principal_id);
      toast(t.removed(m.name), { kind: 'done' });
    } catch (e) {
      toast(t.notRemoved(m.name, explain(e, common)), { kind: 'alert' });
    }
  };
  const entries: MenuEntry[] = [
    { id: 'role', title: t.roles[m.role] ?? m.role, chosen: m.role, options: roles.map((r) => ({ id: r, text: t.roles[r] ?? r })), choose: (r) => { if (r !== m.role) void change({ who: m.principal_id, role: r as Role }); } },
    'line',
    { id: 'end', text: m.expires_at ? t.changeEnd : t.setEnd, icon: 'cal', run: () => setEnd(m.expires_at ? dayOf(m.expires_at) : '') },
    ...(m.expires_at ? [{ id: 'noend', text: t.noEnd, icon: 'x' as const, run: () => void change({ who: m.principal_id, unlimited: true }) }] : []),
    'line',
    { id: 'remove', text: self ? t.leave : t.remove, icon: 'ban', danger: true, run: () => void take() },
  ];
  return (
    <li className="member">
      <Avatar name={m.name} id={m.principal_id} square={m.principal_type === 'group'} size="l" />
      <div className="who">
        <BidiName className="cut">{self ? t.you(m.name) : m.name}</BidiName>
        <span className={`cut${over ? ' warn' : ''}`}>{m.principal_type === 'group' ? t.group : visible(m.email ?? '')}{m.expires_at ? ` · ${(over ? t.ended : t.until)(f.when(new Date(m.expires_at)))}` : ''}</span>
      </div>
      {may && m.role !== 'owner'
        ? <MenuButton label={t.roleOf(shown, t.roles[m.role] ?? m.role)} entries={entries} button={<Button small kind="quiet" label={t.roleOf(shown, t.roles[m.role] ?? m.role)}>{t.roles[m.role]}<Icon name="down" size="s" /></Button>} />
        : self && m.role !== 'owner' ? <><Badge>{t.roles[m.role]}</Badge><Button small onPress={() => void take()}>{t.leave}</Button></> : <Badge>{t.roles[m.role]}</Badge>}
      {end !== null && (
        <form className="endform" onSubmit={(e: FormEvent) => { e.preventDefault(); if (end) void change({ who: m.principal_id, expires_at: endOf(end) }); }}>
          <div className="grow"><DateField label={t.endOf(shown)} value={end} min={dayOf(new Date().toISOString())} autoFocus onChange={setEnd} /></div>
          <Button type="submit" kind="primary" isDisabled={!end}>{t.save}</Button>
          <Button kind="quiet" onPress={() => setEnd(null)}>{common.cancel}</Button>
        </form>
      )}
    </li>
  );
}
