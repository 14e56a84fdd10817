// Making an account.
import { type FormEvent, useId, useState } from 'react';
import type { AdminUser } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { Select, TextField } from '../../components/field';
import { useTexts } from '../../i18n';
import { type AdminRole, useCreateUser, useIsAdmin } from '../../state/admin';
import { useWhy } from './page';

export const roles: readonly AdminRole[] = ['tenant_admin', 'partner_admin', 'super_admin'];

/** Gives the roles that the person may give, as options of a field. */
export function useRoles() {
  const t = useTexts('console').users;
  const may = { tenant_admin: useIsAdmin('tenant_admin'), partner_admin: useIsAdmin('partner_admin'), super_admin: useIsAdmin('super_admin') };
  return [{ id: 'none', text: t.roles.none ?? '' }, ...roles.filter((r) => may[r]).map((r) => ({ id: r, text: t.roles[r] ?? r }))];
}

export function NewUser({ onClose, onMade }: { onClose: () => void; onMade: (u: AdminUser) => void }) {
  const t = useTexts('console').users;
  const common = useTexts('common');
  const create = useCreateUser();
  const why = useWhy();
  const form = useId();
  const options = useRoles();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState('none');
  const [error, setError] = useState('');
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (create.isPending) return;
    try {
      onMade(await create.mutateAsync({ email: email.trim(), name: name.trim(), ...(role === 'none' ? {} : { admin_role: role as AdminRole }) }));
    } catch (problem) {
      setError(why(problem));
    }
  };
  return (
    <Dialog title={t.newUser} onClose={onClose} footer={(
      <>
        <span className="push" />
        <Button kind="quiet" onPress={onClose}>{common.cancel}</Button>
        <button className="btn primary" type="submit" form={form} aria-disabled={create.isPending}>{t.create}</button>
      </>
    )}>
      <form className="body" id={form} onSubmit={(e) => void submit(e)} noValidate>
        <TextField label={t.email} type="email" value={email} error={error} autoFocus autoComplete="off" onChange={(v) => { setEmail(v); setError(''); }} />
        <TextField label={t.fullName} value={name} autoComplete="off" onChange={(v) => { setName(v); setError(''); }} />
        <Select label={t.role} value={role} onChange={setRole} options={options} />
      </form>
    </Dialog>
  );
}
