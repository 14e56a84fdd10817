// The conflicts that wait for a person: all of them, and one of them.
import { useEffect, useRef } from 'react';
import type { Conflict } from '../../api/types_gen';
import { FileIcon, familyOf } from '../../components/icon';
import { BidiName } from '../../components/name';
import { When } from '../../components/parts';
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { useTexts } from '../../i18n';
import { toast } from '../../state/announce';
import { useConflicts } from '../../state/conflicts';
import { useLive } from '../../state/live';
import { navigate } from '../../state/router';
import { useShares } from '../../state/shares';
import { Page } from '../shell/page';
import type { ViewProps } from '../table';
import { One } from './one';
import './conflicts.css';
import '../preview/preview.css';

/** What a conflict is about, '' if that can't be seen. */
export const nameOf = (c: Conflict) => (c.path ?? '').split('/').at(-1) || c.client_change.name || '';

export default function Conflicts({ params }: ViewProps) {
  const t = useTexts('conflicts');
  const common = useTexts('common');
  const { data, error, retry } = useConflicts();
  const id = params['id'];
  const one = data?.find((c) => c.id === id);
  const list = data && (data.length > 0 ? <List list={data} current={id ?? ''} /> : null);
  // What was open and is gone from the list: settled here, or by somebody else.
  const seen = useRef<Conflict | null>(null);
  const own = useRef('');
  if (one) seen.current = one;
  useEffect(() => {
    const was = seen.current;
    if (!id || one || !data || was?.id !== id) return;
    if (own.current !== id) toast(t.settledByOther(nameOf(was) || t.unnamed), { kind: 'info' });
    seen.current = null;
    navigate(data[0] ? `/conflicts/${data[0].id}` : '/conflicts', { replace: true });
  }, [id, one, data, t]);
  const watched = [...new Set((data ?? []).map((c) => c.share_id))].slice(0, mostWatched);
  const watch = watched.map((s) => <Watch key={s} share={s} />);
  if (one) return <>{watch}<One key={one.id} conflict={one} list={list} onSettled={() => { own.current = one.id; }} /></>;
  return (
    <Page title={t.title}>
      {watch}
      {!data ? (error ? <ErrorState title={t.failed} text={common.filesFine} onRetry={retry} /> : <Skeleton />)
        : id ? <EmptyState title={t.gone}><a className="btn" href="/conflicts">{t.title}</a></EmptyState>
          : data.length === 0 ? (error ? <ErrorState title={t.failed} text={common.filesFine} onRetry={retry} /> : <EmptyState title={t.none} text={t.noneText} />)
            : <div className="scroll"><p className="cfcount small muted">{t.open(data.length)}</p>{list}</div>}
    </Page>
  );
}

const mostWatched = 20; // shares whose changes come at once

function Watch({ share }: { share: string }) {
  useLive(share);
  return null;
}

function List({ list, current }: { list: readonly Conflict[]; current: string }) {
  const t = useTexts('conflicts');
  const shares = useShares();
  return (
    <ul className="cflist">
      {list.map((c) => (
        <li key={c.id}>
          <a href={`/conflicts/${c.id}`} {...(c.id === current ? { 'aria-current': 'true' as const } : {})}>
            <FileIcon family={c.resource_type === 'folder' ? 'folder' : familyOf(nameOf(c))} />
            <span className="grow">
              <span className="strong cut">{nameOf(c) ? <BidiName>{nameOf(c)}</BidiName> : t.unnamed}</span>
              <span className="sub">{t.types[c.conflict_type]}</span>
              <span className="sub"><BidiName>{shares.data?.find((s) => s.id === c.share_id)?.name ?? ''}</BidiName>, <When at={c.created_at} /></span>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
