// Pictures of the dashboard, drawn as SVG. What each shows stands beside it in words
// or in its name.
import { useFormat, useTexts } from '../../i18n';
import type { Day } from '../../api/types_gen';

const around = 2 * Math.PI * 42; // the length of the ring

/** Shows parts of a whole; what it shows stands beside it in words. */
export function Ring({ parts, title, about }: { parts: readonly number[]; title: string; about: string }) {
  let from = 0;
  return (
    <div className="ring">
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle cx="50" cy="50" r="42" className="ring-well" />
        {parts.map((p, i) => {
          const at = from;
          from += p;
          return p > 0 && <circle key={i} cx="50" cy="50" r="42" className={`ring-${i + 1}`} strokeDasharray={`${Math.max(0.5, p * around - (parts.length > 1 ? 0.8 : 0))} ${around}`} strokeDashoffset={-at * around} transform="rotate(-90 50 50)" />;
        })}
      </svg>
      <p><strong>{title}</strong><span className="tiny muted">{about}</span></p>
    </div>
  );
}

/** Shows a part of a whole as a bar. */
export function Share({ part, label }: { part: number; label: string }) {
  return <svg className="share-bar" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label={label}><rect className="share-well" width="100" height="4" /><rect className="share-part" width={Math.max(part > 0 ? 0.5 : 0, Math.min(1, part) * 100)} height="4" /></svg>;
}

const bar = 8, step = 10, tall = 80; // in units of the picture

/** Shows how many people were there on each day. */
export function Days({ days }: { days: readonly Day[] }) {
  const t = useTexts('console').dashboard;
  const f = useFormat();
  const most = Math.max(1, ...days.map((d) => d.seen));
  const busiest = days.reduce((a, b) => (b.seen >= a.seen ? b : a), { date: '', seen: 0 });
  const named = (d: Day) => f.day(new Date(`${d.date}T12:00:00`));
  const first = days[0], last = days.at(-1);
  if (!first || !last) return null;
  return (
    <figure className="days">
      <span className="days-most tiny muted" aria-hidden="true">{f.number(most)}</span>
      <svg viewBox={`0 0 ${days.length * step} ${tall}`} preserveAspectRatio="none" role="img" aria-label={busiest.seen ? t.chart(busiest.seen, named(busiest)) : t.nobody}>
        <path className="days-line" d={`M0 .5H${days.length * step}M0 ${tall / 2}H${days.length * step}M0 ${tall - 0.5}H${days.length * step}`} />
        {days.map((d, i) => {
          const high = d.seen ? Math.max(2, (d.seen / most) * tall) : 0;
          return <rect key={d.date} className={d === last ? 'days-bar now' : 'days-bar'} x={i * step + (step - bar) / 2} y={tall - high} width={bar} height={high}><title>{t.onDay(named(d), d.seen)}</title></rect>;
        })}
      </svg>
      <figcaption className="row tiny muted" aria-hidden="true"><span className="grow">{named(first)}</span><span>{named(last)}</span></figcaption>
    </figure>
  );
}
