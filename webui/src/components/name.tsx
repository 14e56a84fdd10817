// Names of files and people: apart from the direction of the text around them, and
// with boxes where characters would not be seen.
import { visible } from '../i18n/names';

export function BidiName({ children, className }: { children: string; className?: string }) {
  return <bdi {...(className ? { className } : {})}>{visible(children)}</bdi>;
}

const hues = 'abcdef';

function hue(seed: string): string {
  let h = 0;
  for (const c of seed) h = (h * 31 + (c.codePointAt(0) ?? 0)) >>> 0;
  return hues[h % hues.length] ?? 'a';
}

function letters(name: string): string {
  const words = name.split(/[\s._@-]+/u).filter((w) => /[\p{L}\p{N}]/u.test(w));
  const first = (w: string | undefined) => [...(w ?? '')].find((c) => /[\p{L}\p{N}]/u.test(c)) ?? '';
  const two = words.length > 1 ? first(words[0]) + first(words[1]) : [...(words[0] ?? '?')].slice(0, 2).join('');
  return two.toLocaleUpperCase();
}

/** People are round, groups and shares are square. The name stands beside it. */
export function Avatar({ name, id, square = false, size }: { name: string; id: string; square?: boolean; size?: 's' | 'l' }) {
  return <span className={['av', `h-${hue(id)}`, size, square && 'sq'].filter(Boolean).join(' ')} aria-hidden="true">{letters(name)}</span>;
}
