// The console: people, groups, shares, the tenant, partners.
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import * as admin from '../api/admin';
import type { AdminUser, CreateUser, Group, Share, UpdateTenant, UpdateUser } from '../api/types_gen';
import { api, keys, queryClient } from './client';
import { useMe } from './signin';

export type { UserStatus, UsersQuery } from '../api/admin';

const adminKeys = {
  all: ['admin'] as const,
  dashboard: ['admin', 'dashboard'] as const,
  users: ['admin', 'users'] as const,
  user: (id: string) => ['admin', 'user', id] as const,
  groups: ['admin', 'groups'] as const,
  group: (id: string) => ['admin', 'group', id] as const,
  members: (id: string) => ['admin', 'group', id, 'members'] as const,
  shares: ['admin', 'shares'] as const,
  tenant: ['admin', 'tenant'] as const,
  partners: ['admin', 'partners'] as const,
  tenants: (partner: string) => ['admin', 'tenants', partner] as const,
};

const page = 100; // rows of one call, the most that the server gives

const ranks = { tenant_admin: 1, partner_admin: 2, super_admin: 3 } as const;

export type AdminRole = keyof typeof ranks;

/** Says whether the person has at least a role. */
export function useIsAdmin(role: AdminRole = 'tenant_admin'): boolean {
  const me = useMe();
  return (me.admin_role ? ranks[me.admin_role] : 0) >= ranks[role];
}

interface Pages<T> {
  rows: T[];
  total: number;
}

/** A list that comes by offset, page after page as it is needed. */
function useRows<T>(key: readonly unknown[], get: (offset: number, limit: number, signal: AbortSignal) => Promise<Pages<T>>) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => get(pageParam, page, signal),
    initialPageParam: 0,
    getNextPageParam: (last: Pages<T>, all) => {
      const have = all.reduce((n, p) => n + p.rows.length, 0);
      return last.rows.length && have < last.total ? have : undefined;
    },
    placeholderData: keepPreviousData,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const rows = data?.pages.flatMap((p) => p.rows) ?? [];
  const need = useCallback((index: number) => {
    if (index >= rows.length - 1 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { ...query, rows, need, total: data?.pages.at(-1)?.total ?? 0 };
}

export const useUsers = (q: admin.UsersQuery) => useRows<AdminUser>([...adminKeys.users, q], async (offset, limit, signal) => {
  const r = await admin.users(api, q, offset, limit, signal);
  return { rows: r.users, total: r.total };
});

/** All users that a query finds, also those that are not loaded. */
export async function everyUser(q: admin.UsersQuery): Promise<AdminUser[]> {
  const all: AdminUser[] = [];
  for (;;) {
    const r = await admin.users(api, q, all.length, page);
    all.push(...r.users);
    if (!r.users.length || all.length >= r.total) return all;
  }
}

export const useGroups = (search: string) => useRows<Group>([...adminKeys.groups, search], async (offset, limit, signal) => {
  const r = await admin.groups(api, search, offset, limit, signal);
  return { rows: r.groups, total: r.total };
});

export const useAllShares = () => useRows<Share>(adminKeys.shares, async (offset, limit, signal) => {
  const r = await admin.shares(api, offset, limit, signal);
  return { rows: r.shares, total: r.total };
});

export const useUser = (id: string) => useQuery({ queryKey: adminKeys.user(id), queryFn: ({ signal }) => admin.user(api, id, signal), enabled: id !== '' });
export const useGroup = (id: string) => useQuery({ queryKey: adminKeys.group(id), queryFn: ({ signal }) => admin.group(api, id, signal), enabled: id !== '' });
export const useGroupMembers = (id: string) => useQuery({ queryKey: adminKeys.members(id), queryFn: ({ signal }) => admin.groupMembers(api, id, signal), enabled: id !== '' });
export const useTenant = () => useQuery({ queryKey: adminKeys.tenant, queryFn: ({ signal }) => admin.tenant(api, signal) });
export const usePartners = () => useQuery({ queryKey: adminKeys.partners, queryFn: ({ signal }) => admin.partners(api, signal) });
export const useTenants = (partner: string) => useQuery({ queryKey: adminKeys.tenants(partner), queryFn: ({ signal }) => admin.tenants(api, partner, signal), enabled: partner !== '' });
export const useDashboard = () => useQuery({ queryKey: adminKeys.dashboard, queryFn: ({ signal }) => admin.dashboard(api, signal), refetchInterval: 30_000 });

// Whatever an administrator did, all of the console is asked for again: these are
// few calls, and lists, counts and details hang together.
function useAct<V, R>(run: (v: V) => Promise<R>) {
  return useMutation({
    mutationFn: run,
    onSettled: () => Promise.all([queryClient.invalidateQueries({ queryKey: adminKeys.all }), queryClient.invalidateQueries({ queryKey: keys.shares })]),
  });
}

export const useCreateUser = () => useAct((body: CreateUser) => admin.createUser(api, body));
export const useUpdateUser = () => useAct(({ id, ...body }: UpdateUser & { id: string }) => admin.updateUser(api, id, body));
export const useSetSuspended = () => useAct(({ id, suspended }: { id: string; suspended: boolean }) => (suspended ? admin.suspendUser(api, id) : admin.activateUser(api, id)));
export const useSuspendMany = () => useAct(async ({ ids, suspended }: { ids: readonly string[]; suspended: boolean }) => {
  let error: unknown = null;
  let failed = 0;
  for (const id of ids) {
    try {
      await (suspended ? admin.suspendUser(api, id) : admin.activateUser(api, id));
    } catch (e) {
      failed++;
      error = e;
    }
  }
  return { done: ids.length - failed, failed, error };
});
export const useResetPassword = () => useAct((id: string) => admin.resetPassword(api, id));
export const useDeleteUser = () => useAct(({ id, heir }: { id: string; heir: string }) => admin.deleteUser(api, id, heir));
export const useCreateGroup = () => useAct((name: string) => admin.createGroup(api, name));
export const useUpdateGroup = () => useAct(({ id, ...body }: { id: string; name?: string; description?: string }) => admin.updateGroup(api, id, body));
export const useDeleteGroup = () => useAct(({ id, heir }: { id: string; heir: string }) => admin.deleteGroup(api, id, heir));
export const useAddGroupMember = () => useAct(({ group, who, kind }: { group: string; who: string; kind: 'user' | 'group' }) =>
  admin.addGroupMember(api, group, kind === 'user' ? { user_id: who } : { group_id: who }));
export const useRemoveGroupMember = () => useAct(({ group, who }: { group: string; who: string }) => admin.removeGroupMember(api, group, who));
export const useUpdateTenant = () => useAct((body: UpdateTenant) => admin.updateTenant(api, body));
export const useCreatePartner = () => useAct((name: string) => admin.createPartner(api, name));
export const useSetPartnerStatus = () => useAct(({ id, status }: { id: string; status: 'active' | 'suspended' }) => admin.setPartnerStatus(api, id, status));
export const useCreateTenant = () => useAct(({ partner, ...body }: { partner: string; name: string; admin_email: string }) => admin.createTenant(api, partner, body));
export const useSetTenantStatus = () => useAct(({ partner, id, status }: { partner: string; id: string; status: 'active' | 'suspended' }) => admin.setTenantStatus(api, partner, id, status));
