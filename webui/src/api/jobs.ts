// Bulk work that runs on the server.
import { type Api, newKey } from './api';
import type { CreateJob, Job, Jobs, JobTicket } from './types_gen';

export const largestJob = 10_000; // items

export const createJob = (api: Api, body: CreateJob) => api.call<JobTicket>('POST', '/jobs', { json: body, key: newKey() });

export const job = (api: Api, id: string, signal?: AbortSignal) => api.call<Job>('GET', `/jobs/${encodeURIComponent(id)}`, { signal });

export const jobs = async (api: Api, limit: number, signal?: AbortSignal) => (await api.call<Jobs>('GET', `/jobs?limit=${limit}`, { signal })).jobs;

export const undoJob = (api: Api, id: string) => api.call<unknown>('POST', `/jobs/${encodeURIComponent(id)}/undo`, { key: newKey() });

export const cancelJob = (api: Api, id: string) => api.call<unknown>('POST', `/jobs/${encodeURIComponent(id)}/cancel`, { key: newKey() });
