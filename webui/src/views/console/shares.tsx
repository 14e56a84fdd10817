// All shares of the tenant.
import { useCallback, useMemo } from 'react';
import type { Share } from '../../api/types_gen';
import { type Column, VirtualGrid } from '../../components/grid';
import { Avatar, BidiName } from '../../components/name';
import { Badge, Progress, When } from '../../components/parts';
import { EmptyState } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { useAllShares } from '../../state/admin';
import { at, navigate, useQueryValue, withQuery } from '../../state/router';
import { Button } from '../../components/button';
import { ConsolePage, Waiting } from './page';

export default function AllShares() {
  const t = useTexts('console');
  const files = useTexts('files');
  const f = useFormat();
  const list = useAllShares();
  const [, setNew] = useQueryValue('new', { push: true });
  const open = useCallback((s: Share) => navigate(withQuery({ share: s.id, tab: 'settings' })), []);
  const columns = useMemo<Column<Share>[]>(() => [
    { id: 'name', title: t.shares.columns.name, cell: (s) => <span className="row gap-3"><Avatar name={s.name} id={s.id} square /><a className="cut name" href={at.folder(s.id)} tabIndex={-1}><BidiName>{s.name}</BidiName></a>{s.is_archived && <Badge kind="hold" icon="lock">{t.shares.archived}</Badge>}</span> },
    { id: 'type', title: t.shares.columns.type, width: 9, from: 'opt', cell: (s) => files.shareTypes[s.share_type] ?? s.share_type },
    { id: 'used', title: t.shares.columns.used, width: 7, end: true, cell: (s) => f.size(s.used_bytes) },
    { id: 'quota', title: t.shares.columns.quota, width: 11, from: 'opt', cell: (s) => (s.quota_bytes === null ? <span className="muted">{t.shares.noQuota}</span>
      : <span className="grow"><span className="small">{f.size(s.quota_bytes)}</span><Progress thin part={s.used_bytes / s.quota_bytes} label={visible(s.name)} {...(s.used_bytes > s.quota_bytes * 0.9 ? { kind: 'warn' as const } : {})} /></span>) },
    { id: 'created', title: t.shares.columns.created, width: 8.5, from: 'wide', cell: (s) => (s.created_at ? <When at={s.created_at} /> : null) },
    { id: 'acts', title: t.shares.settings, hideTitle: true, width: 8.5, end: true, cell: (s) => <Button small icon="gear" label={t.shares.settingsOf(visible(s.name))} onPress={() => open(s)}>{t.shares.settings}</Button> },
  ], [t, files, f, open]);
  const create = <Button kind="primary" icon="plus" onPress={() => setNew('share')}>{files.newShare}</Button>;
  return (
    <ConsolePage title={t.shares.title} actions={create} {...(list.data ? { status: t.shares.count(list.total) } : {})}>
      {!list.data ? <Waiting error={list.error} title={t.loadFailed} onRetry={() => void list.refetch()} />
        : !list.rows.length ? <EmptyState title={t.shares.empty} text={t.shares.emptyText}>{create}</EmptyState>
          : <VirtualGrid label={t.shares.title} columns={columns} length={Math.max(list.total, list.rows.length)} rowAt={(i) => list.rows[i]} keyOf={(s) => s.id} nameOf={(s) => s.name} onOpen={(s) => navigate(at.folder(s.id))} onNeed={list.need} />}
    </ConsolePage>
  );
}
