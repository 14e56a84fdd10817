// Both sides of a conflict: texts with what differs, pictures beside each other.
import { useEffect, useState } from 'react';
import { familyOf } from '../../components/icon';
import { Badge } from '../../components/parts';
import { useTexts, visible } from '../../i18n';
import { type Line, type Pair, compare, places } from './diff';

export const largestText = 1_000_000; // bytes
export const largestPicture = 25_000_000; // bytes
const shown = 5_000; // rows drawn at most
const around = 3; // common lines shown beside a difference in a long text

const pictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp']);
export const isPicture = (type: string) => pictures.has(type.split(';')[0] ?? '');
export const isText = (name: string, type: string) => /^(text\/|application\/(json|xml|yaml|toml|javascript))/.test(type) || ['text', 'code'].includes(familyOf(name)) || /\.(csv|tsv)$/i.test(name);

export function Texts({ theirs, mine }: { theirs: Blob; mine: Blob }) {
  const t = useTexts('conflicts');
  const [pairs, setPairs] = useState<Pair[] | null>(null);
  useEffect(() => {
    let over = false;
    void Promise.all([theirs.text(), mine.text()]).then(([a, b]) => { if (!over) setPairs(near(compare(a, b))); });
    return () => { over = true; };
  }, [theirs, mine]);
  if (!pairs) return null;
  const n = places(pairs);
  return (
    <>
      <p>{n ? <Badge kind="warn" icon="compare">{t.differ(n)}</Badge> : <Badge kind="ok" icon="check">{t.same}</Badge>}</p>
      <div className="cols">
        {([['left', t.theirs], ['right', t.mine]] as const).map(([of, title]) => (
          <div key={of} className="col" tabIndex={0} role="region" aria-label={t.text(title)}>
            <ol className="diff">{pairs.slice(0, shown).map((p, i) => <Row key={i} line={p[of]} same={p.same} kind={of === 'left' ? 'del' : 'add'} said={t.added} />)}</ol>
          </div>
        ))}
      </div>
    </>
  );
}

function Row({ line, same, kind, said }: { line: Line | null; same: boolean; kind: 'add' | 'del'; said: string }) {
  if (!line) return <li className="gap" aria-hidden="true"><span className="n" /><i /><span /></li>;
  return (
    <li className={same ? '' : kind}>
      <span className="n">{line.n}</span><i aria-hidden="true">{same ? '' : kind === 'add' ? '+' : '−'}</i><span dir="auto">{same ? '' : <span className="vh">{said}: </span>}{visible(line.text.replaceAll('\t', '    '))}</span>
    </li>
  );
}

// near leaves out what is common and far from every difference, in texts that are long.
function near(pairs: Pair[]): Pair[] {
  if (pairs.length <= 400) return pairs;
  const keep = new Set<number>();
  pairs.forEach((p, i) => { if (!p.same) for (let j = i - around; j <= i + around; j++) keep.add(j); });
  return pairs.filter((_, i) => keep.has(i));
}

export function Pictures({ theirs, mine, type }: { theirs: Blob; mine: Blob; type: string }) {
  const t = useTexts('conflicts');
  return <div className="cols"><Picture blob={theirs} type={type} label={t.picture(t.theirs)} /><Picture blob={mine} type={type} label={t.picture(t.mine)} /></div>;
}

function Picture({ blob, type, label }: { blob: Blob; type: string; label: string }) {
  const [url, setURL] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([blob], { type }));
    setURL(made);
    return () => URL.revokeObjectURL(made);
  }, [blob, type]);
  return <div className="col pic">{url && <img src={url} alt={label} />}</div>;
}
