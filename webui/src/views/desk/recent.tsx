// What the person opened or changed last.
import { useTexts } from '../../i18n';
import { useRecent } from '../../state/desk';
import { DeskList } from './list';

export default function Recent() {
  const t = useTexts('desk');
  return <DeskList title={t.recent} when={t.columns.used} empty={t.noRecent} emptyText={t.noRecentText} query={useRecent()} />;
}
