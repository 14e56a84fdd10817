// Texts beside each other, or in one column, with what differs; N and P go from one
// difference to the next.
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { IconButton } from '../../components/button';
import { Badge } from '../../components/parts';
import { useFormat, useTexts, visible } from '../../i18n';
import { say } from '../../state/announce';
import type { Cell, Compared, Row } from '../../state/compare';
import { useSettings } from '../../state/settings';
import './compare.css';

export interface Column {
  id: string;
  title: ReactNode;
  about?: ReactNode;
}

export function DiffTable({ label, columns, of, tools }: { label: string; columns: readonly Column[]; of: Compared; tools?: ReactNode }) {
  const t = useTexts('versions');
  const f = useFormat();
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const { singleKeys } = useSettings();
  const go = (step: 1 | -1) => {
    if (!of.places) return;
    const to = Math.min(of.places, Math.max(1, at + step));
    setAt(to);
    box.current?.querySelector(`[data-place="${to}"]`)?.scrollIntoView({ block: 'center' });
    say(t.differenceOf(to, of.places));
  };
  useEffect(() => {
    if (!singleKeys) return undefined;
    const onKey = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.altKey || e.metaKey || e.defaultPrevented || (e.target as Element).closest('input:not([type=checkbox]), textarea, select, [role=dialog], [role=menu]')) return;
      if (e.key === 'n' || e.key === 'N') go(1);
      else if (e.key === 'p' || e.key === 'P') go(-1);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  return (
    <div className="compared">
      <div className="row wrap comparebar">
        {of.places ? <Badge kind="warn" icon="compare">{t.differ(of.places)}</Badge> : <Badge kind="ok" icon="check">{of.ends ? t.sameButEnds : t.same}</Badge>}
        {of.places > 0 && (
          <span className="row gap-1">
            <IconButton small icon="up" label={t.previous} reason={at > 1 ? undefined : t.first} onPress={() => go(-1)} />
            <span className="small num" aria-hidden="true">{at ? t.ofAll(at, of.places) : ''}</span>
            <IconButton small icon="down" label={t.next} reason={at < of.places ? undefined : t.last} onPress={() => go(1)} />
            {singleKeys && <span className="tiny muted onwide" aria-hidden="true"><kbd>N</kbd> <kbd>P</kbd></span>}
          </span>
        )}
        <span className="push row">{tools}</span>
      </div>
      <div className="comparebox" ref={box} tabIndex={0} role="region" aria-label={label}>
        <table className={`diff of-${columns.length}`}>
          <thead><tr>{columns.map((c) => <th key={c.id} scope="col"><span className="strong">{c.title}</span>{c.about ? <span className="tiny muted">{c.about}</span> : null}</th>)}</tr></thead>
          <tbody>
            {of.rows.map((r, i) => (r.fold
              ? <tr key={i} className="folded"><td colSpan={columns.length}>{t.fold(r.fold)}</td></tr>
              : <Line key={i} row={r} columns={columns.length} at={at} first={r.place > 0 && of.rows[i - 1]?.place !== r.place} />))}
          </tbody>
        </table>
        {of.left > 0 && <p className="note">{t.more(f.number(of.left))}</p>}
      </div>
    </div>
  );
}

function Line({ row: r, columns, at, first }: { row: Row; columns: number; at: number; first: boolean }) {
  return (
    <tr {...(first ? { 'data-place': r.place } : {})} className={r.place > 0 && r.place === at ? 'at' : ''}>
      {Array.from({ length: columns }, (_, i) => { const c = r.cells[i]; return c ? <Text key={i} cell={c} /> : <td key={i} className="gap" />; })}
    </tr>
  );
}

function Text({ cell: c }: { cell: Cell }) {
  const t = useTexts('versions');
  return (
    <td className={c.kind}>
      <span className="n" aria-hidden="true">{c.n}</span><i aria-hidden="true">{c.kind === 'add' ? '+' : c.kind === 'del' ? '−' : ''}</i>
      {c.kind && <span className="vh">{c.kind === 'add' ? t.addedHere : t.removedHere} </span>}
      <span className="text" dir="auto">{c.parts.map((p, i) => {
        const text = visible(p.text.replaceAll('\t', '    '));
        return !p.changed ? text : c.kind === 'add' ? <ins key={i}>{text}</ins> : <del key={i}>{text}</del>;
      })}</span>
    </td>
  );
}
