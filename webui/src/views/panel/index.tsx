// The details beside a listing: of the focused item, or of the folder when none is.
import { IconButton } from '../../components/button';
import { FileIcon, familyOf } from '../../components/icon';
import { Avatar, BidiName } from '../../components/name';
import { Tabs } from '../../components/parts';
import { Skeleton } from '../../components/states';
import { useTexts } from '../../i18n';
import { useFolder } from '../../state/annotate';
import { useShare } from '../../state/shares';
import type { Item } from '../../api/types_gen';
import { Access } from './access';
import { Activity } from './activity';
import { Info } from './info';
import { Versions } from './versions';
import './panel.css';

export interface PanelProps {
  share: string;
  /** The folder that the listing shows; null: the share's root. */
  folder: string | null;
  /** The focused item; null: none is. */
  item: Item | null;
  /** What stands in the address after panel=: the open tab. */
  tab: string;
  onTab: (tab: string) => void;
  onClose: () => void;
}

export default function Panel({ share, folder, item, tab, onTab, onClose }: PanelProps) {
  const t = useTexts('panel');
  const common = useTexts('common');
  const here = useShare(share);
  const around = useFolder(folder ?? '', !item && folder !== null);
  const id = item?.id ?? folder ?? share;
  const name = item?.name ?? (folder ? around.data?.name : here.data?.name);
  const file = item?.type === 'file' ? item : null;
  const whole = id === share;
  return (
    <>
      <header className="panelhead">
        {name && (whole ? <Avatar name={name} id={id} square /> : <FileIcon family={file ? familyOf(file.name) : 'folder'} />)}
        <h2 className="grow cut">{name ? <BidiName>{name}</BidiName> : common.details}</h2>
        <IconButton icon="x" small label={common.close} onPress={onClose} />
      </header>
      {name === undefined ? <Skeleton rows={4} /> : (
        <Tabs key={id} label={t.sections} value={tab} onChange={onTab} tabs={[
          { id: 'info', text: t.tabs.info, content: () => <Info share={share} id={id} item={item} /> },
          { id: 'access', text: t.tabs.access, content: () => <Access share={share} id={id} /> },
          ...(file ? [{ id: 'versions', text: t.tabs.versions, content: () => <Versions share={share} file={file} /> }] : []),
          { id: 'activity', text: t.tabs.activity, content: () => <Activity id={id} /> },
        ]} />
      )}
    </>
  );
}
