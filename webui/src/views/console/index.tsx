// The dashboard: whether all parts work, what is stored, who is there, what happened.
import type { ReactNode } from 'react';
import type { Activity, UsageTotals } from '../../api/types_gen';
import { Icon } from '../../components/icon';
import { Avatar, BidiName } from '../../components/name';
import { Badge, When } from '../../components/parts';
import { Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { useGroups, useLately, useReady, useTenant, useTotals, useUserCount } from '../../state/admin';
import { at } from '../../state/router';
import { ConsolePage, Waiting } from './page';

const lately = 8, largest = 5; // rows

export default function Dashboard() {
  const t = useTexts('console').dashboard;
  const { data: tenant } = useTenant();
  return (
    <ConsolePage title={t.title} {...(tenant ? { actions: <BidiName className="muted">{tenant.display_name || tenant.name}</BidiName> } : {})}>
      <div className="console-scroll" tabIndex={0} role="region" aria-label={t.title}>
        <div className="cards"><Health /><Storage /><People /><Largest /><Lately /></div>
      </div>
    </ConsolePage>
  );
}

function Card({ title, aside, span = false, children }: { title: string; aside?: ReactNode; span?: boolean; children: ReactNode }) {
  return <section className={`card${span ? ' span' : ''}`} aria-label={title}><div className="row"><h2 className="grow">{title}</h2>{aside}</div>{children}</section>;
}

function Health() {
  const t = useTexts('console').dashboard;
  const failed = useTexts('console').loadFailed;
  const { data, error, refetch } = useReady();
  const parts = Object.entries(data?.checks ?? {}).sort(([a], [b]) => a.localeCompare(b));
  const bad = parts.filter(([, ok]) => !ok).length;
  return (
    <Card title={t.health} span aside={data && <Badge kind={bad ? 'warn' : 'ok'} icon={bad ? 'alert' : 'check'}>{bad ? t.unhealthy(bad) : t.healthy}</Badge>}>
      {!data ? <Waiting error={error} title={failed} onRetry={() => void refetch()} /> : (
        <ul className="parts">
          {parts.map(([name, ok]) => (
            <li key={name}>
              <Icon name={ok ? 'okc' : 'alert'} /><strong>{t.parts[name] ?? name}</strong><span className="why">{ok ? t.works : t.remedy}</span>
              <Badge kind={ok ? 'ok' : 'warn'} icon={ok ? 'check' : 'alert'}>{ok ? t.good : t.act}</Badge>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

// slicesOf parts what is used: living files, older versions, trash.
function slicesOf(u: UsageTotals): [number, number, number] | null {
  if (u.version_bytes === null || u.trash_bytes === null) return null;
  return [Math.max(0, u.used_bytes - u.version_bytes - u.trash_bytes), u.version_bytes, u.trash_bytes];
}

function Storage() {
  const t = useTexts('console').dashboard;
  const failed = useTexts('console').loadFailed;
  const f = useFormat();
  const { data, error, refetch } = useTotals();
  const u = data?.tenant;
  const slices = u ? slicesOf(u) : null;
  const names = [t.files, t.versions, t.trash];
  return (
    <Card title={t.storage}>
      {!u ? <Waiting error={error} title={failed} onRetry={() => void refetch()} /> : (
        <>
          <div className="ringed">
          <Ring parts={slices && u.used_bytes > 0 ? slices.map((n) => n / u.used_bytes) : []} title={f.size(u.used_bytes)} about={t.used} />
          {slices ? <ul className="legend">{slices.map((n, i) => <li key={names[i]}><span className={`key tone-${i + 1}`} /><span>{names[i]}</span><strong>{f.size(n)}</strong></li>)}</ul> : <p className="muted">{t.counting}</p>}
          </div>
          <p className="small muted">{f.list([t.shareCount(u.share_count), ...(u.folder_count === null ? [] : [t.folderCount(u.folder_count)]), ...(u.file_count === null ? [] : [t.fileCount(u.file_count)])])}</p>
        </>
      )}
    </Card>
  );
}

const around = 2 * Math.PI * 42; // the length of the ring

// Ring shows parts of a whole; what it shows stands beside it in words.
function Ring({ parts, title, about }: { parts: readonly number[]; title: string; about: string }) {
  let from = 0;
  return (
    <div className="ring">
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle cx="50" cy="50" r="42" className="ring-well" />
        {parts.map((p, i) => {
          const at = from;
          from += p;
          return p > 0 && <circle key={i} cx="50" cy="50" r="42" className={`ring-${i + 1}`} strokeDasharray={`${Math.max(0.5, p * around - (parts.length > 1 ? 0.8 : 0))} ${around}`} strokeDashoffset={-at * around} transform="rotate(-90 50 50)" />;
        })}
      </svg>
      <p><strong>{title}</strong><span className="tiny muted">{about}</span></p>
    </div>
  );
}

function People() {
  const t = useTexts('console').dashboard;
  const f = useFormat();
  const counts = [[t.active, useUserCount('active').data], [t.pending, useUserCount('pending').data], [t.suspended, useUserCount('suspended').data], [t.groups, useGroups('').data?.pages[0]?.total]] as const;
  return (
    <Card title={t.people}>
      <div className="figures">{counts.map(([name, n]) => <div key={name}><strong>{n === undefined ? '–' : f.number(n)}</strong><span className="small muted">{name}</span></div>)}</div>
    </Card>
  );
}

function Largest() {
  const t = useTexts('console').dashboard;
  const f = useFormat();
  const { data } = useTotals();
  const rows = [...(data?.shares ?? [])].sort((a, b) => b.used_bytes - a.used_bytes).slice(0, largest);
  if (!rows.length) return null;
  return (
    <Card title={t.largest}>
      <ul className="legend">{rows.map((s) => <li key={s.share_id}><Avatar name={s.share_name} id={s.share_id} square size="s" /><a className="cut" href={at.folder(s.share_id)}><BidiName>{s.share_name}</BidiName></a><strong>{f.size(s.used_bytes)}</strong></li>)}</ul>
    </Card>
  );
}

function Lately() {
  const t = useTexts('console').dashboard;
  const failed = useTexts('console').loadFailed;
  const { data, error, refetch } = useLately(lately);
  return (
    <Card title={t.activity} span>
      {error && !data ? <Waiting error={error} title={failed} onRetry={() => void refetch()} /> : !data ? <Skeleton rows={4} /> : !data.activities.length ? <p className="muted">{t.noActivity}</p> : (
        <ul className="legend">{data.activities.map((a) => <li key={a.id}><Avatar name={a.changed_by_name ?? t.server} id={a.changed_by ?? ''} size="s" /><span className="cut">{sentenceOf(a, t)}</span><span className="push small muted">{a.changed_at ? <When at={a.changed_at} /> : null} <BidiName>{a.share_name}</BidiName></span></li>)}</ul>
      )}
    </Card>
  );
}

function sentenceOf(a: Activity, t: ReturnType<typeof useTexts<'console'>>['dashboard']): string {
  const path = a.new_path ?? a.old_path ?? a.share_name;
  return t.happened[a.change_type](visible(a.changed_by_name ?? t.server), visible(path.split('/').filter(Boolean).at(-1) ?? a.share_name));
}
