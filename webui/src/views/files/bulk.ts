// Bulk work on the server, told: progress with a way to stop, the end with a way back.
import { ApiError } from '../../api/errors';
import type { CreateJob } from '../../api/types_gen';
import { type Texts, useTexts } from '../../i18n';
import { dismissToast, retell, toast } from '../../state/announce';
import { explain } from '../../state/explain';
import { type Outcome, type Running, takeBack, work } from '../../state/jobs';
import { undoable } from '../../state/undo';

const quiet = 700; // milliseconds for which nothing is told

export interface Told {
  going: (done: number, total: number) => string;
  done: (n: number) => string;
  undone: (n: number) => string;
}

// late shows a message about work once it takes long, and gives a way to change it and one to end it.
function late(text: () => string, action?: { label: string; run: () => void }) {
  let message = 0;
  const timer = setTimeout(() => { message = toast(text(), { stays: true, ...(action ? { action } : {}) }); }, quiet);
  return {
    again: () => { if (message) retell(message, text()); },
    end: () => { clearTimeout(timer); if (message) dismissToast(message); },
  };
}

/** Gives what takes jobs back and tells of it. */
export function useTakeBack() {
  const t = useTexts('work');
  const common = useTexts('common');
  return async (ids: readonly string[], shares: readonly string[], total: number, undone: (n: number) => string) => {
    let now = 0;
    const message = late(() => t.undoing(now, total));
    try {
      const b = await takeBack(ids, shares, (n) => { now = n; message.again(); });
      if (b.failed) toast(t.undoFailed(because(b.reason, t, common)), { kind: 'alert' });
      else toast(undone(b.done), { kind: 'undo' });
    } catch (e) {
      toast(t.undoFailed(explain(e, common)), { kind: 'alert' });
    } finally {
      message.end();
    }
  };
}

const because = (r: Outcome['reason'], t: Texts['work'], common: Texts['common']) =>
  (!r ? common.because.unknown : r.status === 409 ? t.nameTakenThere : explain(new ApiError(r.status, { detail: r.detail }), common));

/** Gives what runs work on any number of items, as many jobs as that takes, and tells of it as one thing; items are what it is about. */
export function useBulk() {
  const t = useTexts('work');
  const common = useTexts('common');
  const back = useTakeBack();
  return async (body: Omit<CreateJob, 'items'>, items: CreateJob['items'], shares: readonly string[], told: Told): Promise<Outcome | null> => {
    let now: Running | null = null;
    const message = late(() => told.going(now?.done ?? 0, now?.total ?? items.length), { label: t.stop, run: () => now?.stop() });
    const r = await work(body, items, shares, (x) => { now = x; message.again(); });
    message.end();
    if (r.broken) toast(t.someStay(Math.max(1, items.length - r.done), explain(r.broken, common)), { kind: 'alert' });
    else if (r.failed) toast(t.someStay(r.failed, because(r.reason, t, common)), { kind: 'alert' });
    const n = Math.min(r.done, items.length);
    if (!n && !r.cancelled) return r.broken ? null : r;
    const text = r.cancelled ? t.stopped(n) : told.done(n);
    const undo = undoable(text, () => void back(r.ids, shares, r.done, told.undone), r.ids);
    toast(text, { kind: 'done', action: { label: common.undo, run: undo } });
    return r.broken ? null : r;
  };
}
