import { useTexts } from '../i18n';
import { IconButton, LinkButton } from './button';
import { Icon } from './icon';

export interface ToastSpec {
  id: number;
  text: string;
  kind: 'done' | 'undo' | 'alert' | 'info';
  action?: { label: string; run: () => void };
}

const icons = { done: 'check', undo: 'undo', alert: 'alert', info: 'info' } as const;

/** The messages that pass. What they say is announced by the live region. */
export function Toasts({ list, onDismiss }: { list: readonly ToastSpec[]; onDismiss: (id: number) => void }) {
  const t = useTexts('common');
  return (
    <section className="toasts" aria-label={t.messages} data-region>
      {list.map((m) => (
        <div className="toast" key={m.id}>
          <Icon name={icons[m.kind]} /><span className="grow">{m.text}</span>
          {m.action && <LinkButton onPress={() => { onDismiss(m.id); m.action?.run(); }}>{m.action.label}</LinkButton>}
          <IconButton icon="x" small label={t.dismiss} onPress={() => onDismiss(m.id)} />
        </div>
      ))}
    </section>
  );
}
