// All shares of the person: the start.
import { useMemo } from 'react';
import { Button } from '../../components/button';
import { type Column, VirtualGrid } from '../../components/grid';
import { Avatar, BidiName } from '../../components/name';
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { ApiError } from '../../api/errors';
import type { MyShare } from '../../api/types_gen';
import { useFormat, useTexts } from '../../i18n';
import { useLost } from '../../state/connection';
import { at, navigate, useQueryValue } from '../../state/router';
import { useShares } from '../../state/shares';
import { Page } from '../shell/page';

export default function Shares() {
  const t = useTexts('files');
  const common = useTexts('common');
  const f = useFormat();
  const { data, error, refetch } = useShares();
  const lost = useLost();
  const [, setNew] = useQueryValue('new', { push: true });
  const columns = useMemo<Column<MyShare>[]>(() => [
    { id: 'name', title: t.columns.name, cell: (s) => <span className="row"><Avatar name={s.name} id={s.id} square /><a className="cut name" href={at.folder(s.id)} tabIndex={-1}><BidiName>{s.name}</BidiName></a></span> },
    { id: 'type', title: t.columns.type, width: 9, from: 'opt', cell: (s) => t.shareTypes[s.type] ?? s.type },
    { id: 'role', title: t.columns.role, width: 9, from: 'phone', cell: (s) => t.roles[s.role ?? 'none'] ?? s.role },
    { id: 'used', title: t.columns.used, width: 7, end: true, cell: (s) => f.size(s.used_bytes) },
  ], [t, f]);
  const create = <Button kind="primary" icon="plus" onPress={() => setNew('share')}>{t.newShare}</Button>;
  return (
    <Page title={t.shares} actions={data?.length ? create : null} {...(data ? { status: common.items(data.length) } : {})}>
      {!data && error ? (
        <ErrorState title={lost || !(error instanceof ApiError) ? common.noConnection : t.sharesFailed} text={lost ? common.noConnectionText : common.filesFine} art={lost ? 'offline' : 'trouble'}
          request={error instanceof ApiError ? error.requestId : ''} onRetry={() => void refetch()} />
      ) : !data ? <Skeleton /> : !data.length ? <EmptyState title={t.noShares} text={t.noSharesText}>{create}</EmptyState> : (
        <VirtualGrid label={t.shares} columns={columns} length={data.length} rowAt={(i) => data[i]} keyOf={(s) => s.id} nameOf={(s) => s.name} onOpen={(s) => navigate(at.folder(s.id))} />
      )}
    </Page>
  );
}
