// Pictures beside each other.
import type { ReactNode } from 'react';
import { Skeleton } from '../../components/states';
import './compare.css';

export interface Shown {
  id: string;
  title: ReactNode;
  about?: ReactNode;
  /** null: it is on its way. */
  url: string | null;
  alt: string;
}

export function Pictures({ list }: { list: readonly Shown[] }) {
  return (
    <div className="beside">
      {list.map((p) => (
        <figure key={p.id}>
          <figcaption><span className="strong">{p.title}</span>{p.about ? <span className="tiny muted">{p.about}</span> : null}</figcaption>
          <div className="pic">{p.url ? <img src={p.url} alt={p.alt} /> : <Skeleton rows={3} />}</div>
        </figure>
      ))}
    </div>
  );
}
