// A folder or a share put back to a moment: a slider that steps by change, what
// would be done, one button that does it and can be undone.
import { type KeyboardEvent, useEffect, useState } from 'react';
import { ApiError } from '../../api/errors';
import { kindOf } from '../../api/sharing';
import type { JobPlan } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { Note } from '../../components/parts';
import { EmptyState, ErrorState, NoAccess, Skeleton } from '../../components/states';
import { useFormat, useTexts } from '../../i18n';
import { useFolder } from '../../state/annotate';
import { explain, sentence } from '../../state/explain';
import { useTrail } from '../../state/folder';
import { type Step, forgetPlans, usePlan, useSteps } from '../../state/moment';
import { at as address, navigate, useQueryValue } from '../../state/router';
import { useShare } from '../../state/shares';
import { useMe } from '../../state/signin';
import { useBulk } from '../files/bulk';
import { Page } from '../shell/page';
import type { ViewProps } from '../table';
import { Planned } from './plan';
import './moment.css';

const rests = 250; // milliseconds after which a moment is looked at
const mass = 20; // deletions in one go that are pointed out

export const countOf = (p: JobPlan): number => p.restored.count + p.reverted.count + p.moved.count + p.trashed.count;

export default function Moment({ params }: ViewProps) {
  const id = params['folder'] ?? '';
  const whole = kindOf(id) === 'share';
  const t = useTexts('moment');
  const common = useTexts('common');
  const files = useTexts('files');
  const f = useFormat();
  const me = useMe();
  const bulk = useBulk();
  const folder = useFolder(whole ? '' : id);
  const shareID = whole ? id : (folder.data?.share_id ?? '');
  const share = useShare(shareID);
  const trail = useTrail(shareID, whole || !shareID ? null : id);
  const list = useSteps(id);
  const { steps, hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const [asked, setAsked] = useQueryValue('at');
  const moment = asked && !Number.isNaN(Date.parse(asked)) ? new Date(asked) : null;
  // The place of the slider: before the step of that number; the last is now.
  const place = moment ? firstFrom(steps, moment) : steps.length;
  const [working, setWorking] = useState(false);
  const rested = useRested(moment ? moment.toISOString() : '');
  const plan = usePlan(id, rested);
  const name = whole ? share.data?.name : folder.data?.name;
  const error = list.error ?? (name === undefined ? (whole ? share.error : folder.error) : null);
  const home = whole ? address.folder(id) : address.folder(shareID, id);
  const go = (i: number) => setAsked(i >= steps.length ? '' : (steps[Math.max(0, i)]?.before.toISOString() ?? ''));

  const problem = [folder.error, share.error, list.error].find((e) => e instanceof ApiError && [403, 404, 410, 422].includes(e.status));
  if (problem || (id && !id.startsWith('shr_') && !id.startsWith('fld_'))) return <Page title={common.gone} bare><NoAccess email={me.email} /></Page>;
  const crumbs = [{ text: files.shares, href: '/' }, ...(share.data ? [{ text: share.data.name, href: address.folder(shareID), name: true }] : []), ...(trail.data ?? []).map((s) => ({ text: s.name, href: address.folder(shareID, s.id), name: true }))];
  const step = steps[place];
  const n = plan.data ? countOf(plan.data) : 0;
  const put = async () => {
    setWorking(true);
    const r = await bulk({ kind: 'rewind', at: rested }, [{ id }], [shareID], { going: t.going, done: () => t.done(n, name ?? ''), undone: () => t.undone(n) });
    setWorking(false);
    forgetPlans();
    if (r && !r.failed) navigate(home);
  };
  const onKey = (e: KeyboardEvent) => { // by day
    if (e.key !== 'PageUp' && e.key !== 'PageDown') return;
    e.preventDefault();
    const day = (i: number) => (steps[i]?.at ?? new Date()).toDateString();
    let i = place;
    const by = e.key === 'PageDown' ? -1 : 1;
    while (i + by >= 0 && i + by <= steps.length && day(i) === day(place)) i += by;
    go(i);
  };
  const told = moment ? f.exactly(moment) : t.now;
  return (
    <Page title={t.title(name ?? '')} crumbs={crumbs} actions={<IconButton icon="x" label={t.close} onPress={() => navigate(home)} />}>
      {error ? <ErrorState title={t.failed} text={common.filesFine} request={error instanceof ApiError ? error.requestId : ''} onRetry={() => { void list.refetch(); void (whole ? share : folder).refetch(); }} />
        : !list.data || name === undefined ? <Skeleton rows={5} /> : !steps.length ? <EmptyState title={t.nothing} text={t.nothingText} /> : (
          <div className="scroll moment">
            <div className="when">
              <div><p className="small muted">{t.asItWas}</p><output htmlFor="moment">{moment ? `${f.when(moment)}${sameDay(moment) ? '' : `, ${f.time(moment)}`}` : t.now}</output></div>
              <div className="row">
                <Button small icon="left" reason={place <= 0 ? t.noEarlier : undefined} onPress={() => go(place - 1)}>{t.before}</Button>
                <Button small icon="right" reason={place >= steps.length ? t.noLater : undefined} onPress={() => go(place + 1)}>{t.after}</Button>
              </div>
              <Spark steps={steps} />
              <label className="vh" htmlFor="moment">{t.moment}</label>
              <input className="range" id="moment" type="range" min={0} max={steps.length} value={place} onChange={(e) => go(Number(e.target.value))} onKeyDown={onKey}
                aria-valuetext={step ? `${told}. ${t.justBefore(step.changes, step.who ?? t.server)}` : told} style={{ '--at': `${(100 * place) / steps.length}%` } as object} />
              <div className="ticks"><span>{f.when(steps[0]?.at ?? new Date())}</span>{hasNextPage && <Button small kind="quiet" reason={isFetchingNextPage ? common.loading : undefined} onPress={() => void fetchNextPage()}>{t.older}</Button>}<span>{t.now}</span></div>
            </div>
            {step && (step.deleted >= mass
              ? <div className="around"><Note kind="danger" icon="alert"><p><strong>{t.massGone(step.deleted)}</strong> {t.by(step.who ?? t.server, f.exactly(step.at))}</p></Note></div>
              : <p className="around small soft">{t.next(step.changes, step.name, step.who ?? t.server, f.exactly(step.at))}</p>)}
            {!moment ? <p className="around muted">{t.choose}</p>
              : plan.error ? <div className="around"><Note kind="danger" icon="alert"><p>{t.planFailed(sentence(explain(plan.error, common)))}</p></Note></div>
                : !plan.data || rested !== moment.toISOString() ? <Skeleton rows={4} /> : <Planned plan={plan.data} />}
            {moment && (
              <div className="row pad put">
                <p className="small soft grow">{t.seen}</p>
                <a className="btn quiet" href={home}>{common.cancel}</a>
                <Button kind="primary" icon="undo" reason={working ? common.loading : plan.error ? t.planFailed(explain(plan.error, common)) : !plan.data || rested !== moment.toISOString() ? common.loading : n === 0 ? t.same : undefined} onPress={() => void put()}>{t.put(n)}</Button>
              </div>
            )}
          </div>
        )}
    </Page>
  );
}

const sameDay = (d: Date) => d.toDateString() === new Date().toDateString();

function firstFrom(steps: readonly Step[], moment: Date): number {
  const i = steps.findIndex((s) => s.at.getTime() > moment.getTime());
  return i < 0 ? steps.length : i;
}

// A value that has not changed for a while.
function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), rests);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

const bars = 48;

// How much was changed at which place of the slider.
function Spark({ steps }: { steps: readonly Step[] }) {
  const per = Math.max(1, Math.ceil(steps.length / bars));
  const list = Array.from({ length: Math.ceil(steps.length / per) }, (_, i) => steps.slice(i * per, (i + 1) * per));
  const most = Math.max(1, ...list.map((part) => part.reduce((n, s) => n + s.changes, 0)));
  return <div className="spark" aria-hidden="true">{list.map((part, i) => <span key={i} className={part.some((s) => s.deleted >= mass) ? 'bad' : ''} style={{ height: `${Math.max(5, Math.round((100 * Math.log1p(part.reduce((n, s) => n + s.changes, 0))) / Math.log1p(most)))}%` }} />)}</div>;
}
