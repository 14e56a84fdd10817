// Bulk work on the server, told: progress with a way to stop, the end with a way back.
import { ApiError } from '../../api/errors';
import type { CreateJob } from '../../api/types_gen';
import { useTexts } from '../../i18n';
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

/** Gives what runs a job and tells of it; items are what the job is about. */
export function useBulk() {
  const t = useTexts('work');
  const common = useTexts('common');
  const because = (r: Outcome['reason']) => (!r ? common.because.unknown : r.status === 409 ? t.nameTakenThere : explain(new ApiError(r.status, { detail: r.detail }), common));
  return async (body: Omit<CreateJob, 'items'>, items: CreateJob['items'], shares: readonly string[], told: Told): Promise<Outcome | null> => {
    let message = 0, over = false;
    let now: Running | null = null;
    const late = setTimeout(() => {
      if (over) return;
      message = toast(told.going(now?.done ?? 0, now?.total ?? items.length), { stays: true, action: { label: t.stop, run: () => now?.stop() } });
    }, quiet);
    try {
      const r = await work(body, items, shares, (x) => {
        now = x;
        if (message) retell(message, told.going(x.done, x.total));
      });
      if (r.failed) toast(t.someStay(r.failed, because(r.reason)), { kind: 'alert' });
      const n = Math.min(r.done, items.length);
      if (!n && !r.cancelled) return r;
      const back = undoable(() => void takeBack(r.ids, shares).then((b) => {
        if (b.failed) toast(t.undoFailed(because(b.reason)), { kind: 'alert' });
        else toast(told.undone(n), { kind: 'undo' });
      }, (e: unknown) => toast(t.undoFailed(explain(e, common)), { kind: 'alert' })));
      toast(r.cancelled ? t.stopped(n) : told.done(n), { kind: 'done', action: { label: common.undo, run: back } });
      return r;
    } catch (e) {
      toast(t.someStay(items.length, explain(e, common)), { kind: 'alert' });
      return null;
    } finally {
      over = true;
      clearTimeout(late);
      if (message) dismissToast(message);
    }
  };
}
