import { Dialog } from '../../components/dialog';
import { FileIcon, familyOf } from '../../components/icon';
import { Avatar } from '../../components/name';
import { Tabs } from '../../components/parts';
import { NoAccess, Skeleton } from '../../components/states';
import { useTexts } from '../../i18n';
import type { Share } from '../../api/types_gen';
import { useFile, useFolder } from '../../state/annotate';
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
  const me = useMe();
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
  const error = kind === 'share' ? share.error : kind === 'file' ? file.error : folder.error;
  return (
    <Dialog wide onClose={close} title={(
      <span className="row">
        {name && (kind === 'share' ? <Avatar name={name} id={id} square /> : <FileIcon family={kind === 'folder' ? 'folder' : familyOf(name)} />)}
        <span className="grow cut">{name ? t.title(name) : ''}</span>
      </span>
    )}>
      <div className="sharing">
        {error && name === undefined ? <NoAccess email={me.email} level={2} /> : name === undefined || !shareID ? <Skeleton rows={4} /> : (
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
