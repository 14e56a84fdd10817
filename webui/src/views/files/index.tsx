// A folder of a share.
import type { ViewProps } from '../table';
import { FolderView } from './folder';

export default function Files({ params }: ViewProps) {
  return <FolderView share={params['share'] ?? ''} folder={params['folder'] ?? null} />;
}
