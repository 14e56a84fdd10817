// What stands above the rows: actions for what is selected; the order, where no
// head of a list tells it.
import type { Sort } from '../../api/nodes';
import type { Item } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { MenuButton } from '../../components/menu';
import { useTexts } from '../../i18n';
import { may, rights } from '../../state/rights';

export interface SelectionBarProps {
  count: number;
  /** What of it is here; rights are looked at there. */
  seen: readonly Item[];
  marked: ReadonlySet<string>;
  onClear: () => void;
  download: () => void;
  place: (how: 'move' | 'copy') => void;
  favourite: () => void;
  trash: () => void;
}

export function SelectionBar({ count, seen, marked, onClear, download, place, favourite, trash }: SelectionBarProps) {
  const t = useTexts('files');
  const w = useTexts('work');
  const common = useTexts('common');
  const mayDelete = may(seen, rights.delete);
  return (
    <div className="selbar" role="toolbar" aria-label={t.selectionActions(count)}>
      <IconButton small icon="x" label={common.clearSelection} onPress={onClear} /><span className="say">{common.selected(count)}</span><span className="vr" />
      <Button small kind="quiet" icon="download" onPress={download}>{t.download}</Button>
      <Button small kind="quiet" icon="move" reason={mayDelete ? undefined : w.mayNotMove} onPress={() => place('move')}>{w.move}</Button>
      <Button small kind="quiet" icon="copy" className="onwide" onPress={() => place('copy')}>{w.copy}</Button>
      <IconButton small icon="star" label={seen.length > 0 && seen.every((i) => marked.has(i.id)) ? w.unfavourite : w.favourite} onPress={favourite} />
      <Button small kind="quiet" icon="trash" reason={mayDelete ? undefined : w.mayNotTrash} onPress={trash}>{t.toTrash}</Button>
    </div>
  );
}

const columns = ['name', 'modified_at', 'size', 'type'] as const satisfies Sort[];

export function SortMenu({ by, descending, onChange }: { by: Sort; descending: boolean; onChange: (by: Sort, descending: boolean) => void }) {
  const t = useTexts('files');
  const w = useTexts('work');
  const names: Record<Sort, string> = { name: t.columns.name, modified_at: t.columns.modified, size: t.columns.size, type: t.columns.type };
  return (
    <MenuButton label={w.sortBy(names[by])} button={<Button small kind="quiet" icon={descending ? 'down' : 'up'}>{w.sortBy(names[by])}</Button>} entries={[
      { id: 'by', title: w.order, chosen: by, options: columns.map((id) => ({ id, text: names[id] })), choose: (id) => onChange(id as Sort, descending) },
      'line',
      { id: 'end', title: w.direction, chosen: descending ? 'desc' : 'asc', options: [{ id: 'asc', text: w.ascending }, { id: 'desc', text: w.descending }], choose: (id) => onChange(by, id === 'desc') },
    ]} />
  );
}
