// The bell: what happened while the person was away, with what is new.
import { useEffect, useRef } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components';
import type { Notice } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Icon, type IconName } from '../../components/icon';
import { When } from '../../components/parts';
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { type Texts, useFormat, useTexts } from '../../i18n';
import { say, toast } from '../../state/announce';
import { explain } from '../../state/explain';
import { markRead, useNotices } from '../../state/notices';
import { at } from '../../state/router';
import './bell.css';

const icons: Record<Notice['kind'], IconName> = {
  share_added: 'users', share_removed: 'ban', role_changed: 'users', role_ends: 'clock', invited: 'useradd', invitation_accepted: 'useradd',
  join_request: 'useradd', join_accepted: 'users', join_refused: 'ban', share_archived: 'lock', comment: 'chat', mention: 'chat', conflict: 'conflict', job_failed: 'alert',
};

/** Where a notice leads; undefined: nowhere. */
function placeOf(n: Notice): string | undefined {
  if (n.kind === 'invited') return '/invitations';
  if (n.kind === 'conflict') return '/conflicts';
  if (!n.share_id || n.kind === 'join_refused') return undefined;
  if (n.kind === 'join_request') return `${at.folder(n.share_id)}?share=${encodeURIComponent(n.share_id)}&tab=settings`;
  if (n.resource_id) return n.resource_type === 'folder' ? at.folder(n.share_id, n.resource_id) : at.preview(n.resource_id);
  return at.folder(n.share_id);
}

function useSentence(): (n: Notice) => string {
  const t: Texts['notices'] = useTexts('notices');
  const f = useFormat();
  return (n) => {
    const by = n.by_name ? f.q(n.by_name) : t.somebody;
    const share = n.share_name ? f.q(n.share_name) : '';
    const thing = n.name ? f.q(n.name) : share;
    const role = t.roles[n.role ?? ''] ?? '';
    const ends = n.ends_at ? f.when(new Date(n.ends_at)) : '';
    switch (n.kind) {
      case 'share_added': case 'role_changed': return t[n.kind](by, share, role);
      case 'role_ends': case 'share_archived': return t[n.kind](share, ends);
      case 'comment': case 'mention': return t[n.kind](by, thing, n.count);
      case 'conflict': return t.conflict(thing, n.count);
      case 'job_failed': return t.job_failed(n.count);
      default: return t[n.kind](by, share);
    }
  };
}

export function Bell() {
  const t = useTexts('notices');
  const { unread } = useNotices();
  const had = useRef<number | null>(null);
  useEffect(() => {
    if (had.current !== null && unread > had.current) say(t.came(unread - had.current));
    had.current = unread;
  }, [unread, t]);
  return (
    <DialogTrigger>
      <AriaButton className={`btn icon quiet${unread ? ' dot' : ''}`} aria-label={t.bell(unread)}><Icon name="bell" /></AriaButton>
      <Popover className="pop bell" placement="bottom end" offset={4}><Dialog>{({ close }) => <List onGo={close} />}</Dialog></Popover>
    </DialogTrigger>
  );
}

function List({ onGo }: { onGo: () => void }) {
  const t = useTexts('notices');
  const common = useTexts('common');
  const sentence = useSentence();
  const { list, unread, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useNotices();
  const read = (what: { ids: string[] } | { until: string }) => { markRead(what).catch((e: unknown) => toast(t.readFailed(explain(e, common)), { kind: 'alert' })); };
  const newest = list?.[0];
  return (
    <>
      <header><Heading slot="title">{t.title}</Heading>{unread > 0 && newest && <Button small kind="quiet" onPress={() => read({ until: newest.at })}>{t.readAll}</Button>}</header>
      {!list && error ? <ErrorState title={t.failed} text={explain(error, common)} onRetry={() => void refetch()} />
        : !list ? <Skeleton />
          : !list.length ? <EmptyState title={t.none} text={t.noneText} />
            : (
              <ul>
                {list.map((n) => {
                  const to = placeOf(n);
                  const text = <>{!n.read_at && <span className="vh">{t.isNew} </span>}{sentence(n)}</>;
                  return (
                    <li key={n.id} className={n.read_at ? '' : 'new'}>
                      <Icon name={icons[n.kind]} />
                      <span className="grow">
                        {to ? <a href={to} onClick={() => { if (!n.read_at) read({ ids: [n.id] }); onGo(); }}>{text}</a> : text}
                        <span className="tiny muted"><When at={n.at} /></span>
                      </span>
                    </li>
                  );
                })}
              </ul>
            )}
      {hasNextPage && <Button small block kind="quiet" isDisabled={isFetchingNextPage} onPress={() => void fetchNextPage()}>{t.more}</Button>}
    </>
  );
}
