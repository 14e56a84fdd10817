// Who is signed in.
import { useQuery } from '@tanstack/react-query';
import { config, me } from '../api/nodes';
import type { Me } from '../api/types_gen';
import { SessionEnded } from '../api/errors';
import { api, keys, queryClient, session } from './client';
import { startLive, stopLive } from './live';
import { checkConnection } from './connection';
import { navigate } from './router';
import { Store, useStore } from './store';

export type SignIn =
  | { state: 'looking' }
  /** ended: the session ended by itself, and the window still shows what it had. */
  | { state: 'out'; ended: boolean }
  | { state: 'in'; me: Me };

const store = new Store<SignIn>({ state: 'looking' });
export const useSignIn = () => useStore(store);

/** Who the window was of last: another person must not see what the first one had. */
let last: string | null = null;
const leaving = new Set<() => void>();

/** Has something forgotten when another person signs in, or this one out. */
export function onLeave(forget: () => void): () => void {
  leaving.add(forget);
  return () => leaving.delete(forget);
}

const entering = new Set<() => void>();

/** Has something go on when a person has signed in. */
export function onEnter(go: () => void): () => void {
  entering.add(go);
  return () => entering.delete(go);
}

/** Finds out whether there is a session. */
export async function startSignIn(): Promise<void> {
  session.onend = () => {
    stopLive();
    if (store.get().state !== 'out') store.set({ state: 'out', ended: last !== null });
  };
  session.onswitch = () => {
    stopLive();
    void resume();
  };
  await resume();
}

/** Goes on with the session that the browser has, if there is one. */
async function resume(): Promise<void> {
  if (!session.find()) {
    store.set({ state: 'out', ended: false });
    return;
  }
  for (;;) {
    try {
      await enter();
      return;
    } catch (e) {
      if (e instanceof SessionEnded) {
        store.set({ state: 'out', ended: true });
        return;
      }
      if (await checkConnection()) throw e;
      await new Promise((ok) => setTimeout(ok, 2_000));
    }
  }
}

async function enter(): Promise<void> {
  const who = await me(api);
  if (last !== null && last !== who.id) {
    forget();
    navigate('/', { replace: true });
  }
  last = who.id;
  queryClient.setQueryData(keys.me, who);
  store.set({ state: 'in', me: who });
  void queryClient.invalidateQueries();
  startLive();
  for (const go of entering) go();
}

function forget(): void {
  for (const f of leaving) f();
  queryClient.clear();
}

export async function signIn(email: string, password: string, stay: boolean): Promise<void> {
  await session.login(email, password, stay);
  await enter();
}

export async function signOut(): Promise<void> {
  stopLive();
  const ending = session.logout();
  last = null;
  forget();
  store.set({ state: 'out', ended: false });
  navigate('/', { replace: true });
  await ending;
}

/** The person; only for views inside the frame. */
export function useMe(): Me {
  const s = useSignIn();
  const kept = queryClient.getQueryData<Me>(keys.me);
  if (s.state === 'in') return s.me;
  if (kept) return kept;
  throw new Error('nobody is signed in');
}

export function useConfig() {
  return useQuery({ queryKey: keys.config, queryFn: ({ signal }) => config(api, signal), staleTime: Infinity });
}
