// The settings of the server: what can be stored as fields, with where each value comes
// from; what a flag, a variable or the config file fixes is locked.
import type { FormEvent } from 'react';
import { ApiError } from '../../api/errors';
import type { ServerSetting, UpdateServerSettings } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Select, Switch, TextField } from '../../components/field';
import { BidiName } from '../../components/name';
import { Badge } from '../../components/parts';
import { useFormat, useTexts } from '../../i18n';
import { toast } from '../../state/announce';
import { useUser } from '../../state/admin';
import { explain } from '../../state/explain';
import { useMe } from '../../state/signin';
import { useServerSettings, useUpdateServerSettings } from '../../state/server';
import { useDraft } from './draft';
import { ConsolePage, Waiting } from './page';
import './server.css';

export default function Server() {
  const t = useTexts('server');
  return <ConsolePage title={t.title} role="super_admin"><Settings /></ConsolePage>;
}

function Settings() {
  const t = useTexts('server');
  const { data, error, refetch } = useServerSettings();
  if (!data) return <Waiting error={error} title={t.failed} onRetry={() => void refetch()} />;
  return (
    <div className="console-scroll" tabIndex={0} role="region" aria-label={t.title}>
      <Form settings={data.settings} />
    </div>
  );
}

type Draft = Record<string, string | boolean>;

// typed gives a value as its field shows it: a list has a line for each item.
function typed(s: ServerSetting): string | boolean {
  if (typeof s.value === 'boolean') return s.value;
  return Array.isArray(s.value) ? s.value.join('\n') : String(s.value ?? '');
}

// meant reads a field; undefined: it is no whole number.
function meant(s: ServerSetting, v: string | boolean): unknown {
  if (typeof v === 'boolean' || s.kind === 'choice' || s.kind === 'text') return v;
  if (s.kind === 'list') return v.split(/[\n,]/).map((x) => x.trim()).filter(Boolean);
  return /^[0-9]{1,15}$/.test(v.trim()) ? Number(v) : undefined;
}

// said gives what the server says of a field, of a list with all its items.
const said = (e: unknown, name: string) => (e instanceof ApiError ? e.fields.filter((f) => f.loc[1] === name).map((f) => f.msg).join('. ') : '');

function Form({ settings }: { settings: readonly ServerSetting[] }) {
  const t = useTexts('server');
  const common = useTexts('common');
  const f = useFormat();
  const update = useUpdateServerSettings();
  const fields = settings.filter((s) => !s.restart);
  const was: Draft = Object.fromEntries(fields.map((s) => [s.name, typed(s)]));
  const { value: d, set, sent } = useDraft(was);
  const wrong: Record<string, string> = {};
  const body: Record<string, unknown> = {};
  for (const s of fields) {
    if (s.locked || d[s.name] === was[s.name]) continue;
    const v = meant(s, d[s.name] ?? '');
    if (v === undefined || (typeof v === 'number' && (v < (s.minimum ?? 0) || v > (s.maximum ?? v)))) wrong[s.name] = t.between(f.number(s.minimum ?? 0), f.number(s.maximum ?? 0));
    else body[s.name] = v;
  }
  const store = async (change: UpdateServerSettings, done: string) => {
    try {
      await update.mutateAsync(change);
      sent(Object.keys(change));
      toast(done, { kind: 'done' });
    } catch (e) {
      toast(t.refused(explain(e, common)), { kind: 'alert' });
    }
  };
  const changed = Object.keys(body).length > 0;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (changed && !Object.keys(wrong).length && !update.isPending) void store(body, t.saved);
  };
  return (
    <form className="settings-form server-form" onSubmit={submit} noValidate>
      <p className="muted">{t.about}</p>
      <fieldset>
        <legend>{t.stored}</legend>
        {fields.map((s) => (
          <div key={s.name} className="one">
            <One s={s} value={d[s.name] ?? ''} error={wrong[s.name] || said(update.error, s.name)} onChange={(v) => set({ [s.name]: v })} />
            {s.changed_by && s.changed_at && <Stored by={s.changed_by} at={s.changed_at} />}
            {s.source === 'stored' && !s.locked && <Button small icon="undo" label={t.resetOf(t.names[s.name] ?? s.name)} onPress={() => void store({ [s.name]: null }, t.wasReset)}>{t.reset}</Button>}
          </div>
        ))}
      </fieldset>
      <div><Button type="submit" kind="primary" reason={changed ? undefined : t.nothing} isDisabled={Object.keys(wrong).length > 0}>{t.save}</Button></div>
      <fieldset>
        <legend>{t.atStart}</legend>
        <p className="help">{t.atStartHelp}</p>
        <dl className="told">
          {settings.filter((s) => s.restart).map((s) => (
            <div key={s.name}><dt>{t.names[s.name] ?? s.name}</dt><dd><Shown s={s} /></dd><dd><Source s={s} named /></dd></div>
          ))}
        </dl>
      </fieldset>
    </form>
  );
}

function Shown({ s }: { s: ServerSetting }) {
  const t = useTexts('server');
  const f = useFormat();
  if (s.value === null || s.value === '') return <span className="muted">{t.none}</span>;
  if (typeof s.value === 'boolean') return s.value ? t.yes : t.no;
  return s.kind === 'size' ? f.size(s.value as number) : <BidiName>{String(s.value)}</BidiName>;
}

// Stored says who stored a value, and when.
function Stored({ by, at }: { by: string; at: string }) {
  const t = useTexts('server');
  const me = useMe();
  const f = useFormat();
  const { data } = useUser(by === me.id ? '' : by); // of another tenant: not found
  const who = by === me.id ? t.you : data ? f.q(data.display_name || data.name || data.email) : t.somebody;
  return <p className="small muted"><time dateTime={at} title={f.exactly(new Date(at))}>{t.storedBy(who, f.when(new Date(at)))}</time></p>;
}

// Source says where a value comes from, and that it is locked; named, by which flag,
// variable or file.
function Source({ s, named = false }: { s: ServerSetting; named?: boolean }) {
  const t = useTexts('server');
  const fixed = s.locked && s.source !== 'default';
  return <span className="source">{named && s.from && <BidiName className="small muted">{s.from}</BidiName>}<Badge {...(fixed ? { icon: 'lock' as const } : {})} {...(s.source === 'stored' ? { kind: 'info' as const } : {})}>{t.sources[s.source]}</Badge></span>;
}

function One({ s, value, error, onChange }: { s: ServerSetting; value: string | boolean; error: string; onChange: (v: string | boolean) => void }) {
  const t = useTexts('server');
  const label = t.names[s.name] ?? s.name;
  const about = [t.abouts[s.name] ?? s.about, s.locked && s.from ? t.locked(s.from) : ''].filter(Boolean).join(' ');
  const source = <Source s={s} />;
  if (typeof value === 'boolean') return <Switch label={label} help={<>{about} {source}</>} checked={value} isDisabled={s.locked} onChange={onChange} />;
  const rest = { label, help: about, aside: source, error: error || undefined, value, onChange, isDisabled: s.locked };
  if (s.kind === 'choice') return <Select {...rest} options={(s.choices ?? []).map((id) => ({ id, text: t.choices[id] ?? id }))} />;
  if (s.kind === 'list') return <TextField {...rest} lines={Math.min(6, Math.max(2, value.split('\n').length))} spellCheck={false} autoComplete="off" />;
  return <TextField {...rest} inputMode={s.kind === 'int' ? 'numeric' : 'text'} autoComplete="off" />;
}
