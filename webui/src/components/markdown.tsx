// Markdown, drawn as elements from its tokens: no markup is ever made of it, so
// HTML inside is text, links lead only to the web and to mail, and pictures from
// elsewhere are not loaded.
import { Fragment, type ReactNode, useMemo } from 'react';
import { type Token, type Tokens, lexer } from 'marked';
import { Code } from './code';

export function Markdown({ text, codeLabel }: { text: string; codeLabel: string }) {
  const tokens = useMemo(() => lexer(text, { gfm: true }), [text]);
  return <div className="prose">{all(tokens, codeLabel)}</div>;
}

const all = (list: readonly Token[] | undefined, label: string): ReactNode => list?.map((t, i) => <Fragment key={i}>{one(t, label)}</Fragment>);

// plain undoes the escapes that the reader makes for markup.
const plain = (s: string) => s.replace(/&(lt|gt|quot|#39|amp);/g, (_, n: string) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' })[n] ?? '');

function one(token: Token, label: string): ReactNode {
  const t = token as Tokens.Generic;
  const inside = () => all(t.tokens, label);
  switch (t.type) {
    case 'heading': {
      const H = `h${Math.min(6, (t['depth'] as number) + 1)}` as 'h2'; // the page's own heading is the first
      return <H>{inside()}</H>;
    }
    case 'paragraph': return <p>{inside()}</p>;
    case 'text': return t.tokens ? inside() : plain(t['text'] as string);
    case 'escape': return plain(t['text'] as string);
    case 'strong': return <strong>{inside()}</strong>;
    case 'em': return <em>{inside()}</em>;
    case 'del': return <del>{inside()}</del>;
    case 'codespan': return <code>{plain(t['text'] as string)}</code>;
    case 'code': return <Code text={t['text'] as string} label={label} />;
    case 'blockquote': return <blockquote>{inside()}</blockquote>;
    case 'br': return <br />;
    case 'hr': return <hr />;
    case 'link': return /^(https?:|mailto:)/i.test(t['href'] as string) ? <a href={t['href'] as string} target="_blank" rel="noopener noreferrer nofollow">{inside()}</a> : <span>{inside()}</span>;
    case 'image': return <span className="muted">[{plain(t['text'] as string)}]</span>;
    case 'list': {
      const l = token as Tokens.List;
      const items = l.items.map((it, i) => <li key={i}>{it.task ? <input type="checkbox" className="check" disabled checked={Boolean(it.checked)} aria-label={it.text} /> : null}{all(it.tokens.filter((x) => x.type !== 'checkbox'), label)}</li>);
      return l.ordered ? <ol start={l.start || 1}>{items}</ol> : <ul>{items}</ul>;
    }
    case 'table': {
      const b = token as Tokens.Table;
      return (
        <div className="scroller" tabIndex={0} role="region" aria-label={label}><table className="table">
          <thead><tr>{b.header.map((c, i) => <th key={i} scope="col">{all(c.tokens, label)}</th>)}</tr></thead>
          <tbody>{b.rows.map((r, i) => <tr key={i}>{r.map((c, j) => <td key={j}>{all(c.tokens, label)}</td>)}</tr>)}</tbody>
        </table></div>
      );
    }
    case 'space': case 'def': case 'checkbox': return null;
    default: return <span>{t.raw}</span>; // HTML among them: as it was written
  }
}
