// A listing on paper: all its rows as a plain table, for as long as it is printed.
import { type ReactNode, useEffect, useState } from 'react';
import { createPortal, flushSync } from 'react-dom';
import { BidiName } from '../../components/name';
import { useFormat, useTexts } from '../../i18n';
import { toast } from '../../state/announce';
import type { Rows } from '../../state/rows';

const most = 5_000; // rows

export function usePrint({ title, rows, complete, load }: { title: string; rows: Rows; complete: boolean; load: (first: number, last: number) => Promise<void> }): { start: () => void; sheet: ReactNode } {
  const w = useTexts('work');
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const before = () => flushSync(() => setPrinting(true));
    const after = () => setPrinting(false);
    window.addEventListener('beforeprint', before);
    window.addEventListener('afterprint', after);
    return () => {
      window.removeEventListener('beforeprint', before);
      window.removeEventListener('afterprint', after);
    };
  }, []);
  const start = () => {
    if (complete) return window.print();
    toast(w.printPrepares);
    void load(0, Math.min(most, rows.total) - 1).then(() => requestAnimationFrame(() => window.print()));
  };
  return { start, sheet: printing ? createPortal(<Sheet title={title} rows={rows} />, document.body) : null };
}

function Sheet({ title, rows }: { title: string; rows: Rows }) {
  const t = useTexts('files');
  const w = useTexts('work');
  const common = useTexts('common');
  const f = useFormat();
  const list = [...rows].slice(0, most);
  return (
    <div className="printed">
      <h1><BidiName>{title}</BidiName></h1>
      <p>{list.length < rows.total ? w.printedPart(list.length, rows.total) : common.items(rows.total)}, {f.exactly(new Date())}</p>
      <table>
        <thead><tr><th>{t.columns.name}</th><th>{t.columns.modified}</th><th>{t.columns.size}</th></tr></thead>
        <tbody>{list.map((it) => <tr key={it.id}><td><BidiName>{it.type === 'folder' ? `${it.name}/` : it.name}</BidiName></td><td>{it.modified_at ? f.exactly(new Date(it.modified_at)) : ''}</td><td>{it.type === 'folder' ? '' : f.size(it.size ?? 0)}</td></tr>)}</tbody>
      </table>
    </div>
  );
}
