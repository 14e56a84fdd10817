// Dialogs take the focus at their first field, or at the safe button if they are
// about loss, and give it back to what opened them. Esc closes one layer at a time.
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTexts } from '../i18n';
import { Button, IconButton } from './button';
import { TextField } from './field';

export interface DialogProps {
  title: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
  onClose: () => void;
  /** About loss: a click outside does not close it, and it is announced at once. */
  alert?: boolean;
  wide?: boolean;
}

export function Dialog({ title, children, footer, onClose, alert = false, wide = false }: DialogProps) {
  const t = useTexts('common');
  return (
    <ModalOverlay className="scrim" isOpen isDismissable={!alert} onOpenChange={(open) => { if (!open) onClose(); }}>
      <Modal className={`modal${wide ? ' wide' : ''}`}>
        <AriaDialog className="dialog" role={alert ? 'alertdialog' : 'dialog'}>
          <header>
            <Heading slot="title" level={2} className="grow">{title}</Heading>
            {!alert && <IconButton icon="x" label={t.close} onPress={onClose} />}
          </header>
          {children}
          {footer && <footer>{footer}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** A sheet from an edge: the places on narrow windows, the ways to add on phones. */
export function Sheet({ label, edge, children, onClose }: { label: string; edge: 'start' | 'bottom'; children: ReactNode; onClose: () => void }) {
  return (
    <ModalOverlay className="scrim" isOpen isDismissable onOpenChange={(open) => { if (!open) onClose(); }}>
      <Modal className={`edge-${edge}`}>
        <AriaDialog className="sheet-in" aria-label={label}>
          {edge === 'bottom' && <div className="grab" aria-hidden="true" />}
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface ConfirmProps {
  title: ReactNode;
  text: ReactNode;
  /** What keeps things as they are; it has the focus. */
  safe: string;
  action: string;
  danger?: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

export function Confirm({ title, text, safe, action, danger = true, onClose, onConfirm }: ConfirmProps) {
  return (
    <Dialog alert title={title} onClose={onClose} footer={(
      <>
        <span className="push" />
        <Button kind={danger ? 'danger' : 'primary'} onPress={onConfirm}>{action}</Button>
        <Button kind={danger ? 'primary' : 'quiet'} autoFocus onPress={onClose}>{safe}</Button>
      </>
    )}>
      <div className="body"><p>{text}</p></div>
    </Dialog>
  );
}

export interface AskNameProps {
  title: string;
  label: string;
  action: string;
  value?: string;
  /** Selects only what stands before the ending. */
  keepEnding?: boolean;
  missing: string;
  /** Does it; what it throws, explain puts beside the field. */
  use: (name: string) => Promise<void>;
  explain: (e: unknown) => string;
  onClose: () => void;
}

/** Asks for a name, and shows beside the field why it is refused. */
export function AskName({ title, label, action, value = '', keepEnding = false, missing, use, explain, onClose }: AskNameProps) {
  const t = useTexts('common');
  const [name, setName] = useState(value);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const form = useId();
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (busy) return;
    if (!name.trim()) {
      setError(missing);
      return;
    }
    setBusy(true);
    try {
      await use(name);
      onClose();
    } catch (problem) {
      setError(explain(problem));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose} footer={(
      <>
        <span className="push" />
        <Button kind="quiet" onPress={onClose}>{t.cancel}</Button>
        <button className="btn primary" type="submit" form={form} aria-disabled={busy}>{action}</button>
      </>
    )}>
      <form className="body" id={form} onSubmit={(e) => void submit(e)} noValidate>
        <TextField label={label} value={name} error={error} autoFocus select={keepEnding ? 'stem' : 'all'} autoComplete="off" spellCheck={false}
          onChange={(v) => { setName(v); setError(''); }} />
      </form>
    </Dialog>
  );
}
