// The reader of markdown comes when the first such file is looked at.
import { later } from '../../components/later';
import { Skeleton } from '../../components/states';

export const LazyMarkdown = later(async () => ({ default: (await import('../../components/markdown')).Markdown }), <Skeleton rows={6} />);
