// Making an account.
import { useState } from 'react';
import type { AdminUser } from '../../api/types_gen';
import { Select, TextField } from '../../components/field';
import { useTexts } from '../../i18n';
import { type AdminRole, useCreateUser, useIsAdmin } from '../../state/admin';
import { MakeDialog } from './make';

export const roles: readonly AdminRole[] = ['tenant_admin', 'partner_admin', 'super_admin'];

/** Gives the roles that the person may give, as options of a field. */
export function useRoles() {
  const t = useTexts('console').users;
  const may = { tenant_admin: useIsAdmin('tenant_admin'), partner_admin: useIsAdmin('partner_admin'), super_admin: useIsAdmin('super_admin') };
  return [{ id: 'none', text: t.roles.none ?? '' }, ...roles.filter((r) => may[r]).map((r) => ({ id: r, text: t.roles[r] ?? r }))];
}

export function NewUser({ onClose, onMade }: { onClose: () => void; onMade: (u: AdminUser) => void }) {
  const t = useTexts('console').users;
  const create = useCreateUser();
  const options = useRoles();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState('none');
  const make = async () => onMade(await create.mutateAsync({ email: email.trim(), name: name.trim(), ...(role === 'none' ? {} : { admin_role: role as AdminRole }) }));
  return (
    <MakeDialog title={t.newUser} action={t.create} busy={create.isPending} onClose={onClose} make={make}>
      {({ error, typed }) => (
        <>
          <TextField label={t.email} type="email" value={email} error={error} autoFocus autoComplete="off" onChange={typed(setEmail)} />
          <TextField label={t.fullName} value={name} autoComplete="off" onChange={typed(setName)} />
          <Select label={t.role} value={role} onChange={setRole} options={options} />
        </>
      )}
    </MakeDialog>
  );
}
