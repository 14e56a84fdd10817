// Text with a light touch of colour: strings, comments, numbers and the words that
// most languages share. It makes elements, never markup.
import { Fragment, type ReactNode, useMemo } from 'react';

const words = new Set(('if else for while do switch case break continue return function func def class struct interface type enum import export from package const let var '
  + 'new try catch finally throw async await yield static public private protected extends implements in of is not and or true false null nil None True False self this '
  + 'match fn impl use mod pub select where insert update delete create table').split(' '));
const token = /(\/\/[^\n]*|\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|(?<=^|\s)#[^\n]*)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\b(\d[\w.]*)\b|\b([A-Za-z_]\w*)\b/gm;
const mostColoured = 200_000; // characters

export function Code({ text, plain = false, label }: { text: string; plain?: boolean; label: string }) {
  const parts = useMemo(() => (plain || text.length > mostColoured ? text : coloured(text)), [text, plain]);
  return <pre className="code" tabIndex={0} role="region" aria-label={label}><code>{parts}</code></pre>;
}

function coloured(text: string): ReactNode[] {
  const out: ReactNode[] = [];
  let at = 0;
  for (const m of text.matchAll(token)) {
    const kind = m[1] ? 'c' : m[2] ? 's' : m[3] ? 'n' : words.has(m[0]) ? 'k' : '';
    if (!kind) continue;
    if (m.index > at) out.push(<Fragment key={at}>{text.slice(at, m.index)}</Fragment>);
    out.push(<span key={m.index} className={`tok-${kind}`}>{m[0]}</span>);
    at = m.index + m[0].length;
  }
  out.push(text.slice(at));
  return out;
}
