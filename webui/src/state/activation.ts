// Setting a password with a link that an administrator handed over. The secret
// stands behind the "#" of the address, so that no server's log has it; it is taken
// out of the address at once, and kept in memory until it is used.
import { jsonOf, request } from '../api/fetch';
import { Store, useStore } from './store';

const mark = '#activate=';
const secret = new Store<string>('');

/** Takes the secret out of the address, at the start and when the address changes. */
export function watchActivation(): void {
  const take = () => {
    if (!window.location.hash.startsWith(mark)) return;
    secret.set(window.location.hash.slice(mark.length));
    window.history.replaceState(null, '', window.location.pathname + window.location.search);
  };
  take();
  window.addEventListener('hashchange', take);
}

/** The secret of a link that was opened, '' if there is none. */
export const useActivation = () => useStore(secret);

export async function activate(password: string): Promise<void> {
  await jsonOf(await request('POST', '/auth/activate', { json: { token: secret.get(), password } }));
}

export const forgetActivation = () => secret.set('');
