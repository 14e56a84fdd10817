// Bulk work on the server: ordered, followed to its end, taken back.
import { useQuery } from '@tanstack/react-query';
import { cancelJob, createJob, job, jobs, largestJob, undoJob } from '../api/jobs';
import type { CreateJob, Job, JobPlan } from '../api/types_gen';
import { ApiError, NetworkError } from '../api/errors';
import { api, keys, queryClient } from './client';

const firstLook = 60, longestLook = 1_000; // milliseconds between two looks
const ended = new Set<Job['state']>(['done', 'failed', 'cancelled', 'undone']);

/** Waits until a job is over; onprogress is told of each look. */
async function follow(id: string, onprogress: (j: Job) => void, over = (j: Job) => ended.has(j.state)): Promise<Job> {
  for (let wait = firstLook; ; wait = Math.min(longestLook, wait * 1.5)) {
    await new Promise((ok) => setTimeout(ok, wait));
    try {
      const j = await job(api, id);
      onprogress(j);
      if (over(j)) return j;
    } catch (e) { // the job goes on while we don't see it
      if (!(e instanceof NetworkError) && !(e instanceof ApiError && [429, 502, 503, 504].includes(e.status))) throw e;
    }
  }
}

export interface Outcome {
  ids: string[];
  done: number;
  failed: number;
  /** The first reason that the server told. */
  reason: Job['errors'][number] | undefined;
  cancelled: boolean;
  /** What ended the work before its end; what is done till then stands. */
  broken: unknown;
}

export interface Running {
  done: number;
  total: number;
  /** Ends the work before its next step. */
  stop: () => void;
}

/** Orders work for any number of items and follows it to its end. */
export async function work(body: Omit<CreateJob, 'items'>, items: CreateJob['items'], shares: readonly string[], onprogress: (r: Running) => void): Promise<Outcome> {
  const out: Outcome = { ids: [], done: 0, failed: 0, reason: undefined, cancelled: false, broken: null };
  let stopped = false, before = 0;
  try {
    for (let i = 0; i < items.length && !stopped; i += largestJob) {
      const part = items.slice(i, i + largestJob);
      const { id } = await createJob(api, { ...body, items: part });
      out.ids.push(id);
      const stop = () => { stopped = true; void cancelJob(api, id).catch(() => {}); };
      const j = await follow(id, (now) => onprogress({ done: before + now.done, total: Math.max(items.length, before + now.total), stop }));
      before += j.total;
      out.failed += j.error_count;
      out.done += Math.max(0, j.done - j.error_count);
      out.reason ??= j.errors[0];
      if (j.state === 'cancelled') out.cancelled = true;
    }
  } catch (e) {
    out.broken = e;
  } finally {
    refreshShares(shares);
  }
  return out;
}

/** Finds out what putting a folder or share back to a moment would do. */
export async function rehearse(id: string, at: string, signal: AbortSignal): Promise<JobPlan> {
  const ticket = await createJob(api, { kind: 'rewind', items: [{ id }], at, dry_run: true });
  const stop = () => void cancelJob(api, ticket.id).catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  const j = await follow(ticket.id, () => {});
  signal.removeEventListener('abort', stop);
  if (j.plan && j.state === 'done') return j.plan;
  const [first] = j.errors;
  throw new ApiError(first?.status ?? 500, { detail: first?.detail ?? '' });
}

export interface Back {
  done: number;
  failed: number;
  reason: Job['errors'][number] | undefined;
}

/** Takes jobs back, the last first; onprogress is told how much is back. */
export async function takeBack(ids: readonly string[], shares: readonly string[], onprogress: (done: number) => void = () => {}): Promise<Back> {
  let done = 0, failed = 0;
  let reason: Back['reason'];
  try {
    for (const id of [...ids].reverse()) {
      await undoJob(api, id);
      const j = await follow(id, (now) => { if (now.state === 'undoing') onprogress(done + now.done); }, (now) => now.state === 'undone' || now.state === 'failed');
      done += Math.max(0, j.done - j.error_count);
      failed += j.error_count;
      reason ??= j.errors[0];
    }
  } finally {
    refreshShares(shares);
  }
  return { done, failed, reason };
}

/** Has what is shown of shares be read anew; of all, if none is named. */
export function refreshShares(shares: readonly string[]): void {
  if (!shares.length) for (const queryKey of [['children'], ['trash']]) void queryClient.invalidateQueries({ queryKey });
  for (const s of new Set(shares)) {
    void queryClient.invalidateQueries({ queryKey: keys.listings(s) });
    void queryClient.invalidateQueries({ queryKey: keys.trash(s) });
  }
  void queryClient.invalidateQueries({ queryKey: ['jobs'] });
  void queryClient.invalidateQueries({ queryKey: ['desk'] });
  void queryClient.invalidateQueries({ queryKey: ['folder'] });
}

const undoables = new Set<Job['state']>(['done', 'failed', 'cancelled']);

/** The person's jobs that can be taken back, also those of other windows; the last first. */
export const useJobsDone = () => useQuery({
  queryKey: ['jobs'],
  queryFn: async ({ signal }) => (await jobs(api, 50, signal)).filter((j) => !j.dry_run && j.undo_until && undoables.has(j.state)),
  staleTime: 0,
});
