// The sheet of a view: heading, way, actions, body, and the details beside it.
// Every view inside the frame draws one.
import { type ReactNode, useEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { Breadcrumbs, type Crumb } from '../../components/parts';
import { BidiName } from '../../components/name';
import { useTexts, visible } from '../../i18n';
import { say } from '../../state/announce';

export interface PageProps {
  title: string;
  /** Whether the title is a name that someone gave. */
  name?: boolean;
  crumbs?: readonly Crumb[];
  /** Beside the heading. */
  actions?: ReactNode;
  /** In the top bar, such as the primary button of the view. */
  top?: ReactNode;
  /** Below the heading, in the height of a toolbar. */
  toolbar?: ReactNode;
  /** The panel beside; undefined: there is none. */
  details?: ReactNode;
  detailsLabel?: string;
  status?: ReactNode;
  /** Without a heading: a state with a heading of its own stands for the whole view. */
  bare?: boolean;
  children: ReactNode;
}

export function Page({ title, name = false, crumbs = [], actions, top, toolbar, details, detailsLabel, status, bare = false, children }: PageProps) {
  const t = useTexts('common');
  const heading = useRef<HTMLHeadingElement>(null);
  const main = useRef<HTMLElement>(null);
  const shown = name ? visible(title) : title;
  useEffect(() => { document.title = t.pageTitle(shown); }, [shown, t]);
  // After going elsewhere the heading has the focus, unless the person is already at something.
  useEffect(() => {
    const at = document.activeElement;
    const lost = !at || at === document.body || !at.isConnected || at.closest('.side, .phone-nav');
    if (lost && title) (heading.current ?? main.current?.querySelector<HTMLElement>('h1'))?.focus({ preventScroll: true });
  }, [title, bare]);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current || !title) return;
    first.current = false;
    say(shown);
  }, [shown, title]);
  const slot = document.getElementById('top-acts');
  return (
    <div className={`sheet${details ? ' with-details' : ''}`}>
      <main className="main" id="main" tabIndex={-1} data-region ref={main}>
        {!bare && (
          <div className="head">
            <div className="grow"><Breadcrumbs steps={crumbs} /><h1 tabIndex={-1} ref={heading} className="cut">{name ? <BidiName>{title}</BidiName> : title}</h1></div>
            {actions && <div className="row wrap">{actions}</div>}
          </div>
        )}
        {toolbar}
        {children}
        {status !== undefined && <div className="status">{status}</div>}
      </main>
      {details && <aside className="details" aria-label={detailsLabel ?? t.details} data-region tabIndex={-1}>{details}</aside>}
      {top && slot && createPortal(<div className="first-acts">{top}</div>, slot)}
    </div>
  );
}
