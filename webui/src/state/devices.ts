// The person's devices that keep folders in step, and the tokens for scripts.
import { useMutation, useQuery } from '@tanstack/react-query';
import { newKey } from '../api/api';
import { hasStatus } from '../api/errors';
import type { Device, NewServiceToken, ServiceTokens, SyncStatus } from '../api/types_gen';
import { myShares } from '../api/nodes';
import { api, queryClient } from './client';

const mostShares = 50; // that are asked about

export interface DeviceState {
  device: Device;
  /** Of the shares that it keeps in step. */
  shares: { id: string; name: string; status: SyncStatus }[];
}

export function useDevices() {
  return useQuery({
    queryKey: ['devices'],
    queryFn: async ({ signal }): Promise<DeviceState[]> => {
      const devices = await api.call<Device[]>('GET', '/sync/devices', { signal });
      const list = devices.length ? await myShares(api, signal) : [];
      const out: DeviceState[] = [];
      for (const device of devices) {
        const shares: DeviceState['shares'] = [];
        for (const s of list.slice(0, mostShares)) {
          const status = await api.call<SyncStatus>('GET', '/sync/status', { query: { share_id: s.id, device_id: device.device_id }, signal })
            .catch((e: unknown) => { if (hasStatus(e, 403, 404)) return null; throw e; });
          if (status && (status.last_sync_at || status.reported_at)) shares.push({ id: s.id, name: s.name, status });
        }
        out.push({ device, shares });
      }
      return out;
    },
  });
}

export function useAllowDeletes() {
  return useMutation({
    mutationFn: (q: { share: string; device: string }) => api.call<null>('POST', '/sync/status/allow-deletes', { query: { share_id: q.share, device_id: q.device }, key: newKey() }),
    onSettled: () => void queryClient.invalidateQueries({ queryKey: ['devices'] }),
  });
}

/** Has a device list a share anew and compare it with what it has. */
export function useResync() {
  return useMutation({
    mutationFn: (q: { share: string; device: string }) => api.call<null>('POST', '/sync/status/resync', { query: { share_id: q.share, device_id: q.device }, key: newKey() }),
  });
}

export function useRemoveDevice() {
  return useMutation({
    mutationFn: (id: string) => api.call<null>('DELETE', `/sync/devices/${encodeURIComponent(id)}`, { key: newKey() }),
    onSettled: () => void queryClient.invalidateQueries({ queryKey: ['devices'] }),
  });
}

export function useTokens() {
  return useQuery({
    queryKey: ['tokens'],
    queryFn: async ({ signal }) => {
      return (await api.call<ServiceTokens>('GET', '/auth/tokens', { signal })).tokens;
    },
  });
}

const refreshTokens = () => void queryClient.invalidateQueries({ queryKey: ['tokens'] });

export function useCreateToken() {
  return useMutation({
    mutationFn: (body: { name: string; scopes: string[]; expires_at?: string }) => api.call<NewServiceToken>('POST', '/auth/tokens', { json: body }),
    onSuccess: refreshTokens, gcTime: 0, // the secret is not kept
  });
}

export function useDeleteToken() {
  return useMutation({
    mutationFn: (id: string) => api.call<null>('DELETE', `/auth/tokens/${encodeURIComponent(id)}`, { key: newKey() }),
    onSettled: refreshTokens,
  });
}
