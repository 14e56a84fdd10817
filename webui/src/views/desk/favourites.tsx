// What the person marked.
import { useTexts } from '../../i18n';
import { useFavourites } from '../../state/desk';
import { DeskList } from './list';

export default function Favourites() {
  const t = useTexts('desk');
  return <DeskList favourites title={t.favourites} when={t.columns.marked} empty={t.noFavourites} emptyText={t.noFavouritesText} query={useFavourites()} />;
}
