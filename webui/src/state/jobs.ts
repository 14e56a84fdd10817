// Bulk work on the server: ordered, followed to its end, taken back.
import { cancelJob, createJob, job, largestJob, undoJob } from '../api/jobs';
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
}

export interface Running {
  done: number;
  total: number;
  /** Ends the work before its next step. */
  stop: () => void;
}

/** Orders work for any number of items and follows it to its end. */
export async function work(body: Omit<CreateJob, 'items'>, items: CreateJob['items'], shares: readonly string[], onprogress: (r: Running) => void): Promise<Outcome> {
  const out: Outcome = { ids: [], done: 0, failed: 0, reason: undefined, cancelled: false };
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

/** Takes jobs back, the last first. */
export async function takeBack(ids: readonly string[], shares: readonly string[]): Promise<{ failed: number; reason: Job['errors'][number] | undefined }> {
  let failed = 0;
  let reason: Job['errors'][number] | undefined;
  try {
    for (const id of [...ids].reverse()) {
      await undoJob(api, id);
      const j = await follow(id, () => {}, (now) => now.state === 'undone' || now.state === 'failed');
      failed += j.error_count;
      reason ??= j.errors[0];
    }
  } finally {
    refreshShares(shares);
  }
  return { failed, reason };
}

/** Has what is shown of shares be read anew. */
export function refreshShares(shares: readonly string[]): void {
  for (const s of new Set(shares)) {
    void queryClient.invalidateQueries({ queryKey: keys.listings(s) });
    void queryClient.invalidateQueries({ queryKey: keys.trash(s) });
  }
  void queryClient.invalidateQueries({ queryKey: ['desk'] });
  void queryClient.invalidateQueries({ queryKey: ['folder'] });
}
