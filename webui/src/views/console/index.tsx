// The dashboard: whether all parts work, what is stored, who is there, what happened.
import type { ReactNode } from 'react';
import type { Activity, Dashboard as Figures, Part } from '../../api/types_gen';
import { Icon } from '../../components/icon';
import { Avatar, BidiName } from '../../components/name';
import { Badge, When } from '../../components/parts';
import { Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { useDashboard, useTenant } from '../../state/admin';
import { at } from '../../state/router';
import { Days, Ring, Share } from './charts';
import { ConsolePage, Waiting } from './page';

export default function Dashboard() {
  const t = useTexts('console').dashboard;
  const failed = useTexts('console').loadFailed;
  const { data: tenant } = useTenant();
  const { data, error, refetch } = useDashboard();
  return (
    <ConsolePage title={t.title} {...(tenant ? { actions: <BidiName className="muted">{tenant.display_name || tenant.name}</BidiName> } : {})}>
      <div className="console-scroll" tabIndex={0} role="region" aria-label={t.title}>
        {!data && error ? <Waiting error={error} title={failed} onRetry={() => void refetch()} /> : (
          <div className="cards">
            <Health parts={data?.health} />
            <Storage of={data?.storage} />
            <There of={data?.users} />
            <Largest of={data?.storage} />
            {data?.process && <Server of={data.process} />}
            <Lately of={data?.activities} />
          </div>
        )}
      </div>
    </ConsolePage>
  );
}

function Card({ title, aside, span = false, children }: { title: string; aside?: ReactNode; span?: boolean; children: ReactNode }) {
  return <section className={`card${span ? ' span' : ''}`} aria-label={title}><div className="row"><h2 className="grow">{title}</h2>{aside}</div>{children}</section>;
}

/** A card of figures that may not be there yet (undefined), or could not be read (null). */
function Of<T>({ of, title, children, ...card }: { of: T | null | undefined; title: string; aside?: ReactNode; span?: boolean; children: (of: T) => ReactNode }) {
  const t = useTexts('console').dashboard;
  return <Card title={title} {...card}>{of === undefined ? <Skeleton rows={4} /> : of === null ? <p className="muted">{t.unread}</p> : children(of)}</Card>;
}

const looks = { good: ['ok', 'okc', 'check'], act: ['warn', 'alert', 'alert'], off: [undefined, 'minus', undefined] } as const;

function Health({ parts }: { parts: readonly Part[] | undefined }) {
  const t = useTexts('console').dashboard;
  const bad = parts?.filter((p) => p.state === 'act').length;
  return (
    <Of of={parts} title={t.health} span aside={parts && <Badge kind={bad ? 'warn' : 'ok'} icon={bad ? 'alert' : 'check'}>{bad ? t.unhealthy(bad) : t.healthy}</Badge>}>
      {(list) => (
        <ul className="parts">
          {list.map((p) => {
            const [kind, icon, mark] = looks[p.state];
            const todo = t.todo[p.reason];
            return (
              <li key={p.name}>
                <span className={`part-icon ${kind ?? 'muted'}`}><Icon name={icon} /></span><strong>{t.parts[p.name]}</strong>
                <span className="why">{t.why[p.reason]} {todo && <strong>{todo}</strong>}{p.causes.map((c) => <code key={c} className="cause"><BidiName>{c}</BidiName></code>)}</span>
                <Badge {...(kind ? { kind } : {})} {...(mark ? { icon: mark } : {})}>{{ good: t.good, act: t.act, off: t.off }[p.state]}</Badge>
              </li>
            );
          })}
        </ul>
      )}
    </Of>
  );
}

function Storage({ of }: { of: Figures['storage'] | undefined }) {
  const t = useTexts('console').dashboard;
  const f = useFormat();
  return (
    <Of of={of} title={t.storage}>
      {(u) => {
        const slices = u.file_bytes === null || u.version_bytes === null || u.trash_bytes === null ? null : [u.file_bytes, u.version_bytes, u.trash_bytes];
        const names = [t.files, t.versions, t.trash];
        return (
          <>
            <div className="ringed">
              <Ring parts={slices && u.used_bytes > 0 ? slices.map((n) => n / u.used_bytes) : []} title={f.size(u.used_bytes)} about={t.used} />
              {slices ? <ul className="legend">{slices.map((n, i) => <li key={names[i]}><span className={`key tone-${i + 1}`} /><span>{names[i]}</span><strong>{f.size(n)}</strong></li>)}</ul> : <p className="muted">{t.counting}</p>}
            </div>
            {!u.used_bytes ? <p className="muted">{t.nothing}</p> : u.disk_bytes !== null && u.saved_bytes !== null ? <Saved used={u.used_bytes} disk={u.disk_bytes} saved={u.saved_bytes} /> : <p className="small muted">{t.savesWhole}</p>}
            <p className="small muted">{f.list([t.shareCount(u.share_count), ...(u.folder_count === null ? [] : [t.folderCount(u.folder_count)]), ...(u.file_count === null ? [] : [t.fileCount(u.file_count)])])}</p>
          </>
        );
      }}
    </Of>
  );
}

/** Shows what deduplication and compression save. */
function Saved({ used, disk, saved }: { used: number; disk: number; saved: number }) {
  const t = useTexts('console').dashboard;
  const f = useFormat();
  const kept = t.keptIn(f.size(used), f.size(disk));
  return (
    <div className="saved">
      <p className="row small"><strong className="grow">{saved ? t.saves(f.percent(saved / used)) : t.savesNothing}</strong><span className="muted">{kept}</span></p>
      <Share part={disk / used} label={kept} />
      <p className="tiny muted">{t.savesHelp}</p>
    </div>
  );
}

function There({ of }: { of: Figures['users'] | undefined }) {
  const t = useTexts('console').dashboard;
  const f = useFormat();
  return (
    <Of of={of} title={t.there}>
      {(u) => (
        <>
          <div className="figures">{([[t.today, u.seen_today], [t.week, u.seen_in_7_days], [t.month, u.seen_in_30_days]] as const).map(([name, n]) => <div key={name}><strong>{f.number(n)}</strong><span className="small muted">{name}</span></div>)}</div>
          <Days days={u.days} />
          <ul className="row wrap small accounts">{([[t.active, u.active_accounts], [t.pending, u.pending_accounts], [t.suspended, u.suspended_accounts], [t.groups, u.groups]] as const).map(([name, n]) => <li key={name}><strong>{f.number(n)}</strong> <span className="muted">{name}</span></li>)}</ul>
          <p className="tiny muted">{t.thereHelp}</p>
        </>
      )}
    </Of>
  );
}

function Largest({ of }: { of: Figures['storage'] | undefined }) {
  const t = useTexts('console').dashboard;
  const f = useFormat();
  if (!of?.largest_shares.length) return null;
  return (
    <Card title={t.largest}>
      <ul className="legend">
        {of.largest_shares.map((s) => (
          <li key={s.share_id}><Avatar name={s.share_name} id={s.share_id} square size="s" /><a className="cut" href={at.folder(s.share_id)}><BidiName>{s.share_name}</BidiName></a>
            {s.quota_bytes !== null && <span className="small muted">{t.ofQuota(f.percent(s.used_bytes / s.quota_bytes))}</span>}<strong>{f.size(s.used_bytes)}</strong></li>
        ))}
      </ul>
    </Card>
  );
}

/** The server as a whole, for who administers it. */
function Server({ of }: { of: NonNullable<Figures['process']> }) {
  const t = useTexts('console').dashboard;
  const f = useFormat();
  const started = new Date(of.started_at);
  return (
    <Card title={t.server} aside={<span className="small muted" title={f.exactly(started)}>{t.since(f.when(started))}</span>}>
      <ul className="legend">
        <li><span>{t.content}</span><strong>{f.size(of.used_bytes)}</strong></li>
        <li><span>{t.onDisk}</span><strong>{f.size(of.disk_bytes)}</strong></li>
        <li><span>{t.database}</span><strong>{f.size(of.database_bytes)}</strong></li>
      </ul>
      {of.free_bytes !== null && of.volume_bytes !== null && (
        <div className="saved"><p className="row small"><strong className="grow">{t.parts.disk}</strong><span className="muted">{t.free(f.size(of.free_bytes), f.size(of.volume_bytes))}</span></p>
          <Share part={1 - of.free_bytes / of.volume_bytes} label={t.free(f.size(of.free_bytes), f.size(of.volume_bytes))} /></div>
      )}
      <p className="small muted">{f.list([t.tenantCount(of.tenant_count), t.shareCount(of.share_count)])}. {t.version(of.version)}</p>
    </Card>
  );
}

function Lately({ of }: { of: readonly Activity[] | null | undefined }) {
  const t = useTexts('console').dashboard;
  return (
    <Of of={of} title={t.activity} span>
      {(list) => (!list.length ? <p className="muted">{t.noActivity}</p> : (
        <ul className="legend lately">{list.map((a) => <li key={a.id}><Avatar name={a.changed_by_name ?? t.server} id={a.changed_by ?? ''} size="s" /><span className="cut">{sentenceOf(a, t)}</span><span className="small muted">{a.changed_at ? <When at={a.changed_at} /> : null} <BidiName>{a.share_name}</BidiName></span></li>)}</ul>
      ))}
    </Of>
  );
}

function sentenceOf(a: Activity, t: ReturnType<typeof useTexts<'console'>>['dashboard']): string {
  const path = a.new_path ?? a.old_path ?? a.share_name;
  return t.happened[a.change_type](visible(a.changed_by_name ?? t.server), visible(path.split('/').filter(Boolean).at(-1) ?? a.share_name));
}
