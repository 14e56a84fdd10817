// Signing in.
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError } from '../../api/errors';
import { Checkbox, PasswordField, TextField } from '../../components/field';
import { Brand, Icon } from '../../components/icon';
import { Note } from '../../components/parts';
import { type Texts, useTexts } from '../../i18n';
import { say } from '../../state/announce';
import { signIn, useConfig } from '../../state/signin';
import { queue } from '../../state/transfers';

export default function Login({ ended }: { ended: boolean }) {
  const t = useTexts('login');
  const common = useTexts('common');
  const { data: config } = useConfig();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [stay, setStay] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<{ email?: string; password?: string }>({});
  const fields = { email: useRef<HTMLInputElement>(null), password: useRef<HTMLInputElement>(null) };
  useEffect(() => {
    document.title = common.pageTitle(t.title);
    fields.email.current?.focus();
  }, []); // at first only
  const note = ended ? (queue.busy ? common.sessionEndedUploads : common.sessionEnded) : '';
  useEffect(() => { if (note) say(note); }, [note]);

  const refuse = (field: 'email' | 'password', text: string) => {
    setWrong({ [field]: text });
    fields[field].current?.focus();
  };
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (busy) return;
    if (!email.trim()) return refuse('email', t.emailMissing);
    if (!password) return refuse('password', t.passwordMissing);
    setWrong({});
    setBusy(true);
    try {
      await signIn(email.trim(), password, stay);
    } catch (problem) {
      setBusy(false);
      refuse('password', why(problem, t));
      if (problem instanceof ApiError && problem.status === 401) fields.password.current?.select();
    }
  };
  return (
    <main className="signin" id="main">
      <div className="hero">
        <form className="form" method="post" noValidate onSubmit={(e) => void submit(e)} aria-labelledby="signin-title">
          <p className="brand"><Brand /><span>{common.product}</span></p>
          <div><h1 id="signin-title">{t.title}</h1><p className="soft">{window.location.host}</p></div>
          {note && <Note kind="warn">{note}</Note>}
          {config?.test_mode && <Note kind="warn" icon="alert">{common.testMode}</Note>}
          <div className="stack">
            <TextField big label={t.email} type="email" name="username" autoComplete="username" value={email} onChange={setEmail} error={wrong.email} ref={fields.email} spellCheck={false} />
            <PasswordField big label={t.password} autoComplete="current-password" value={password} onChange={setPassword} error={wrong.password} show={t.showPassword} ref={fields.password} />
            <Checkbox label={t.stay} checked={stay} onChange={setStay} />
            <button className="btn primary big block" type="submit" aria-disabled={busy}>{busy ? t.busy : t.action}</button>
          </div>
          <p className="host"><Icon name="shield" size="s" />{t.ownServer}{config ? ` · ${common.version(config.version)}` : ''}</p>
        </form>
      </div>
    </main>
  );
}

function why(e: unknown, t: Texts['login']): string {
  if (!(e instanceof ApiError)) return t.noConnection;
  if (e.status === 401 || e.status === 422) return t.wrong;
  if (e.status === 429) return t.tooManyTries(e.retryAfter || 30);
  return e.status >= 500 ? t.fault(e.requestId) : e.detail;
}
