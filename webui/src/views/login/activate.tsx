// Setting the first password, or a new one, with a link.
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError } from '../../api/errors';
import { Button } from '../../components/button';
import { PasswordField } from '../../components/field';
import { Brand } from '../../components/icon';
import { Note } from '../../components/parts';
import { useTexts } from '../../i18n';
import { say } from '../../state/announce';
import { activate, forgetActivation } from '../../state/activation';

export default function Activate() {
  const t = useTexts('login');
  const common = useTexts('common');
  const field = useRef<HTMLInputElement>(null);
  const [password, setPassword] = useState('');
  const [error, setError] = useState('');
  const [state, setState] = useState<'asking' | 'busy' | 'done' | 'over'>('asking');
  useEffect(() => {
    document.title = common.pageTitle(t.activate);
    field.current?.focus();
  }, []); // at first only
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (state === 'busy') return;
    if (!password) {
      setError(t.passwordMissing);
      return;
    }
    setState('busy');
    try {
      await activate(password);
      setState('done');
      say(t.activated);
    } catch (problem) {
      const gone = problem instanceof ApiError && problem.status === 410;
      setState(gone ? 'over' : 'asking');
      if (!gone) setError(problem instanceof ApiError ? (problem.status >= 500 ? t.fault(problem.requestId) : problem.detail) : t.noConnection);
      field.current?.focus();
    }
  };
  const over = state === 'done' || state === 'over';
  return (
    <main className="signin" id="main">
      <div className="hero">
        <form className="form" method="post" noValidate onSubmit={(e) => void submit(e)} aria-labelledby="activate-title">
          <p className="brand"><Brand /><span>{common.product}</span></p>
          <div><h1 id="activate-title">{t.activate}</h1><p className="soft">{window.location.host}</p></div>
          {state === 'done' && <Note kind="ok" icon="check">{t.activated}</Note>}
          {state === 'over' && <Note kind="warn" icon="alert">{t.linkOver}</Note>}
          <div className="stack">
            {!over && <PasswordField big label={t.newPassword} autoComplete="new-password" value={password} onChange={(v) => { setPassword(v); setError(''); }} error={error} show={t.showPassword} ref={field} />}
            {!over && <button className="btn primary big block" type="submit" aria-disabled={state === 'busy'}>{t.setPassword}</button>}
            {over && <Button kind="primary" big block autoFocus onPress={forgetActivation}>{t.goSignIn}</Button>}
          </div>
        </form>
      </div>
    </main>
  );
}
