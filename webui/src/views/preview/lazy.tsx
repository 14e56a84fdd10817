// The reader of markdown comes when the first such file is looked at.
import { Suspense, lazy } from 'react';
import { Skeleton } from '../../components/states';

const Markdown = lazy(() => import('../../components/markdown').then((m) => ({ default: m.Markdown })));

export function LazyMarkdown(props: { text: string; codeLabel: string }) {
  return <Suspense fallback={<Skeleton rows={6} />}><Markdown {...props} /></Suspense>;
}
