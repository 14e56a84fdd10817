// Small parts: badges, progress, tabs, segments, breadcrumbs, moments.
import { Fragment, type ReactNode, useId } from 'react';
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components';
import { useFormat, useTexts } from '../i18n';
import { Icon, type IconName } from './icon';
import { BidiName } from './name';

export function Badge({ kind, icon, children }: { kind?: 'info' | 'ok' | 'warn' | 'danger' | 'hold'; icon?: IconName; children: ReactNode }) {
  return <span className={['badge', kind, !icon && 'plain'].filter(Boolean).join(' ')}>{icon && <Icon name={icon} />}{children}</span>;
}

export function Note({ kind, icon = 'info', children }: { kind?: 'info' | 'ok' | 'warn' | 'danger' | 'hold'; icon?: IconName; children: ReactNode }) {
  return <div className={`note ${kind ?? ''}`}><Icon name={icon} /><div>{children}</div></div>;
}

/** part is 0 to 1; null: it goes on, and nobody knows how far it is. */
export function Progress({ part, label, kind, thin = false }: { part: number | null; label: string; kind?: 'ok' | 'warn' | 'danger'; thin?: boolean }) {
  const percent = part === null ? undefined : Math.round(100 * Math.min(1, Math.max(0, part)));
  return (
    <div className={['bar', kind, thin && 'thin', part === null && 'endless'].filter(Boolean).join(' ')} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <span style={{ width: `${percent ?? 30}%` }} />
    </div>
  );
}

export interface TabSpec {
  id: string;
  text: string;
  count?: number;
  content: () => ReactNode;
}

/** Which one is open lives in the address: value and onChange come from useQueryValue. */
export function Tabs({ label, tabs, value, onChange }: { label: string; tabs: readonly TabSpec[]; value: string; onChange: (id: string) => void }) {
  const open = tabs.some((t) => t.id === value) ? value : (tabs[0]?.id ?? '');
  return (
    <AriaTabs selectedKey={open} onSelectionChange={(k) => onChange(String(k))} className="tabbed">
      <TabList className="tabs" aria-label={label}>
        {tabs.map((t) => <Tab key={t.id} id={t.id} className="tab">{t.text}{t.count === undefined ? null : <span className="count">{t.count}</span>}</Tab>)}
      </TabList>
      {tabs.map((t) => <TabPanel key={t.id} id={t.id} className="tabpanel">{t.content()}</TabPanel>)}
    </AriaTabs>
  );
}

/** One of a few, side by side. */
export function Segments({ label, options, value, onChange }: { label: string; options: readonly { id: string; text: string; icon?: IconName }[]; value: string; onChange: (id: string) => void }) {
  return (
    <span className="seg" role="group" aria-label={label}>
      {options.map((o) => (
        <button key={o.id} type="button" aria-pressed={o.id === value} onClick={() => onChange(o.id)} {...(o.icon ? { 'aria-label': o.text, title: o.text } : {})}>
          {o.icon ? <Icon name={o.icon} size="s" /> : o.text}
        </button>
      ))}
    </span>
  );
}

export interface Crumb {
  text: string;
  href: string;
  /** Whether it is a name that someone gave. */
  name?: boolean;
}

export function Breadcrumbs({ steps }: { steps: readonly Crumb[] }) {
  const t = useTexts('common');
  if (!steps.length) return null;
  return (
    <nav className="crumbs" aria-label={t.breadcrumbs}>
      <ol>
        {steps.map((s, i) => (
          <Fragment key={s.href}>
            <li>{i > 0 && <Icon name="right" />}<a href={s.href} className="cut" data-crumb={i}>{s.name ? <BidiName>{s.text}</BidiName> : s.text}</a></li>
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}

/** A moment: near ones finely, with the exact time beneath. */
export function When({ at }: { at: string }) {
  const f = useFormat();
  const d = new Date(at);
  return <time dateTime={at} title={f.exactly(d)}>{f.when(d)}</time>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  const id = useId();
  return <><dt id={id}>{name}</dt><dd aria-labelledby={id}>{children}</dd></>;
}
