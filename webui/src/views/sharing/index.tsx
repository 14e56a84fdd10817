// The share dialog: "?share={id}&tab=people|permissions" over any view. The ID is a
// share's, a folder's or a file's.
import { later } from '../../components/later';
import { useQueryValue } from '../../state/router';

const ShareDialog = later(() => import('./dialog'));

export function Sharing() {
  const [id] = useQueryValue('share');
  if (!/^(shr|fld|fil)_[0-9A-Za-z]{26}$/.test(id)) return null;
  return <ShareDialog key={id} id={id} />;
}
