// Partners and their tenants, for those who administer them.
import { useState } from 'react';
import type { Tenant } from '../../api/types_gen';
import { Button } from '../../components/button';
import { AskName, Confirm } from '../../components/dialog';
import { Select, TextField } from '../../components/field';
import { type Column, VirtualGrid } from '../../components/grid';
import { Avatar, BidiName } from '../../components/name';
import { Badge, Note, When } from '../../components/parts';
import { EmptyState } from '../../components/states';
import { useTexts, visible } from '../../i18n';
import { useCreatePartner, useCreateTenant, useIsAdmin, usePartners, useSetPartnerStatus, useSetTenantStatus, useTenants } from '../../state/admin';
import { useQueryValue } from '../../state/router';
import { useMe } from '../../state/signin';
import type { Invite } from '../../api/types_gen';
import { MakeDialog } from './make';
import { ConsolePage, Waiting, useTell, useWhy } from './page';
import { InviteLink } from './users';

export default function Tenants() {
  const t = useTexts('console');
  const me = useMe();
  const why = useWhy();
  const tell = useTell();
  const platform = useIsAdmin('super_admin');
  const partners = usePartners();
  const [wanted, setPartner] = useQueryValue('partner');
  const [dialog, setDialog] = useQueryValue('dialog', { push: true });
  const partner = wanted || partners.data?.find((p) => p.id === me.partner_id)?.id || partners.data?.[0]?.id || '';
  const list = useTenants(partner);
  const createPartner = useCreatePartner();
  const setStatus = useSetTenantStatus();
  const setPartnerStatus = useSetPartnerStatus();
  const [asking, setAsking] = useState<Tenant | null>(null);
  const [shutting, setShutting] = useState(false);
  const at = partners.data?.find((p) => p.id === partner);
  const partnerName = at ? visible(at.display_name || at.name) : '';
  const [invited, setInvited] = useState<{ name: string; invite: Invite } | null>(null);
  const named = (x: Tenant) => visible(x.display_name || x.name);
  const columns: Column<Tenant>[] = [
    { id: 'name', title: t.tenants.columns.name, cell: (x) => <span className="row gap-3"><Avatar name={x.display_name || x.name} id={x.id} square /><BidiName className="name cut">{x.display_name || x.name}</BidiName></span> },
    { id: 'state', title: t.tenants.columns.state, width: 8, cell: (x) => <Badge kind={x.status === 'active' ? 'ok' : 'danger'} icon={x.status === 'active' ? 'check' : 'ban'}>{t.tenants.states[x.status]}</Badge> },
    { id: 'created', title: t.tenants.columns.created, width: 8.5, from: 'opt', cell: (x) => <When at={x.created_at} /> },
    { id: 'acts', title: t.tenants.suspend, hideTitle: true, width: 9, end: true, cell: (x) => (x.status === 'active'
      ? <Button small reason={x.id === me.tenant_id ? t.tenants.own : undefined} label={`${t.tenants.suspend}: ${named(x)}`} onPress={() => setAsking(x)}>{t.tenants.suspend}</Button>
      : <Button small label={`${t.tenants.activate}: ${named(x)}`} onPress={() => void tell(() => setStatus.mutateAsync({ partner, id: x.id, status: 'active' }), t.tenants.activated(named(x)))}>{t.tenants.activate}</Button>) },
  ];
  const rows = list.data ?? [];
  return (
    <ConsolePage role="partner_admin" title={t.tenants.title} actions={(
      <>
        {platform && <Button icon="plus" onPress={() => setDialog('new-partner')}>{t.tenants.newPartner}</Button>}
        <Button kind="primary" icon="plus" isDisabled={!partner} onPress={() => setDialog('new-tenant')}>{t.tenants.newTenant}</Button>
      </>
    )}>
      {(partners.data?.length ?? 0) > 1 && (
        <div className="console-filter"><Select label={t.tenants.partner} value={partner} onChange={setPartner} options={(partners.data ?? []).map((p) => ({ id: p.id, text: visible(p.display_name || p.name) }))} /></div>
      )}
      {at && platform && at.id !== me.partner_id && (
        <div className="console-filter">
          {at.status === 'suspended' && <Note kind="warn" icon="ban">{t.tenants.partnerSuspended}</Note>}
          {at.status === 'suspended' ? <Button small icon="okc" onPress={() => void tell(() => setPartnerStatus.mutateAsync({ id: at.id, status: 'active' }), t.tenants.activated(partnerName))}>{t.tenants.activatePartner}</Button>
            : <Button small icon="ban" onPress={() => setShutting(true)}>{t.tenants.suspendPartner}</Button>}
        </div>
      )}
      {!list.data ? <Waiting error={partners.error ?? list.error} title={t.loadFailed} onRetry={() => { void partners.refetch(); void list.refetch(); }} />
        : !rows.length ? <EmptyState title={t.tenants.empty} text={t.tenants.emptyText} />
          : <VirtualGrid label={t.tenants.title} columns={columns} length={rows.length} rowAt={(i) => rows[i]} keyOf={(x) => x.id} nameOf={(x) => x.display_name || x.name} />}
      {dialog === 'new-partner' && (
        <AskName title={t.tenants.newPartner} label={t.tenants.partnerName} action={t.tenants.createPartner} missing={t.tenants.nameMissing} explain={why} onClose={() => setDialog('')}
          use={async (name) => { const p = await createPartner.mutateAsync(name.trim()); setPartner(p.id); }} />
      )}
      {dialog === 'new-tenant' && partner && <NewTenant partner={partner} onClose={() => setDialog('')} onMade={(name, invite) => { setDialog(''); setInvited({ name, invite }); }} />}
      {invited && <InviteLink name={invited.name} invite={invited.invite} onClose={() => setInvited(null)} />}
      {shutting && at && (
        <Confirm title={t.tenants.suspendPartnerTitle(partnerName)} text={t.tenants.suspendPartnerText} safe={t.tenants.keep} action={t.tenants.suspendPartner} onClose={() => setShutting(false)}
          onConfirm={() => { setShutting(false); void tell(() => setPartnerStatus.mutateAsync({ id: at.id, status: 'suspended' }), t.tenants.suspended(partnerName)); }} />
      )}
      {asking && (
        <Confirm title={t.tenants.suspendTitle(named(asking))} text={t.tenants.suspendText} safe={t.tenants.keep} action={t.tenants.suspend} onClose={() => setAsking(null)}
          onConfirm={() => { const x = asking; setAsking(null); void tell(() => setStatus.mutateAsync({ partner, id: x.id, status: 'suspended' }), t.tenants.suspended(named(x))); }} />
      )}
    </ConsolePage>
  );
}

function NewTenant({ partner, onClose, onMade }: { partner: string; onClose: () => void; onMade: (name: string, invite: Invite) => void }) {
  const t = useTexts('console').tenants;
  const create = useCreateTenant();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const make = async () => onMade(email.trim(), (await create.mutateAsync({ partner, name: name.trim(), admin_email: email.trim() })).invite);
  return (
    <MakeDialog title={t.newTenant} action={t.create} busy={create.isPending} onClose={onClose} make={make}>
      {({ error, typed }) => (
        <>
          <p className="help">{t.emptyText}</p>
          <TextField label={t.tenantName} value={name} error={error} autoFocus autoComplete="off" onChange={typed(setName)} />
          <TextField label={t.adminEmail} type="email" value={email} autoComplete="off" onChange={typed(setEmail)} />
        </>
      )}
    </MakeDialog>
  );
}
