// Who may do what: members and invitations of shares, entries of anything.
import { type Api, newKey, wholeList } from './api';
import type {
  ACL, ACLEntry, AddShareMember, CreateInvitation, Effective, Inheritance, Invitation, Invitations, Principals, PutACL, SetACLEntry, ShareMember, ShareMembers, UpdateShareMember,
} from './types_gen';

const id = encodeURIComponent;

export type Kind = ACL['resource_type'];

/** Tells by an ID what it is the ID of. */
export const kindOf = (which: string): Kind => (which.startsWith('shr_') ? 'share' : which.startsWith('fld_') ? 'folder' : 'file');

export const members = (api: Api, share: string, signal?: AbortSignal) => wholeList<ShareMember>(async (offset) => {
  const r = await api.call<ShareMembers>('GET', `/shares/${id(share)}/members`, { query: { limit: 100, offset: offset || null }, signal });
  return { items: r.members, total: r.total };
});

export const addMember = (api: Api, share: string, body: AddShareMember) =>
  api.call<ShareMember>('POST', `/shares/${id(share)}/members`, { json: body, key: newKey() });

export const updateMember = (api: Api, share: string, who: string, body: UpdateShareMember) =>
  api.call<ShareMember>('PATCH', `/shares/${id(share)}/members/${id(who)}`, { json: body, key: newKey() });

export const removeMember = (api: Api, share: string, who: string) =>
  api.call<null>('DELETE', `/shares/${id(share)}/members/${id(who)}`, { key: newKey() });

export const invitations = (api: Api, share: string, signal?: AbortSignal) => wholeList<Invitation>(async (offset) => {
  const r = await api.call<Invitations>('GET', `/shares/${id(share)}/invitations`, { query: { limit: 100, offset: offset || null }, signal });
  return { items: r.invitations, total: r.total };
});

export const invite = (api: Api, share: string, body: CreateInvitation) =>
  api.call<Invitation>('POST', `/shares/${id(share)}/invitations`, { json: body, key: newKey() });

export const takeBack = (api: Api, share: string, invitation: string) =>
  api.call<null>('DELETE', `/shares/${id(share)}/invitations/${id(invitation)}`, { key: newKey() });

/** Finds people and groups of the tenant by the beginnings of words. */
export const principals = (api: Api, search: string, signal?: AbortSignal) =>
  api.call<Principals>('GET', '/shares/search/principals', { query: { q: search, limit: 10 }, signal });

const entries = (which: string) => `/permissions/acl/${kindOf(which)}/${id(which)}`;

/** The entries and the version that a change of them must name. */
export const acl = async (api: Api, which: string, signal?: AbortSignal) => {
  const { body, etag } = await api.answer<ACL>('GET', entries(which), { signal });
  return { acl: body, etag };
};

export const addEntry = (api: Api, which: string, body: SetACLEntry, etag: string) =>
  api.call<ACLEntry>('POST', entries(which), { json: body, ifMatch: etag, key: newKey() });

export const putEntries = (api: Api, which: string, body: PutACL, etag: string) =>
  api.call<ACL>('PUT', entries(which), { json: body, ifMatch: etag, key: newKey() });

export const setInheritance = (api: Api, which: string, inherit: boolean, copy: boolean, etag: string) =>
  api.call<Inheritance>('PUT', `${entries(which)}/inheritance`, { json: { inherit_from_parent: inherit, ...(inherit ? {} : { copy_inherited: copy }) }, ifMatch: etag, key: newKey() });

/** What somebody may do, with what decided; who '': the person themself. */
export const effective = (api: Api, which: string, who: string, signal?: AbortSignal) =>
  api.call<Effective>('GET', '/permissions/effective', { query: { resource_type: kindOf(which), resource_id: which, principal_id: who, explain: true }, signal });
