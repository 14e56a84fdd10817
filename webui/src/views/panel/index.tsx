// The details beside a listing: of the focused item, or of the folder when none is.
import { IconButton } from '../../components/button';
import { FileIcon, familyOf } from '../../components/icon';
import { BidiName } from '../../components/name';
import { Fact, When } from '../../components/parts';
import { useFormat, useTexts } from '../../i18n';
import type { Item } from '../../api/types_gen';

export interface PanelProps {
  share: string;
  /** The folder that the listing shows; null: the share's root. */
  folder: string | null;
  /** The focused item; null: none is. */
  item: Item | null;
  /** What stands in the address after panel=, such as the open tab. */
  tab: string;
  onTab: (tab: string) => void;
  onClose: () => void;
}

export default function Panel({ item, onClose }: PanelProps) {
  const t = useTexts('files');
  const common = useTexts('common');
  const f = useFormat();
  return (
    <>
      <header>
        {item && <FileIcon family={item.type === 'folder' ? 'folder' : familyOf(item.name)} />}
        <h2 className="grow cut">{item ? <BidiName>{item.name}</BidiName> : common.details}</h2>
        <IconButton icon="x" small label={common.close} onPress={onClose} />
      </header>
      {item && (
        <dl className="dl pad">
          {item.type === 'file' && <Fact name={t.columns.size}>{f.size(item.size ?? 0)}</Fact>}
          {item.modified_at && <Fact name={t.columns.modified}><When at={item.modified_at} /></Fact>}
        </dl>
      )}
    </>
  );
}
