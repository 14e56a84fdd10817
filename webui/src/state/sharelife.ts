// The life of shares: settings, requests to join, owners, an end and a way back.
import { useMutation, useQuery } from '@tanstack/react-query';
import * as calls from '../api/sharelife';
import type { JoinRequest, UpdateShare } from '../api/types_gen';
import { api, keys, queryClient } from './client';
import { onFrame } from './live';
import { useMe } from './signin';

const joinKey = (share: string) => [...keys.share(share), 'joins'] as const;
const openKey = ['discoverable'] as const;
const invitedKey = ['invitations'] as const;

const refresh = async (share: string) => {
  void queryClient.invalidateQueries({ queryKey: ['admin'] });
  void queryClient.invalidateQueries({ queryKey: openKey });
  await Promise.all([queryClient.invalidateQueries({ queryKey: keys.share(share) }), queryClient.invalidateQueries({ queryKey: keys.shares })]);
};

export function useShareLife(share: string) {
  const onSettled = () => refresh(share);
  return {
    update: useMutation({ mutationFn: (body: UpdateShare) => calls.updateShare(api, share, body), onSettled }),
    remove: useMutation({ mutationFn: () => calls.deleteShare(api, share), onSettled: () => { void queryClient.invalidateQueries({ queryKey: keys.shares }); void queryClient.invalidateQueries({ queryKey: ['admin'] }); } }),
    transfer: useMutation({ mutationFn: (to: string) => calls.transferShare(api, share, to), onSettled }),
    answer: useMutation({ mutationFn: ({ who, how, role }: { who: string; how: 'accept' | 'refuse'; role?: JoinRequest['role'] }) => calls.answerJoin(api, share, who, how, role), onSettled }),
  };
}

/** Brings a deleted share back. */
export async function bringBack(share: string): Promise<void> {
  await calls.updateShare(api, share, { is_deleted: false });
  await refresh(share);
}

export const useJoinRequests = (share: string, enabled: boolean) => useQuery({ queryKey: joinKey(share), queryFn: ({ signal }) => calls.joinRequests(api, share, signal), enabled });

/** The shares that everybody may know of, and the invitations to the person. */
export const useOpenShares = () => useQuery({ queryKey: openKey, queryFn: ({ signal }) => calls.discoverable(api, signal) });
export const useMyInvitations = () => useQuery({ queryKey: invitedKey, queryFn: ({ signal }) => calls.myInvitations(api, signal) });

export function useJoining() {
  const me = useMe();
  const onSettled = async () => {
    void queryClient.invalidateQueries({ queryKey: keys.shares });
    await Promise.all([queryClient.invalidateQueries({ queryKey: openKey }), queryClient.invalidateQueries({ queryKey: invitedKey })]);
  };
  return {
    ask: useMutation({ mutationFn: ({ share, message }: { share: string; message: string }) => calls.askToJoin(api, share, message ? { message } : {}), onSettled }),
    withdraw: useMutation({ mutationFn: (share: string) => calls.withdrawJoin(api, share, me.id), onSettled }),
    answer: useMutation({ mutationFn: ({ invitation, how }: { invitation: string; how: 'accept' | 'decline' }) => calls.answerInvitation(api, invitation, how), onSettled }),
  };
}

// A request is told to those who may answer it, and its answer to who asked.
onFrame((f) => {
  if (f.event_type !== 'notice') return;
  void queryClient.invalidateQueries({ queryKey: openKey });
  if (f.share_id) void queryClient.invalidateQueries({ queryKey: joinKey(f.share_id) });
});
