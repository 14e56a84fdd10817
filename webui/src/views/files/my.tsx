// The person's own drive.
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { useTexts } from '../../i18n';
import { useMyDrive } from '../../state/shares';
import { Page } from '../shell/page';
import { FolderView } from './folder';

export default function MyDrive() {
  const t = useTexts('files');
  const common = useTexts('common');
  const { drive, error } = useMyDrive();
  if (drive) return <FolderView share={drive.id} folder={null} title={t.myDrive} />;
  return (
    <Page title={t.myDrive} bare={drive === null}>
      {drive === null ? <EmptyState title={t.noDrive} level={1}><a className="btn" href="/">{common.goHome}</a></EmptyState>
        : error ? <ErrorState title={t.folderFailed} text={common.filesFine} /> : <Skeleton />}
    </Page>
  );
}
