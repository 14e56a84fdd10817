// People: their accounts, roles, quotas; who may sign in.
import { useEffect, useMemo, useState } from 'react';
import { type Selection, among, count, isSelected, none } from '../../components/selection';
import type { AdminUser, Invite } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { Confirm, Dialog } from '../../components/dialog';
import { TextField } from '../../components/field';
import { type Column, VirtualGrid } from '../../components/grid';
import { Avatar, BidiName } from '../../components/name';
import { Badge, When } from '../../components/parts';
import { EmptyState } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { toast } from '../../state/announce';
import { type UserStatus, everyUser, useSuspendMany, useUsers } from '../../state/admin';
import { navigate, useQueryValue, withQuery } from '../../state/router';
import { useMe } from '../../state/signin';
import { ConsolePage, Filter, Waiting, useWhy } from './page';
import { NewUser } from './newuser';
import { UserPanel } from './userpanel';

const kinds: Record<UserStatus, 'ok' | 'info' | 'danger' | 'warn' | undefined> = { active: 'ok', pending: 'info', suspended: 'danger', inactive: 'warn', deleted: undefined };
const states: readonly UserStatus[] = ['active', 'pending', 'suspended', 'inactive', 'deleted'];

export default function Users() {
  const t = useTexts('console');
  const common = useTexts('common');
  const f = useFormat();
  const [search] = useQueryValue('q');
  const [status, setStatus] = useQueryValue('status');
  const [chosen, setChosen] = useQueryValue('user', { push: true });
  const [dialog, setDialog] = useQueryValue('dialog', { push: true });
  const [invited, setInvited] = useState<{ name: string; invite: Invite } | null>(null);
  const filter = states.find((s) => s === status) ?? '';
  const list = useUsers({ search, status: filter });
  const [selection, setSelection] = useState<Selection>(none);
  // Who is filtered out leaves the selection: nobody is shut out unseen.
  const { rows, isPlaceholderData: stale } = list;
  useEffect(() => {
    if (!stale) setSelection((was) => among(was, new Set(rows.map((u) => u.id))));
    // Rows that are loaded later take nobody out.
  }, [search, filter, stale]);
  const choose = (s: Selection) => {
    setSelection(s);
    const [one] = s.keys;
    if (s.all || s.keys.size !== 1 || !one) return;
    if (chosen) navigate(withQuery({ user: one }), { replace: true });
    else setChosen(one);
  };
  const columns = useMemo<Column<AdminUser>[]>(() => [
    { id: 'name', title: t.users.columns.name, cell: (u) => (
      <span className="row gap-3"><Avatar name={u.display_name || u.name} id={u.id} />
        <span className="who-cell"><BidiName className="name">{u.display_name || u.name}</BidiName><span className="tiny muted">{visible(u.email)}</span></span></span>
    ) },
    { id: 'role', title: t.users.columns.role, width: 11, from: 'opt', cell: (u) => t.users.roles[u.admin_role ?? 'none'] },
    { id: 'state', title: t.users.columns.state, width: 7.5, cell: (u) => <State status={u.status} /> },
    { id: 'quota', title: t.users.columns.quota, width: 6, end: true, from: 'wide', cell: (u) => (u.quota_bytes === null ? '' : f.size(u.quota_bytes)) },
    { id: 'seen', title: t.users.columns.seen, width: 8.5, from: 'opt', cell: (u) => (u.last_login_at ? <When at={u.last_login_at} /> : t.never) },
  ], [t, f]);
  return (
    <ConsolePage title={t.users.title} actions={<Button kind="primary" icon="useradd" onPress={() => setDialog('new-user')}>{t.users.newUser}</Button>}
      {...(list.data ? { status: t.users.count(list.total) } : {})} detailsLabel={t.users.title}
      details={chosen ? <UserPanel key={chosen} id={chosen} onClose={() => setChosen('')} onInvite={(name, invite) => setInvited({ name, invite })} /> : undefined}>
      {count(selection, list.total) > 1 ? <Several selection={selection} n={count(selection, list.total)} query={{ search, status: filter }} onDone={() => setSelection(none)} /> : <Filter label={t.search}>
        <select className="select" aria-label={t.users.stateFilter} value={filter} onChange={(e) => setStatus(e.target.value)}>
          <option value="">{t.users.allStates}</option>
          {states.map((s) => <option key={s} value={s}>{t.users.states[s]}</option>)}
        </select>
      </Filter>}
      {!list.data ? <Waiting error={list.error} title={t.loadFailed} onRetry={() => void list.refetch()} />
        : !list.rows.length ? <EmptyState title={search || filter ? t.noMatch : t.users.empty} text={search || filter ? t.noMatchText : t.users.emptyText} />
          : <VirtualGrid label={t.users.title} columns={columns} length={Math.max(list.total, list.rows.length)} rowAt={(i) => list.rows[i]} keyOf={(u) => u.id} nameOf={(u) => u.display_name || u.name}
              selection={selection} onSelection={choose} selectLabel={common.select} selectAllLabel={common.selectAll(list.total)} onOpen={(u) => setChosen(u.id)} onNeed={list.need} rowClass={(u) => (u.id === chosen ? 'chosen' : '')} />}
      {dialog === 'new-user' && <NewUser onClose={() => setDialog('')} onMade={(u) => { setDialog(''); if (u.invite) setInvited({ name: u.display_name || u.name, invite: u.invite }); }} />}
      {invited && <InviteLink name={invited.name} invite={invited.invite} onClose={() => setInvited(null)} />}
    </ConsolePage>
  );
}

// What can be done with several people at once.
function Several({ selection, n, query, onDone }: { selection: Selection; n: number; query: { search: string; status: '' | UserStatus }; onDone: () => void }) {
  const t = useTexts('console').users;
  const common = useTexts('common');
  const me = useMe();
  const why = useWhy();
  const [asking, setAsking] = useState(false);
  const run = useSuspendMany();
  const act = async (suspended: boolean) => {
    setAsking(false);
    try {
      const ids = (selection.all ? (await everyUser(query)).map((u) => u.id).filter((id) => isSelected(selection, id)) : [...selection.keys]).filter((id) => id !== me.id);
      if (!ids.length) return void toast(t.notYou, { kind: 'alert' });
      const { done, failed, error } = await run.mutateAsync({ ids, suspended });
      if (done) toast((suspended ? t.suspendedMany : t.activatedMany)(done), { kind: 'done' });
      if (failed) toast(t.manyFailed(failed, why(error)), { kind: 'alert' });
      onDone();
    } catch (e) {
      toast(why(e), { kind: 'alert' });
    }
  };
  return (
    <div className="selbar" role="toolbar" aria-label={common.selected(n)}>
      <span className="say">{common.selected(n)}</span>
      <Button small kind="quiet" icon="ban" isDisabled={run.isPending} onPress={() => setAsking(true)}>{t.suspendMany(n)}</Button>
      <Button small kind="quiet" icon="okc" isDisabled={run.isPending} onPress={() => void act(false)}>{t.activateMany(n)}</Button>
      <span className="push"><IconButton small icon="x" label={common.clearSelection} onPress={onDone} /></span>
      {asking && <Confirm title={t.suspendManyTitle(n)} text={t.suspendText} safe={t.keepIn} action={t.suspendMany(n)} onClose={() => setAsking(false)} onConfirm={() => void act(true)} />}
    </div>
  );
}

export function State({ status }: { status: UserStatus }) {
  const t = useTexts('console');
  const kind = kinds[status];
  return <Badge {...(kind ? { kind } : {})} icon={status === 'active' ? 'check' : status === 'suspended' ? 'ban' : 'clock'}>{t.users.states[status]}</Badge>;
}

/** Shows a link that is told only once. */
export function InviteLink({ name, invite, onClose }: { name: string; invite: Invite; onClose: () => void }) {
  const t = useTexts('console').users;
  const f = useFormat();
  return (
    <Dialog title={t.inviteTitle(name)} onClose={onClose} footer={<><span className="push" /><Button kind="primary" onPress={onClose}>{t.done}</Button></>}>
      <div className="body">
        <p>{t.inviteText(f.exactly(new Date(invite.expires_at)))}</p>
        <div className="row gap-2">
          <div className="grow"><TextField label={t.inviteLink} value={invite.url} onChange={() => {}} autoFocus select="all" spellCheck={false} /></div>
          <IconButton icon="copy" label={t.copyLink} onPress={() => { void navigator.clipboard?.writeText(invite.url).then(() => toast(t.copied, { kind: 'done' })); }} />
        </div>
      </div>
    </Dialog>
  );
}
