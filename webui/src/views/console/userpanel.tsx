// One account beside the list: what it is, and what can be done with it.
import { useEffect, useState } from 'react';
import type { AdminUser, Invite, UpdateUser } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { Confirm, Dialog } from '../../components/dialog';
import { Select, TextField } from '../../components/field';
import { Avatar, BidiName } from '../../components/name';
import { Fact, When } from '../../components/parts';
import { useTexts, visible } from '../../i18n';
import { useDeleteUser, useResetPassword, useSetSuspended, useUpdateUser, useUser } from '../../state/admin';
import { useMe } from '../../state/signin';
import { useRoles } from './newuser';
import { Waiting, asGB, fromGB, useTell } from './page';
import { FindPerson, type Found } from '../people/find';
import { State } from './users';

type Asking = '' | 'suspend' | 'reset' | 'remove';

export function UserPanel({ id, onClose, onInvite }: { id: string; onClose: () => void; onInvite: (name: string, invite: Invite) => void }) {
  const t = useTexts('console');
  const common = useTexts('common');
  const { data: user, error, refetch } = useUser(id);
  const name = user ? visible(user.display_name || user.name) : '';
  return (
    <>
      <header>
        {user && <Avatar name={user.display_name || user.name} id={user.id} size="l" />}
        <h2 className="grow cut">{user ? <BidiName>{user.display_name || user.name}</BidiName> : t.users.title}</h2>
        <IconButton icon="x" label={common.close} onPress={onClose} />
      </header>
      {user ? <Account key={`${user.id} ${user.status}`} user={user} name={name} onClose={onClose} onInvite={onInvite} /> : <Waiting error={error} title={t.loadFailed} onRetry={() => void refetch()} />}
    </>
  );
}

function Account({ user, name, onClose, onInvite }: { user: AdminUser; name: string; onClose: () => void; onInvite: (name: string, invite: Invite) => void }) {
  const t = useTexts('console').users;
  const none = useTexts('console').never;
  const me = useMe();
  const tell = useTell();
  const options = useRoles();
  const update = useUpdateUser();
  const setSuspended = useSetSuspended();
  const reset = useResetPassword();
  const [asking, setAsking] = useState<Asking>('');
  const [shown, setShown] = useState(user.display_name);
  const [role, setRole] = useState<string>(user.admin_role ?? 'none');
  const [quota, setQuota] = useState(asGB(user.quota_bytes));
  useEffect(() => {
    setShown(user.display_name);
    setRole(user.admin_role ?? 'none');
    setQuota(asGB(user.quota_bytes));
  }, [user]);
  const bytes = fromGB(quota);
  const change: UpdateUser = {};
  if (shown.trim() !== user.display_name) change.display_name = shown.trim();
  if (role !== (user.admin_role ?? 'none')) change.admin_role = role as NonNullable<UpdateUser['admin_role']>;
  if (bytes !== undefined && bytes !== user.quota_bytes) change.quota_bytes = bytes ?? 0;
  const changed = Object.keys(change).length > 0;
  const self = user.id === me.id ? t.self : undefined;
  const deleted = user.status === 'deleted';
  return (
    <div className="panel-form">
      <dl className="dl">
        <Fact name={t.email}>{visible(user.email)}</Fact>
        <Fact name={t.columns.state}><State status={user.status} /></Fact>
        <Fact name={t.created}><When at={user.created_at} /></Fact>
        <Fact name={t.seen}>{user.last_login_at ? <When at={user.last_login_at} /> : none}</Fact>
        <Fact name={t.source}>{t.local}</Fact>
      </dl>
      {!deleted && (
        <>
          <form className="stack" onSubmit={(e) => { e.preventDefault(); if (changed && bytes !== undefined) void tell(() => update.mutateAsync({ id: user.id, ...change }), t.saved(name)); }}>
            <TextField label={t.displayName} value={shown} onChange={setShown} autoComplete="off" />
            <Select label={t.role} value={role} onChange={setRole} options={options.some((o) => o.id === role) ? options : [...options, { id: role, text: t.roles[role] ?? role }]} isDisabled={Boolean(self)} {...(self ? { help: self } : {})} />
            <TextField label={t.quota} value={quota} onChange={setQuota} inputMode="decimal" help={t.quotaHelp} error={bytes === undefined ? t.quotaBad : undefined} autoComplete="off" />
            <Button type="submit" kind="primary" isDisabled={!changed || bytes === undefined}>{t.save}</Button>
          </form>
          <div className="row acts">
            {user.status === 'suspended'
              ? <Button icon="okc" onPress={() => void tell(() => setSuspended.mutateAsync({ id: user.id, suspended: false }), t.activated(name))}>{t.activate}</Button>
              : <Button icon="ban" reason={self} onPress={() => setAsking('suspend')}>{t.suspend}</Button>}
            <Button icon="key" reason={self} onPress={() => setAsking('reset')}>{t.reset}</Button>
            <Button icon="trash" reason={self} onPress={() => setAsking('remove')}>{t.remove}</Button>
          </div>
        </>
      )}
      {asking === 'suspend' && (
        <Confirm title={t.suspendTitle(name)} text={t.suspendText} safe={t.keepIn} action={t.suspend} onClose={() => setAsking('')}
          onConfirm={() => { setAsking(''); void tell(() => setSuspended.mutateAsync({ id: user.id, suspended: true }), t.suspended(name)); }} />
      )}
      {asking === 'reset' && (
        <Confirm title={t.resetTitle(name)} text={t.resetText} safe={t.keep} action={t.resetDo} onClose={() => setAsking('')}
          onConfirm={() => { setAsking(''); void tell(async () => { const u = await reset.mutateAsync(user.id); if (u.invite) onInvite(name, u.invite); }); }} />
      )}
      {asking === 'remove' && <Remove user={user} name={name} onClose={() => setAsking('')} onDone={() => { setAsking(''); onClose(); }} />}
    </div>
  );
}

// Deletion for good: whoever does it chooses who gets the shares.
function Remove({ user, name, onClose, onDone }: { user: AdminUser; name: string; onClose: () => void; onDone: () => void }) {
  const t = useTexts('console').users;
  const tell = useTell();
  const remove = useDeleteUser();
  const [heir, setHeir] = useState<Found | null>(null);
  return (
    <Dialog alert title={t.removeTitle(name)} onClose={onClose} footer={(
      <>
        <span className="push" />
        <Button kind="danger" onPress={() => void tell(() => remove.mutateAsync({ id: user.id, heir: heir?.id ?? '' }), t.removed(name)).then((ok) => { if (ok) onDone(); })}>{t.remove}</Button>
        <Button kind="primary" autoFocus onPress={onClose}>{t.keep}</Button>
      </>
    )}>
      <div className="body">
        <p>{t.removeText}</p>
        <p className="row gap-2"><span className="label">{t.heir}</span><span className="strong">{heir ? <BidiName>{heir.name}</BidiName> : t.heirMe}</span></p>
        <FindPerson label={t.heir} action={t.heir} except={[user.id]} choose={setHeir} />
      </div>
    </Dialog>
  );
}
