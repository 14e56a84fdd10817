// What administrators call: people, groups, the tenant, partners.
import { type Api, newKey, wholeList } from './api';
import type {
  AdminUser, AdminUsers, CreateUser, Dashboard, Group, GroupMember, GroupMembers, Groups, NewTenant, Partner, Partners, Share, Shares,
  Tenant, Tenants, UpdateTenant, UpdateUser,
} from './types_gen';

const id = encodeURIComponent;

export type UserStatus = AdminUser['status'];

export interface UsersQuery {
  search: string;
  /** '': all but deleted ones. */
  status: '' | UserStatus;
}

/** Gives a page of users; offsets go as far as the server counts. */
export const users = (api: Api, q: UsersQuery, offset: number, limit: number, signal?: AbortSignal) =>
  api.call<AdminUsers>('GET', '/admin/users', { query: { search: q.search || null, status: q.status || null, limit, offset: offset || null }, signal });

export const user = (api: Api, who: string, signal?: AbortSignal) => api.call<AdminUser>('GET', `/admin/users/${id(who)}`, { signal });

export const createUser = (api: Api, body: CreateUser) => api.call<AdminUser>('POST', '/admin/users', { json: body, key: newKey() });

export const updateUser = (api: Api, who: string, body: UpdateUser) => api.call<AdminUser>('PATCH', `/admin/users/${id(who)}`, { json: body, key: newKey() });

export const suspendUser = (api: Api, who: string) => api.call<AdminUser>('POST', `/admin/users/${id(who)}/suspend`, { key: newKey() });

export const activateUser = (api: Api, who: string) => api.call<AdminUser>('POST', `/admin/users/${id(who)}/activate`, { key: newKey() });

/** Takes the password away; the answer holds a link to hand over. */
export const resetPassword = (api: Api, who: string) => api.call<AdminUser>('POST', `/admin/users/${id(who)}/reset-password`, { json: {}, key: newKey() });

/** Deletes for good; the shares go to the heir, or to the caller. */
export const deleteUser = (api: Api, who: string, heir: string) =>
  api.call<null>('DELETE', `/admin/users/${id(who)}`, { query: { heir_id: heir || null }, key: newKey() });

export const groups = (api: Api, search: string, offset: number, limit: number, signal?: AbortSignal) =>
  api.call<Groups>('GET', '/admin/groups', { query: { search: search || null, limit, offset: offset || null }, signal });

export const group = (api: Api, which: string, signal?: AbortSignal) => api.call<Group>('GET', `/admin/groups/${id(which)}`, { signal });

export const createGroup = (api: Api, name: string) => api.call<Group>('POST', '/admin/groups', { json: { name }, key: newKey() });

export const updateGroup = (api: Api, which: string, body: { name?: string; description?: string }) =>
  api.call<Group>('PATCH', `/admin/groups/${id(which)}`, { json: body, key: newKey() });

export const deleteGroup = (api: Api, which: string, heir: string) =>
  api.call<null>('DELETE', `/admin/groups/${id(which)}`, { query: { heir_id: heir || null }, key: newKey() });

export const groupMembers = (api: Api, which: string, signal?: AbortSignal) => wholeList<GroupMember>(async (offset) => {
  const r = await api.call<GroupMembers>('GET', `/admin/groups/${id(which)}/members`, { query: { limit: 100, offset: offset || null }, signal });
  return { items: r.members, total: r.total };
});

export const addGroupMember = (api: Api, which: string, who: { user_id: string } | { group_id: string }) =>
  api.call<GroupMember>('POST', `/admin/groups/${id(which)}/members`, { json: who, key: newKey() });

export const removeGroupMember = (api: Api, which: string, who: string) =>
  api.call<null>('DELETE', `/admin/groups/${id(which)}/members/${id(who)}`, { key: newKey() });

export const shares = (api: Api, offset: number, limit: number, signal?: AbortSignal) =>
  api.call<Shares>('GET', '/shares', { query: { all: true, limit, offset: offset || null }, signal });

export const updateShare = (api: Api, which: string, body: { name?: string; description?: string }) =>
  api.call<Share>('PATCH', `/shares/${id(which)}`, { json: body, key: newKey() });

export const tenant = (api: Api, signal?: AbortSignal) => api.call<Tenant>('GET', '/admin/tenant', { signal });

export const updateTenant = (api: Api, body: UpdateTenant) => api.call<Tenant>('PATCH', '/admin/tenant', { json: body, key: newKey() });

export const partners = (api: Api, signal?: AbortSignal) => wholeList<Partner>(async (offset) => {
  const r = await api.call<Partners>('GET', '/admin/partners', { query: { limit: 100, offset: offset || null }, signal });
  return { items: r.partners, total: r.total };
});

export const createPartner = (api: Api, name: string) => api.call<Partner>('POST', '/admin/partners', { json: { name }, key: newKey() });

export const setPartnerStatus = (api: Api, which: string, status: Partner['status']) =>
  api.call<Partner>('POST', `/admin/partners/${id(which)}/${status === 'active' ? 'activate' : 'suspend'}`, { key: newKey() });

export const tenants = (api: Api, partner: string, signal?: AbortSignal) => wholeList<Tenant>(async (offset) => {
  const r = await api.call<Tenants>('GET', `/admin/partners/${id(partner)}/tenants`, { query: { limit: 100, offset: offset || null }, signal });
  return { items: r.tenants, total: r.total };
});

export const createTenant = (api: Api, partner: string, body: { name: string; admin_email: string }) =>
  api.call<NewTenant>('POST', `/admin/partners/${id(partner)}/tenants`, { json: body, key: newKey() });

export const setTenantStatus = (api: Api, partner: string, which: string, status: Tenant['status']) =>
  api.call<Tenant>('POST', `/admin/partners/${id(partner)}/tenants/${id(which)}/${status === 'active' ? 'activate' : 'suspend'}`, { key: newKey() });

export const dashboard = (api: Api, signal?: AbortSignal) => api.call<Dashboard>('GET', '/admin/dashboard', { signal });
