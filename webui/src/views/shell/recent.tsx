// What can be taken back: what this window did, and what jobs of the person did before.
import { useEffect } from 'react';
import type { Job } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { When } from '../../components/parts';
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { useTexts } from '../../i18n';
import { toast } from '../../state/announce';
import { explain } from '../../state/explain';
import { useJobsDone } from '../../state/jobs';
import { useQueryValue } from '../../state/router';
import { undoLast, useActionsDone } from '../../state/undo';
import { useTakeBack } from '../files/bulk';
import { isCommand } from './commands';

export const recentActions = 'actions'; // as the address names the dialog

/** Stands once in the frame. */
export function RecentActions() {
  const t = useTexts('work');
  const [dialog, setDialog] = useQueryValue('dialog', { push: true });
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (!isCommand(e, 'z')) return;
      e.preventDefault();
      if (!undoLast()) toast(t.nothingToUndo);
    };
    window.addEventListener('keydown', key);
    return () => window.removeEventListener('keydown', key);
  }, [t]);
  if (dialog !== recentActions) return null;
  const close = () => setDialog('');
  return <Dialog title={t.recentActions} onClose={close}><div className="body scroll" tabIndex={0} role="region" aria-label={t.recentActions}><List onUndo={close} /></div></Dialog>;
}

function List({ onUndo }: { onUndo: () => void }) {
  const t = useTexts('work');
  const common = useTexts('common');
  const here = useActionsDone();
  const { data, error, refetch } = useJobsDone();
  const takeBack = useTakeBack();
  const known = new Set(here.flatMap((a) => a.jobs));
  const before = data?.filter((j) => !known.has(j.id)) ?? [];
  const entries = [
    ...here.map((a) => ({ id: String(a.id), text: a.text, at: a.at.toISOString(), undo: a.undo })),
    ...before.map((j: Job) => ({ id: j.id, text: t.jobs[j.kind](j.done - j.error_count), at: j.ended_at ?? j.created_at, undo: () => void takeBack([j.id], [], j.done, t.undone) })),
  ].sort((a, b) => (a.at < b.at ? 1 : -1));
  return (
    <>
      {entries.length > 0 && (
        <ul className="actions-done">
          {entries.map((a) => <li key={a.id}><span className="grow">{a.text}<span className="tiny muted"><When at={a.at} /></span></span><Button small icon="undo" label={t.undoOf(a.text)} onPress={() => { onUndo(); a.undo(); }}>{common.undo}</Button></li>)}
        </ul>
      )}
      {!data && error ? <ErrorState level={3} title={t.jobsFailed} text={explain(error, common)} onRetry={() => void refetch()} />
        : !data ? <Skeleton rows={2} /> : !entries.length ? <EmptyState title={t.nothingToUndo} text={t.recentText} /> : <p className="small muted">{t.recentText}</p>}
    </>
  );
}
