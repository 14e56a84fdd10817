// A dialog of a few fields that makes something.
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { useTexts } from '../../i18n';
import { useWhy } from './page';

/** What a field is told: why making failed, and that something was typed since. */
export interface Made {
  error: string;
  typed: (set: (text: string) => void) => (text: string) => void;
}

/** make() makes it and closes the dialog; where it fails, what was typed stays. */
export function MakeDialog({ title, action, busy, onClose, make, children }: { title: string; action: string; busy: boolean; onClose: () => void; make: () => Promise<void>; children: (made: Made) => ReactNode }) {
  const common = useTexts('common');
  const why = useWhy();
  const form = useId();
  const [error, setError] = useState('');
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (busy) return;
    try {
      await make();
    } catch (problem) {
      setError(why(problem));
    }
  };
  return (
    <Dialog title={title} onClose={onClose} footer={(
      <>
        <span className="push" />
        <Button kind="quiet" onPress={onClose}>{common.cancel}</Button>
        <button className="btn primary" type="submit" form={form} aria-disabled={busy}>{action}</button>
      </>
    )}>
      <form className="body" id={form} onSubmit={(e) => void submit(e)} noValidate>
        {children({ error, typed: (set) => (text) => { set(text); setError(''); } })}
      </form>
    </Dialog>
  );
}
