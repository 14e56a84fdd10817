// Help: the guides in the person's language, searched here, without the internet.
// A page begins with a line "@chapter id Title"; what follows is markdown.
import { use, useMemo } from 'react';
import { TextField } from '../../components/field';
import { Markdown } from '../../components/markdown';
import { useFormat, useSpoken, useTexts } from '../../i18n';
import { useQueryValue, withQuery } from '../../state/router';
import { Page } from '../shell/page';
import { KeyTable } from './keytable';
import '../preview/preview.css';
import '../settings/settings.css';

interface HelpPage { chapter: string; id: string; title: string; text: string }

const guides = import.meta.glob<string>('./*.md', { query: '?raw', import: 'default' });
const loaded = new Map<string, Promise<HelpPage[]>>();

function guide(language: string): Promise<HelpPage[]> {
  const load = guides[`./${language}.md`] ?? guides['./en.md'];
  let pages = loaded.get(language);
  if (!pages) {
    pages = load ? load().then(read) : Promise.resolve([]);
    loaded.set(language, pages);
    pages.catch(() => loaded.delete(language));
  }
  return pages;
}

function read(text: string): HelpPage[] {
  return text.split(/^@/m).slice(1).map((part) => {
    const [, chapter = '', id = '', title = ''] = /^(\S+) (\S+) (.*)/.exec(part) ?? [];
    return { chapter, id, title, text: part.slice(part.indexOf('\n') + 1) };
  });
}

const keyboard = 'keyboard';

export default function HelpView() {
  const t = useTexts('edge');
  const { language } = useSpoken();
  const f = useFormat();
  const pages = use(guide(language.split('-')[0] ?? 'en'));
  const [asked] = useQueryValue('page');
  const [words, setWords] = useQueryValue('q');
  const found = useMemo(() => {
    const want = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    return pages.filter((p) => { const all = `${p.title} ${p.text}`.toLocaleLowerCase(); return want.every((x) => all.includes(x)); });
  }, [pages, words]);
  const open = asked === keyboard ? undefined : (found.find((p) => p.id === asked) ?? found[0]);
  const link = (id: string, title: string, current: boolean) => <li key={id}><a href={withQuery({ page: id })} {...(current ? { 'aria-current': 'page' } : {})}>{title}</a></li>;
  return (
    <Page title={t.help}>
      <div className="scroll"><div className="helping">
        <nav aria-label={t.help}>
          <TextField type="search" label={t.helpSearch} value={words} onChange={setWords} autoComplete="off" />
          <p className="small muted" role="status">{words ? (found.length ? t.helpFound(found.length) : t.helpNothing) : ''}</p>
          {Object.entries(t.helpChapters).map(([id, title]) => {
            const list = found.filter((p) => p.chapter === id);
            return list.length ? <div key={id}><h2>{title}</h2><ul>{list.map((p) => link(p.id, p.title, p === open))}</ul></div> : null;
          })}
          <ul>{link(keyboard, t.keyboard, asked === keyboard)}</ul>
        </nav>
        <article lang={f.locale}>
          {asked === keyboard ? <><h2>{t.keyboard}</h2><KeyTable /></> : open ? <><h2>{open.title}</h2><Markdown text={open.text} codeLabel={t.code} /></> : null}
        </article>
      </div></div>
    </Page>
  );
}
