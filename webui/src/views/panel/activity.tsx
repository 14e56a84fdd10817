import type { Activity as Row } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Avatar } from '../../components/name';
import { When } from '../../components/parts';
import { ErrorState, Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { useActivity } from '../../state/annotate';
import { kindOf } from '../../state/sharing';
import { Comments } from './comments';

export function Activity({ id }: { id: string }) {
  const t = useTexts('panel');
  const common = useTexts('common');
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useActivity(id);
  const rows = data?.pages.flatMap((p) => p.activities) ?? [];
  return (
    <div className="paneldata">
      {kindOf(id) !== 'share' && <Comments key={id} id={id} />}
      <section className="stack" aria-label={t.history}>
        <h3>{t.history}</h3>
        {data ? (rows.length ? <ul className="stack">{rows.map((r) => <Happened key={r.id} row={r} />)}</ul> : <p className="small muted">{t.nothing}</p>)
          : error ? <ErrorState level={3} title={t.historyFailed} text={common.filesFine} onRetry={() => void refetch()} /> : <Skeleton rows={4} />}
        {hasNextPage && <div><Button small isDisabled={isFetchingNextPage} onPress={() => void fetchNextPage()}>{t.more}</Button></div>}
      </section>
    </div>
  );
}

function Happened({ row: r }: { row: Row }) {
  const t = useTexts('panel');
  const f = useFormat();
  const who = visible(r.changed_by_name ?? t.server);
  const path = r.new_path ?? r.old_path ?? '';
  const name = r.metadata.name ?? path.slice(path.lastIndexOf('/') + 1);
  const what = name ? f.q(name) : r.resource_type === 'share' ? f.q(r.share_name) : t.something;
  const did = r.metadata.access_changed ? t.did.access : t.did[r.change_type];
  return (
    <li className="happened">
      <Avatar name={r.changed_by_name ?? t.server} id={r.changed_by ?? ''} size="s" />
      <div className="small"><p>{did(who, what)}</p>{r.changed_at && <p className="tiny muted"><When at={r.changed_at} /></p>}</div>
    </li>
  );
}
