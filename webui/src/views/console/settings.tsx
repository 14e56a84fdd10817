// The settings of the tenant that have an effect: what is stored for later is not drawn.
import { type FormEvent, type ReactNode } from 'react';
import type { Tenant, TenantSettings, UpdateTenant } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Select, Switch, TextField } from '../../components/field';
import { useTexts } from '../../i18n';
import { useTenant, useUpdateTenant } from '../../state/admin';
import { useDraft } from './draft';
import { ConsolePage, Waiting, asGB, fromGB, useTell } from './page';

export default function Settings() {
  const t = useTexts('console').settings;
  const { data, error, refetch } = useTenant();
  return (
    <ConsolePage title={t.title}>
      {data ? <div className="console-scroll" tabIndex={0} role="region" aria-label={t.title}><Form tenant={data} /></div> : <Waiting error={error} title={t.failed} onRetry={() => void refetch()} />}
    </ConsolePage>
  );
}

// Every field as it is typed: figures are texts until they are sent.
interface Draft {
  display_name: string;
  max_file_size_bytes: string;
  default_share_quota_bytes: string;
  default_user_quota_bytes: string;
  password_min_length: string;
  trash_retention_days: string;
  share_creation: TenantSettings['share_creation'];
  invitations: boolean;
  windows_compatible_names: boolean;
}

const sizes = ['max_file_size_bytes', 'default_share_quota_bytes', 'default_user_quota_bytes'] as const;
const counts = ['password_min_length', 'trash_retention_days'] as const;
const needed: readonly string[] = ['max_file_size_bytes', 'password_min_length']; // can't be left empty

function draftOf({ display_name, settings: s }: Tenant): Draft {
  return {
    display_name, share_creation: s.share_creation, invitations: s.invitations, windows_compatible_names: s.windows_compatible_names,
    max_file_size_bytes: asGB(s.max_file_size_bytes), default_share_quota_bytes: asGB(s.default_share_quota_bytes), default_user_quota_bytes: asGB(s.default_user_quota_bytes),
    password_min_length: String(s.password_min_length), trash_retention_days: s.trash_retention_days ? String(s.trash_retention_days) : '',
  };
}

type Wrong = Partial<Record<keyof Draft, string>>;

// changesOf gives what differs, as the server takes it: 0 is "none".
function changesOf(was: Draft, d: Draft, t: { number: string; size: string; wholeOrNone: string }): { body: UpdateTenant; wrong: Wrong } {
  const body: UpdateTenant = {};
  const wrong: Wrong = {};
  const name = d.display_name.trim();
  if (name !== was.display_name) body.display_name = name;
  for (const k of sizes) {
    const n = fromGB(d[k]);
    if (n === undefined || (n === null && needed.includes(k))) wrong[k] = t.size;
    else if (d[k] !== was[k]) body[k] = n ?? 0;
  }
  for (const k of counts) {
    const text = d[k].trim();
    if (text === '' ? needed.includes(k) : !/^[1-9][0-9]{0,5}$/.test(text)) wrong[k] = needed.includes(k) ? t.number : t.wholeOrNone;
    else if (d[k] !== was[k]) body[k] = text === '' ? 0 : Number(text);
  }
  if (d.share_creation !== was.share_creation) body.share_creation = d.share_creation;
  if (d.invitations !== was.invitations) body.invitations = d.invitations;
  if (d.windows_compatible_names !== was.windows_compatible_names) body.windows_compatible_names = d.windows_compatible_names;
  return { body, wrong };
}

function Form({ tenant }: { tenant: Tenant }) {
  const t = useTexts('console').settings;
  const tell = useTell();
  const update = useUpdateTenant();
  const was = draftOf(tenant);
  const { value: d, set, sent } = useDraft(was);
  const { body, wrong } = changesOf(was, d, t);
  const changed = Object.keys(body).length > 0;
  const bad = Object.keys(wrong).length > 0;
  const field = (k: typeof sizes[number] | typeof counts[number], label: string, help?: string) => (
    <TextField label={label} help={help} error={wrong[k]} value={d[k]} inputMode={sizes.includes(k as typeof sizes[number]) ? 'decimal' : 'numeric'} autoComplete="off" onChange={(v) => set({ [k]: v })} />
  );
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (changed && !bad && !update.isPending) void tell(() => update.mutateAsync(body), t.saved).then((done) => { if (done) sent(); });
  };
  return (
    <form className="settings-form" onSubmit={submit} noValidate>
      <Part title={t.general}><TextField label={t.displayName} value={d.display_name} onChange={(v) => set({ display_name: v })} autoComplete="off" /></Part>
      <Part title={t.storage}>
        <div className="two">{field('max_file_size_bytes', t.maxFile, t.maxFileHelp)}{field('default_share_quota_bytes', t.shareQuota, t.emptyNone)}</div>
        {field('default_user_quota_bytes', t.userQuota, `${t.userQuotaHelp} ${t.emptyNone}`)}
        {field('trash_retention_days', t.trashDays, t.trashDaysHelp)}
      </Part>
      <Part title={t.sharing}>
        <Select label={t.shareCreation} value={d.share_creation} onChange={(v) => set({ share_creation: v as Draft['share_creation'] })} options={[{ id: 'admins', text: t.creators.admins }, { id: 'members', text: t.creators.members }]} />
        <Switch label={t.invitations} help={t.invitationsHelp} checked={d.invitations} onChange={(v) => set({ invitations: v })} />
        <Switch label={t.names} help={t.namesHelp} checked={d.windows_compatible_names} onChange={(v) => set({ windows_compatible_names: v })} />
      </Part>
      <Part title={t.signIn}>{field('password_min_length', t.passwordLength, t.passwordLengthHelp)}</Part>
      <div><Button type="submit" kind="primary" reason={changed ? undefined : t.nothing} isDisabled={bad}>{t.save}</Button></div>
    </form>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return <fieldset><legend>{title}</legend>{children}</fieldset>;
}
