// The life of shares: settings, requests to join, owners, an end and a way back.
import { type Api, newKey, wholeList } from './api';
import type { AskToJoin, Invitation, Invitations, JoinRequest, JoinRequests, Joined, OpenShare, OpenShares, Share, UpdateShare } from './types_gen';

const id = encodeURIComponent;

export const updateShare = (api: Api, which: string, body: UpdateShare) => api.call<Share>('PATCH', `/shares/${id(which)}`, { json: body, key: newKey() });

export const deleteShare = (api: Api, which: string) => api.call<null>('DELETE', `/shares/${id(which)}`, { key: newKey() });

export const transferShare = (api: Api, which: string, to: string) =>
  api.call<Share>('POST', `/permissions/ownership/share/${id(which)}/transfer`, { json: { new_owner_id: to }, key: newKey() });

export const joinRequests = (api: Api, which: string, signal?: AbortSignal) => wholeList<JoinRequest>(async (offset) => {
  const r = await api.call<JoinRequests>('GET', `/shares/${id(which)}/join-requests`, { query: { limit: 100, offset: offset || null }, signal });
  return { items: r.join_requests, total: r.total };
});

export const answerJoin = (api: Api, which: string, who: string, how: 'accept' | 'refuse', role?: JoinRequest['role']) =>
  api.call<JoinRequest>('POST', `/shares/${id(which)}/join-requests/${id(who)}/${how}`, { ...(how === 'accept' ? { json: role ? { role } : {} } : {}), key: newKey() });

export const askToJoin = (api: Api, which: string, body: AskToJoin) => api.call<JoinRequest>('POST', `/shares/${id(which)}/join-requests`, { json: body, key: newKey() });

export const withdrawJoin = (api: Api, which: string, who: string) => api.call<null>('DELETE', `/shares/${id(which)}/join-requests/${id(who)}`, { key: newKey() });

export const discoverable = (api: Api, signal?: AbortSignal) => wholeList<OpenShare>(async (offset) => {
  const r = await api.call<OpenShares>('GET', '/shares/discoverable', { query: { limit: 100, offset: offset || null }, signal });
  return { items: r.shares, total: r.total };
});

export const myInvitations = async (api: Api, signal?: AbortSignal) => (await api.call<Invitations>('GET', '/users/me/invitations', { signal })).invitations as Invitation[];

export const answerInvitation = (api: Api, which: string, how: 'accept' | 'decline') =>
  api.call<Joined | null>('POST', `/users/me/invitations/${id(which)}/${how}`, { key: newKey() });
