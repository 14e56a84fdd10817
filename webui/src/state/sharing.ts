// Who may do what. Nothing here shows before the server has said that it is so.
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import * as calls from '../api/sharing';
import { hasStatus } from '../api/errors';
import type { ACLEntry, AddShareMember, CreateInvitation, SetACLEntry, UpdateShareMember } from '../api/types_gen';
import { api, keys, queryClient } from './client';
import { useShare, useShares } from './shares';
import { useMe } from './signin';

export { type Kind, kindOf } from '../api/sharing';
export type Entries = Awaited<ReturnType<typeof calls.acl>>;

const memberKey = (share: string) => [...keys.share(share), 'members'] as const;
const invitationKey = (share: string) => [...keys.share(share), 'invitations'] as const;

export function useMembers(share: string, enabled = true) {
  return useQuery({ queryKey: memberKey(share), queryFn: ({ signal }) => calls.members(api, share, signal), enabled: enabled && share !== '' });
}

export function useInvitations(share: string, enabled: boolean) {
  return useQuery({ queryKey: invitationKey(share), queryFn: ({ signal }) => calls.invitations(api, share, signal), enabled });
}

/** Whether the person may change who is in a share. */
export function useMayManage(share: string): boolean {
  const me = useMe();
  const { data: list } = useShares();
  const { data } = useShare(share);
  const role = list?.find((s) => s.id === share)?.role;
  return role === 'owner' || role === 'admin' || data?.owner_id === me.id || me.is_admin;
}

/** The names of people by their IDs, as far as they are known here. */
export function useNames(share: string): (id: string) => string {
  const { data } = useMembers(share);
  const me = useMe();
  return (id) => (id === me.id ? me.display_name || me.name : (data?.find((m) => m.principal_id === id)?.name ?? ''));
}

export function usePrincipals(search: string) {
  return useQuery({ queryKey: ['principals', search], queryFn: ({ signal }) => calls.principals(api, search, signal), enabled: search !== '', placeholderData: keepPreviousData });
}

// All that a change of rights may have changed for whoever made it.
async function refreshRights(): Promise<void> {
  for (const key of ['children', 'folder', 'file', 'effective', 'shares'] as const) void queryClient.invalidateQueries({ queryKey: [key] });
  await Promise.all([queryClient.invalidateQueries({ queryKey: ['acl'] }), queryClient.invalidateQueries({ queryKey: ['share'] })]);
}

export function useMemberChanges(share: string) {
  const onSettled = refreshRights;
  return {
    add: useMutation({ mutationFn: (body: AddShareMember) => calls.addMember(api, share, body), onSettled }),
    update: useMutation({ mutationFn: ({ who, ...body }: UpdateShareMember & { who: string }) => calls.updateMember(api, share, who, body), onSettled }),
    remove: useMutation({ mutationFn: (who: string) => calls.removeMember(api, share, who), onSettled }),
    invite: useMutation({ mutationFn: (body: CreateInvitation) => calls.invite(api, share, body), onSettled }),
    takeBack: useMutation({ mutationFn: (invitation: string) => calls.takeBack(api, share, invitation), onSettled }),
  };
}

export function useEntries(which: string, enabled = true) {
  return useQuery({
    queryKey: ['acl', which], queryFn: ({ signal }) => calls.acl(api, which, signal), enabled, staleTime: 0,
    placeholderData: keepPreviousData,
    retry: (n, e) => n < 2 && !hasStatus(e, 403, 404, 410),
  });
}

/** What an entry says, as it is sent. */
export function asSent(e: ACLEntry): SetACLEntry {
  return {
    principal_type: e.principal_type, permissions: e.permissions, ace_type: e.ace_type, applies_to: e.applies_to, one_level: e.one_level,
    ...(e.principal_type === 'everyone' ? {} : { principal_id: e.principal_id }),
  };
}

/** Changes of the entries of one thing. Each names what the person saw: what another changed meanwhile is not lost. */
export function useEntryChanges(which: string) {
  const onSettled = refreshRights;
  const replace = (seen: Entries, list: SetACLEntry[]) =>
    calls.putEntries(api, which, { entries: [...list.filter((e) => e.ace_type === 'deny'), ...list.filter((e) => e.ace_type !== 'deny')] }, seen.etag);
  const own = (seen: Entries) => seen.acl.entries.filter((e) => !e.inherited_from);
  return {
    add: useMutation({ mutationFn: ({ seen, entry }: { seen: Entries; entry: SetACLEntry }) => calls.addEntry(api, which, entry, seen.etag), onSettled }),
    change: useMutation({ mutationFn: ({ seen, id, entry }: { seen: Entries; id: string; entry: SetACLEntry }) => replace(seen, own(seen).map((e) => (e.id === id ? entry : asSent(e)))), onSettled }),
    remove: useMutation({ mutationFn: ({ seen, id }: { seen: Entries; id: string }) => replace(seen, own(seen).filter((e) => e.id !== id).map(asSent)), onSettled }),
    inherit: useMutation({ mutationFn: ({ seen, inherit, copy }: { seen: Entries; inherit: boolean; copy: boolean }) => calls.setInheritance(api, which, inherit, copy, seen.etag), onSettled }),
  };
}

/** What somebody may do and why; who '': the person themself. */
export function useEffective(which: string, who: string, enabled = true) {
  return useQuery({ queryKey: ['effective', which, who], queryFn: ({ signal }) => calls.effective(api, which, who, signal), enabled: enabled && which !== '', staleTime: 0, retry: (n, e) => n < 2 && !hasStatus(e, 403, 404, 410) });
}
