// The shares of others that the person is in.
import { useMemo } from 'react';
import { ApiError } from '../../api/errors';
import type { MyShare } from '../../api/types_gen';
import { type Column, VirtualGrid } from '../../components/grid';
import { Avatar, BidiName } from '../../components/name';
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { useLost } from '../../state/connection';
import { at, navigate } from '../../state/router';
import { useShares } from '../../state/shares';
import { useMe } from '../../state/signin';
import { Page } from '../shell/page';

export default function Shared() {
  const t = useTexts('desk');
  const files = useTexts('files');
  const common = useTexts('common');
  const f = useFormat();
  const me = useMe();
  const lost = useLost();
  const { data, error, refetch } = useShares();
  const list = useMemo(() => data?.filter((s) => s.owner_id !== me.id), [data, me.id]);
  const columns = useMemo<Column<MyShare>[]>(() => [
    { id: 'name', title: files.columns.name, cell: (s) => <span className="row"><Avatar name={s.name} id={s.id} square /><a className="cut name" href={at.folder(s.id)} tabIndex={-1}><BidiName>{s.name}</BidiName></a></span> },
    { id: 'type', title: files.columns.type, width: 9, from: 'opt', cell: (s) => files.shareTypes[s.type] ?? s.type },
    { id: 'role', title: files.columns.role, width: 9, cell: (s) => files.roles[s.role ?? 'none'] ?? s.role },
    { id: 'used', title: files.columns.used, width: 7, from: 'phone', end: true, cell: (s) => f.size(s.used_bytes) },
  ], [files, f]);
  return (
    <Page title={t.shared} {...(list ? { status: common.items(list.length) } : {})}>
      {!list && error ? (
        <ErrorState title={lost || !(error instanceof ApiError) ? common.noConnection : files.sharesFailed} text={lost ? common.noConnectionText : common.filesFine} art={lost ? 'offline' : 'trouble'}
          request={error instanceof ApiError ? error.requestId : ''} onRetry={() => void refetch()} />
      ) : !list ? <Skeleton /> : !list.length ? <EmptyState title={t.noShared} text={t.noSharedText} /> : (
        <VirtualGrid label={t.shared} columns={columns} length={list.length} rowAt={(i) => list[i]} keyOf={(s) => s.id} nameOf={(s) => visible(s.name)} onOpen={(s) => navigate(at.folder(s.id))} />
      )}
    </Page>
  );
}
