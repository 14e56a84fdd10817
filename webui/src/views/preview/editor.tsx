// Text, edited in place. It is stored as a new version if nobody stored another
// meanwhile; else the person decides, and nothing typed is lost.
import { useEffect, useState } from 'react';
import { hasStatus } from '../../api/errors';
import type { File as Stored } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Note } from '../../components/parts';
import { ErrorState, Skeleton } from '../../components/states';
import { useTexts, visible } from '../../i18n';
import { toast } from '../../state/announce';
import { draftOf, keepDraft } from '../../state/drafts';
import { explain, sentence } from '../../state/explain';
import { fileNow, useContentText, useSaveCopy, useSaveText } from '../../state/preview';
import { guard } from '../../state/router';

export function Editor({ file, onClose }: { file: Stored; onClose: () => void }) {
  const t = useTexts('edge');
  const common = useTexts('common');
  const kept = draftOf(file.id); // of before the sign-in ended
  const [base, setBase] = useState(kept?.base ?? file); // what the edit began with
  const content = useContentText(base, true);
  const [text, setTyped] = useState<string | null>(kept?.text ?? null);
  const setText = (now: string | null) => {
    keepDraft(file.id, now === null ? null : { base, text: now });
    setTyped(now);
  };
  const [conflict, setConflict] = useState(false);
  const [error, setError] = useState('');
  const save = useSaveText();
  const copy = useSaveCopy();
  const busy = save.isPending || copy.isPending;
  const dirty = text !== null && text !== content.data;
  useEffect(() => {
    if (!dirty) return;
    const leave = (e: BeforeUnloadEvent) => e.preventDefault();
    window.addEventListener('beforeunload', leave);
    const free = guard(() => {
      const leaves = window.confirm(t.leaveEdit);
      if (leaves) keepDraft(file.id, null);
      return leaves;
    });
    return () => { window.removeEventListener('beforeunload', leave); free(); };
  }, [dirty, t, file.id]);
  const original = content.data ?? (text === null ? content.data : ''); // the version of then may be gone: what was typed stands alone
  if (content.error && original === undefined) return <ErrorState title={t.previewFailed} text={common.filesFine} onRetry={() => void content.refetch()} />;
  if (original === undefined) return <Skeleton rows={6} />;
  if (original === null) return <Note kind="warn">{t.notText}</Note>;
  // A file keeps the line ends it has; a text area knows only one kind.
  const ends = (original || text || '').includes('\r\n') ? '\r\n' : '\n';
  const shown = (text ?? original).replaceAll('\r\n', '\n');
  const out = shown.replaceAll('\n', ends);
  const store = async (version: string) => {
    setError('');
    try {
      await save.mutateAsync({ f: base, text: out, version });
      setText(null);
      toast(t.saved(visible(base.name)), { kind: 'done' });
      setTimeout(onClose); // the guard is gone then
    } catch (e) {
      if (hasStatus(e, 409, 412)) setConflict(true);
      else setError(t.notSaved(explain(e, common)));
    }
  };
  const overwrite = async () => {
    try {
      await store((await fileNow(base.id)).version_id);
    } catch (e) {
      setError(t.notSaved(explain(e, common)));
    }
  };
  const beside = async () => {
    try {
      const made = await copy.mutateAsync({ f: base, text: out });
      setText(null);
      toast(t.saved(visible(made.name)), { kind: 'done' });
      setTimeout(onClose);
    } catch (e) {
      setError(t.notSaved(explain(e, common)));
    }
  };
  const theirs = async () => {
    setText(null);
    setConflict(false);
    setBase(await fileNow(base.id));
  };
  return (
    <div className="editor">
      {conflict && (
        <div className="note warn" role="alert"><div className="stack">
          <p className="strong">{t.conflict}</p><p>{t.conflictText}</p>
          <div className="row wrap">
            <Button small kind="primary" onPress={() => void beside()}>{t.saveBeside}</Button>
            <Button small onPress={() => void overwrite()}>{t.saveOver}</Button>
            <Button small onPress={() => void theirs()}>{t.takeTheirs}</Button>
          </div>
        </div></div>
      )}
      {error && <p className="err" role="alert">{sentence(error)}</p>}
      <textarea className="input mono" aria-label={t.contentOf(visible(base.name))} value={shown} spellCheck={false} autoFocus readOnly={busy}
        onChange={(e) => setText(e.target.value.replaceAll('\n', ends))}
        onKeyDown={(e) => { if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 's') { e.preventDefault(); if (dirty && !busy) void store(base.version_id); } }} />
      <div className="row wrap ends">
        <Button kind="quiet" onPress={onClose}>{common.cancel}</Button>
        <Button kind="primary" icon="check" reason={dirty ? (busy ? t.saving : undefined) : t.nothingToSave} onPress={() => void store(base.version_id)}>{t.save}</Button>
      </div>
    </div>
  );
}
