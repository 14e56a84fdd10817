// What a share is: its name and rules, who asks to join, its owner, its end.
import { type FormEvent, useState } from 'react';
import { ApiError } from '../../api/errors';
import type { Share, UpdateShare } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Confirm } from '../../components/dialog';
import { DateField, RadioGroup, Select, TextField } from '../../components/field';
import { BidiName } from '../../components/name';
import { Badge, Note } from '../../components/parts';
import { useFormat, useTexts, visible } from '../../i18n';
import { toast } from '../../state/announce';
import { explain, sentence } from '../../state/explain';
import { navigate } from '../../state/router';
import { bringBack, useShareLife } from '../../state/sharelife';
import { useNames } from '../../state/sharing';
import { useMe } from '../../state/signin';
import { FindPerson, type Found } from '../people/find';
import { asGB, fromGB } from '../console/page';
import { Joins } from './joins';
import { dayOf, endOf } from './people';

const strategies = ['KEEP_BOTH', 'MANUAL', 'LAST_WRITER_WINS', 'SERVER_WINS', 'CLIENT_WINS'] as const;

/** Tells what became of a change. */
function useTold() {
  const t = useTexts('sharelife');
  const common = useTexts('common');
  return async (run: () => Promise<unknown>, done: string) => {
    try {
      await run();
      toast(done, { kind: 'done' });
      return true;
    } catch (e) {
      toast(t.failed(explain(e, common)), { kind: 'alert' });
      return false;
    }
  };
}

export function ShareSettings({ share: s }: { share: Share }) {
  const me = useMe();
  const rules = s.share_type !== 'personal';
  const owner = s.owner_id === me.id || me.is_admin;
  return (
    <div className="pane sharesettings">
      <Rules key={`${s.modified_at}`} share={s} />
      {rules && <Joins share={s} />}
      {s.share_type === 'project' && <Archive share={s} />}
      {rules && owner && <Owner share={s} />}
      {rules && owner && <End share={s} />}
    </div>
  );
}

function Rules({ share: s }: { share: Share }) {
  const t = useTexts('sharelife');
  const common = useTexts('common');
  const life = useShareLife(s.id);
  const own = s.settings.trash_retention_days;
  const [d, set] = useState({ name: s.name, description: s.description, slug: s.slug ?? '', visibility: s.visibility as string, strategy: s.settings.conflict_resolution as string,
    quota: asGB(s.quota_bytes), trash: own === null ? 'tenant' : own === 0 ? 'never' : 'days', days: own ? String(own) : '30' });
  const [error, setError] = useState<Partial<Record<'name' | 'slug' | 'quota', string>>>({});
  const change: UpdateShare = {};
  if (d.name.trim() !== s.name) change.name = d.name.trim();
  if (d.description.trim() !== s.description) change.description = d.description.trim();
  if (d.slug.trim() !== (s.slug ?? '')) change.slug = d.slug.trim();
  if (d.visibility !== s.visibility) change.visibility = d.visibility as Share['visibility'];
  const settings: NonNullable<UpdateShare['settings']> = {};
  if (d.strategy !== s.settings.conflict_resolution) settings.conflict_resolution = d.strategy as Share['settings']['conflict_resolution'];
  const bytes = fromGB(d.quota);
  if (bytes !== undefined && d.quota !== asGB(s.quota_bytes)) change.quota_bytes = bytes ?? -1;
  const days = d.trash === 'tenant' ? -1 : d.trash === 'never' ? 0 : Number(d.days);
  if (days !== (own ?? -1)) settings.trash_retention_days = days;
  if (Object.keys(settings).length) change.settings = settings;
  const changed = Object.keys(change).length > 0;
  const badDays = d.trash === 'days' && !/^[1-9][0-9]{0,4}$/.test(d.days.trim());
  const personal = s.share_type === 'personal';
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (!changed || badDays || bytes === undefined || life.update.isPending) return;
    try {
      await life.update.mutateAsync(change);
      toast(t.saved(d.name.trim()), { kind: 'done' });
    } catch (problem) {
      const why = sentence(explain(problem, common));
      if (problem instanceof ApiError && problem.status === 409) setError({ slug: t.slugTaken });
      else if (problem instanceof ApiError && problem.field('slug')) setError({ slug: t.slugBad });
      else if (change.quota_bytes !== undefined) setError({ quota: why });
      else setError({ name: why });
    }
  };
  return (
    <form className="stack" onSubmit={(e) => void submit(e)} noValidate aria-label={t.rules}>
      <TextField label={t.name} value={d.name} error={error.name ?? (d.name.trim() ? undefined : t.nameMissing)} autoComplete="off" spellCheck={false} onChange={(name) => { set({ ...d, name }); setError({}); }} />
      <TextField label={t.description} aside={common.optional} value={d.description} lines={2} onChange={(description) => set({ ...d, description })} />
      {!personal && <TextField label={t.slug} aside={common.optional} help={t.slugHelp} error={error.slug} value={d.slug} autoComplete="off" spellCheck={false} onChange={(slug) => { set({ ...d, slug }); setError({}); }} />}
      {!personal && <RadioGroup label={t.visibility} value={d.visibility} onChange={(visibility) => set({ ...d, visibility })} options={[{ id: 'private', text: t.private, help: t.privateHelp, icon: 'lock' }, { id: 'discoverable', text: t.discoverable, help: t.discoverableHelp, icon: 'globe' }]} />}
      <Select label={t.strategy} help={t.strategyHelp} value={d.strategy} onChange={(strategy) => set({ ...d, strategy })} options={strategies.map((id) => ({ id, text: t.strategies[id] ?? id }))} />
      <TextField label={t.quota} help={t.quotaHelp} value={d.quota} inputMode="decimal" error={bytes === undefined ? t.quotaBad : error.quota} autoComplete="off" onChange={(quota) => { set({ ...d, quota }); setError({}); }} />
      <div className="two">
        <Select label={t.trash} value={d.trash} onChange={(trash) => set({ ...d, trash })} options={[{ id: 'tenant', text: t.trashTenant }, { id: 'never', text: t.trashNever }, { id: 'days', text: t.trashDays }]} />
        {d.trash === 'days' && <TextField label={t.days} value={d.days} inputMode="numeric" error={badDays ? t.daysBad : undefined} autoComplete="off" onChange={(v) => set({ ...d, days: v })} />}
      </div>
      <div><Button type="submit" kind="primary" reason={changed ? undefined : t.nothing} isDisabled={badDays || bytes === undefined || !d.name.trim()}>{t.save}</Button></div>
    </form>
  );
}

function Archive({ share: s }: { share: Share }) {
  const t = useTexts('sharelife');
  const f = useFormat();
  const life = useShareLife(s.id);
  const told = useTold();
  const [day, setDay] = useState(s.archive_at && !s.is_archived ? dayOf(s.archive_at) : '');
  const set = (body: UpdateShare, done: string) => void told(() => life.update.mutateAsync(body), done);
  return (
    <section className="stack" aria-label={t.archive}>
      <h3>{t.archive}</h3>
      {s.is_archived ? (
        <>
          <Note kind="hold" icon="lock">{t.archived(s.archive_at ? f.when(new Date(s.archive_at)) : '')}</Note>
          <div><Button icon="undo" onPress={() => set({ is_archived: false }, t.unarchived(s.name))}>{t.unarchive}</Button></div>
        </>
      ) : (
        <>
          <p className="small soft">{t.archiveHelp}</p>
          <form className="endform" onSubmit={(e) => { e.preventDefault(); if (day) set({ archive_at: endOf(day) as Share['archive_at'] & string }, t.archiveSet(f.when(new Date(endOf(day))))); }}>
            <div className="grow"><DateField label={t.archiveAt} value={day} min={dayOf(new Date().toISOString())} onChange={setDay} /></div>
            <Button type="submit" isDisabled={!day || (s.archive_at !== null && dayOf(s.archive_at) === day)}>{t.setDate}</Button>
            {s.archive_at && <Button kind="quiet" onPress={() => { setDay(''); set({ is_archived: false }, t.dateGone); }}>{t.noDate}</Button>}
            <Button icon="lock" onPress={() => set({ is_archived: true }, t.archivedNow(s.name))}>{t.archiveNow}</Button>
          </form>
        </>
      )}
    </section>
  );
}

function Owner({ share: s }: { share: Share }) {
  const t = useTexts('sharelife');
  const names = useNames(s.id);
  const life = useShareLife(s.id);
  const told = useTold();
  const [to, setTo] = useState<Found | null>(null);
  const owner = names(s.owner_id ?? '');
  return (
    <section className="stack" aria-label={t.owner}>
      <h3>{t.owner}</h3>
      <p className="row">{owner ? <BidiName className="strong">{owner}</BidiName> : <span className="muted">{t.ownerElsewhere}</span>}<Badge>{t.ownerBadge}</Badge></p>
      <FindPerson label={t.transfer} help={t.transferHelp} action={t.transferTo} except={[s.owner_id ?? '']} choose={setTo} />
      {to && (
        <Confirm title={t.transferTitle(s.name, to.name)} text={t.transferText} safe={t.keepOwner} action={t.transferDo} danger={false} onClose={() => setTo(null)}
          onConfirm={() => { const who = to; setTo(null); void told(() => life.transfer.mutateAsync(who.id), t.transferred(s.name, who.name)); }} />
      )}
    </section>
  );
}

function End({ share: s }: { share: Share }) {
  const t = useTexts('sharelife');
  const common = useTexts('common');
  const life = useShareLife(s.id);
  const [asking, setAsking] = useState(false);
  const remove = async () => {
    setAsking(false);
    try {
      await life.remove.mutateAsync();
      if (window.location.pathname.startsWith('/admin')) navigate(window.location.pathname);
      else navigate('/');
      toast(t.deleted(s.name), { kind: 'done', action: { label: common.undo, run: () => void bringBack(s.id).then(() => toast(t.back(s.name), { kind: 'undo' }), (e: unknown) => toast(t.failed(explain(e, common)), { kind: 'alert' })) } });
    } catch (e) {
      toast(t.failed(explain(e, common)), { kind: 'alert' });
    }
  };
  return (
    <section className="stack" aria-label={t.remove}>
      <h3>{t.remove}</h3>
      <p className="small soft">{t.removeHelp}</p>
      <div><Button icon="trash" onPress={() => setAsking(true)}>{t.remove}</Button></div>
      {asking && <Confirm title={t.removeTitle(visible(s.name))} text={t.removeHelp} safe={t.keep} action={t.remove} onClose={() => setAsking(false)} onConfirm={() => void remove()} />}
    </section>
  );
}
