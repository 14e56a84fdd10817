// What a view shows when it has nothing to show: empty, loading, trouble, out of
// sight. Every view has each of these.
import { type ReactNode, useEffect, useId, useState } from 'react';
import { useTexts } from '../i18n';
import { Button, LinkButton } from './button';
import { Icon } from './icon';

type Art = 'empty' | 'trouble' | 'locked' | 'offline';

function Picture({ of }: { of: Art }) {
  return (
    <svg className="art" viewBox="0 0 120 88" aria-hidden="true">
      {of === 'empty' && <><path d="M22 26c0-4 3-7 7-7h16l9 9h37c4 0 7 3 7 7v33c0 4-3 7-7 7H29c-4 0-7-3-7-7z" /><path className="d" d="M8 80h104" /><path className="a" d="M60 33l14 15h-8v14H54V48h-8z" /></>}
      {of === 'trouble' && <><rect x="30" y="14" width="60" height="20" rx="5" /><rect x="30" y="40" width="60" height="20" rx="5" /><path className="n" d="M40 24h.1M40 50h.1M50 24h26M50 50h12" /><path className="d" d="M10 80h100" /><path className="a" d="M84 46l16 28H68z" /><path className="n" d="M84 56v8M84 69v.1" /></>}
      {of === 'locked' && <><rect x="38" y="36" width="44" height="32" rx="6" /><path className="n" d="M46 36v-8a14 14 0 0 1 28 0v8" /><circle className="a" cx="60" cy="50" r="5" /><path className="n" d="M60 55v6" /><path className="d" d="M10 80h100" /></>}
      {of === 'offline' && <><rect x="26" y="18" width="68" height="44" rx="6" /><path className="n" d="M46 72h28M60 62v10" /><path className="d" d="M10 80h100" /><path className="a" d="M60 28l12 22H48z" /></>}
    </svg>
  );
}

export interface EmptyProps {
  title: string;
  text?: ReactNode;
  art?: Art;
  /** 1 where it stands for the whole view. */
  level?: 1 | 2 | 3;
  children?: ReactNode;
  more?: ReactNode;
}

export function EmptyState({ title, text, art = 'empty', level = 2, children, more }: EmptyProps) {
  const H = `h${level}` as 'h2';
  return (
    <div className="empty">
      <Picture of={art} /><H tabIndex={-1}>{title}</H>{text ? <p>{text}</p> : null}
      {children ? <div className="row wrap">{children}</div> : null}{more}
    </div>
  );
}

/** Something that didn't load; the rest of the page works. request: the ID that the server's log has. */
export function ErrorState({ title, text, request, onRetry, art = 'trouble', level = 2 }: {
  title: string; text: string; request?: string; onRetry?: () => void; art?: Art; level?: 1 | 2 | 3;
}) {
  const t = useTexts('common');
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <EmptyState title={title} text={text} art={art} level={level} more={open && request ? <p className="tiny muted mono" id={id}>{t.requestId(request)}</p> : null}>
      {onRetry && <Button kind="primary" icon="retry" onPress={onRetry}>{t.tryAgain}</Button>}
      {request ? <button type="button" className="btn quiet" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>{t.details}</button> : null}
    </EmptyState>
  );
}

/** Out of sight, or not there: one text for both. */
export function NoAccess({ email = '', home = '/', level = 1 }: { email?: string; home?: string; level?: 1 | 2 | 3 }) {
  const t = useTexts('common');
  return <EmptyState title={t.gone} text={t.goneText(email)} art="locked" level={level}><a className="btn" href={home}>{t.goHome}</a></EmptyState>;
}

const showAfter = 300, slowAfter = 8_000; // milliseconds

function useLater(ms: number): boolean {
  const [is, set] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => set(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return is;
}

/** Rows in the final geometry; nothing for the first 300 ms. */
export function Skeleton({ rows = 8, label }: { rows?: number; label?: string }) {
  const t = useTexts('common');
  const shown = useLater(showAfter);
  const slow = useLater(slowAfter);
  if (!shown) return <div aria-busy="true" />;
  const widths = [62, 44, 78, 51, 35, 69, 57, 40];
  return (
    <div aria-busy="true" className="waiting">
      <p className="vh" role="status">{label ?? t.loading}</p>
      {slow && <p className="note"><Icon name="clock" /><span className="grow">{t.slow}</span>{window.history.length > 1 && <LinkButton onPress={() => window.history.back()}>{t.goBack}</LinkButton>}</p>}
      {Array.from({ length: rows }, (_, i) => (
        <div className="srow" key={i}><span className="skel tall" /><span className="skel" style={{ width: `${widths[i % widths.length]}%` }} /><span className="skel" /><span className="skel" /></div>
      ))}
    </div>
  );
}
