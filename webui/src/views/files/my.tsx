// The person's own drive.
import { ApiError } from '../../api/errors';
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { useTexts } from '../../i18n';
import { useLost } from '../../state/connection';
import { useMyDrive } from '../../state/shares';
import { Page } from '../shell/page';
import { FolderView } from './folder';

export default function MyDrive() {
  const t = useTexts('files');
  const common = useTexts('common');
  const lost = useLost();
  const { drive, error, refetch } = useMyDrive();
  if (drive) return <FolderView share={drive.id} folder={null} title={t.myDrive} />;
  return (
    <Page title={t.myDrive} bare={drive === null}>
      {drive === null ? <EmptyState title={t.noDrive} level={1}><a className="btn" href="/">{common.goHome}</a></EmptyState>
        : error ? (
          <ErrorState title={lost ? common.noConnection : t.folderFailed} text={lost ? common.noConnectionText : common.filesFine} art={lost ? 'offline' : 'trouble'}
            request={error instanceof ApiError ? error.requestId : ''} onRetry={() => void refetch()} />
        ) : <Skeleton />}
    </Page>
  );
}
