// Signing in and out.
import type { Format } from '../format';

export default (f: Format) => ({
  title: 'Sign in',
  action: 'Sign in',
  busy: 'Signing in…',
  email: 'E-mail',
  password: 'Password',
  showPassword: 'Show password',
  stay: 'Keep me signed in on this computer',
  wrong: 'The e-mail or the password is wrong.',
  emailMissing: 'Type your e-mail address.',
  passwordMissing: 'Type your password.',
  tooManyTries: (seconds: number) => `Too many tries. Wait ${f.duration(seconds)}, then try again.`,
  noConnection: 'No connection to the server. Try again.',
  fault: (id: string) => `The server had a fault (request ${id}). Try again.`,
  ownServer: 'Your organisation’s own server',
  outBusyTitle: 'Uploads are not finished',
  outBusy: (n: number) => `Signing out stops ${f.count(n, { one: '# upload', other: '# uploads' })}. What has arrived stays.`,
  stayIn: 'Stay signed in',
  outAnyway: 'Stop uploads and sign out',
  activate: 'Set your password',
  newPassword: 'New password',
  setPassword: 'Set password',
  activated: 'Your password is set. Sign in with it.',
  linkOver: 'This link was used, or its time is over. Ask your administrator for a new one.',
  goSignIn: 'Go to sign-in',
});
