import { ApiError } from '../../api/errors';
import { Dialog } from '../../components/dialog';
import { FileIcon, familyOf } from '../../components/icon';
import { Avatar } from '../../components/name';
import { Tabs } from '../../components/parts';
import { ErrorState, NoAccess, Skeleton } from '../../components/states';
import { useTexts } from '../../i18n';
import type { Share } from '../../api/types_gen';
import { useFile, useFolder } from '../../state/annotate';
import { useLost } from '../../state/connection';
import { useLive } from '../../state/live';
import { navigate, useQueryValue, withQuery } from '../../state/router';
import { kindOf, useMayManage } from '../../state/sharing';
import { useShare } from '../../state/shares';
import { useMe } from '../../state/signin';
import { People } from './people';
import { ShareSettings } from './settings';
import { Permissions } from './permissions';
import './sharing.css';

export default function ShareDialog({ id }: { id: string }) {
  const t = useTexts('sharing');
  const life = useTexts('sharelife');
  const common = useTexts('common');
  const me = useMe();
  const lost = useLost();
  const kind = kindOf(id);
  const [tab, setTab] = useQueryValue('tab');
  const file = useFile(id, kind === 'file');
  const folder = useFolder(id, kind === 'folder');
  const node = kind === 'file' ? file.data : folder.data;
  const shareID = kind === 'share' ? id : (node?.share_id ?? '');
  const share = useShare(shareID);
  const may = useMayManage(shareID);
  useLive(shareID);
  const close = () => navigate(withQuery({ share: '', tab: '' }));
  const name = kind === 'share' ? share.data?.name : node?.name;
  const { error, refetch } = kind === 'share' ? share : kind === 'file' ? file : folder;
  const gone = error instanceof ApiError && [403, 404, 410, 422].includes(error.status);
  return (
    <Dialog wide onClose={close} title={(
      <span className="row">
        {name && (kind === 'share' ? <Avatar name={name} id={id} square /> : <FileIcon family={kind === 'folder' ? 'folder' : familyOf(name)} />)}
        <span className="grow cut">{name ? t.title(name) : t.button}</span>
      </span>
    )}>
      <div className="sharing">
        {gone && name === undefined ? <NoAccess email={me.email} level={3} />
          : error && name === undefined ? <ErrorState level={3} title={common.failed} text={lost ? common.noConnectionText : common.filesFine} request={error instanceof ApiError ? error.requestId : ''} onRetry={() => void refetch()} /> : name === undefined || !shareID ? <Skeleton rows={4} /> : (
          <Tabs label={t.sections} value={tab} onChange={(v) => setTab(v === 'people' ? '' : v)} tabs={[
            { id: 'people', text: t.tabs.people, content: () => <People share={shareID} shareName={share.data?.name ?? ''} whole={kind === 'share'} /> },
            ...(kind === 'share' && may && share.data && !share.isPlaceholderData ? [{ id: 'settings', text: life.tab, content: () => <ShareSettings share={share.data as Share} /> }] : []),
            { id: 'permissions', text: t.tabs.permissions, content: () => <Permissions id={id} /> },
          ]} />
        )}
      </div>
    </Dialog>
  );
}
