import { type FormEvent, useState } from 'react';
import type { Comment } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { TextField } from '../../components/field';
import { Avatar, BidiName } from '../../components/name';
import { When } from '../../components/parts';
import { ErrorState, Skeleton } from '../../components/states';
import { useTexts, visible } from '../../i18n';
import { useCommentChanges, useComments } from '../../state/annotate';
import { toast } from '../../state/announce';
import { useKeptText } from '../../state/drafts';
import { explain } from '../../state/explain';
import { useEffective } from '../../state/sharing';
import { useMe } from '../../state/signin';

export function Comments({ id }: { id: string }) {
  const t = useTexts('panel');
  const common = useTexts('common');
  const me = useMe();
  const list = useComments(id);
  const rights = useEffective(id, '');
  const { add, edit, remove } = useCommentChanges(id);
  const [text, setText] = useKeptText(`comment ${id}`);
  const [editing, setEditing] = useState('');
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (!text.trim() || add.isPending) return;
    try {
      await add.mutateAsync(text.trim());
      setText('');
    } catch (problem) {
      toast(t.commentFailed(explain(problem, common)), { kind: 'alert' });
    }
  };
  const stays = async (what: Promise<unknown>, done = '') => {
    try {
      await what;
      setEditing('');
      if (done) toast(done, { kind: 'done' });
    } catch (problem) {
      toast(t.commentStays(explain(problem, common)), { kind: 'alert' });
    }
  };
  return (
    <section className="stack" aria-label={t.comments}>
      <h3>{t.comments}</h3>
      {list.data ? (
        list.data.length ? (
          <ul className="stack">
            {list.data.map((c) => (
              <li key={c.id} className="comment" aria-label={t.commentOf(visible(c.created_by_name))}>
                <Avatar name={c.created_by_name} id={c.created_by} />
                <div className="grow">
                  <p className="row"><BidiName className="strong cut">{c.created_by_name}</BidiName><span className="tiny muted"><When at={c.created_at} />{c.edited_at ? `, ${t.edited}` : ''}</span></p>
                  {editing === c.id ? <Edit comment={c} onClose={() => setEditing('')} onSave={(to) => void stays(edit.mutateAsync({ comment: c.id, text: to }))} /> : <p className="said" dir="auto">{[...c.text.split('\n')].map((line, i) => <span key={i}>{visible(line)}</span>)}</p>}
                </div>
                <span className="row gap-1">
                  {c.created_by === me.id && <IconButton small icon="edit" label={t.editOf(visible(c.created_by_name))} onPress={() => setEditing(c.id)} />}
                  {(c.created_by === me.id || rights.data?.can_manage_permissions) && <IconButton small icon="trash" label={t.removeOf(visible(c.created_by_name))} onPress={() => void stays(remove.mutateAsync(c.id), t.removed)} />}
                </span>
              </li>
            ))}
          </ul>
        ) : <p className="small muted">{t.noComments}</p>
      ) : list.error ? <ErrorState level={3} title={t.commentsFailed} text={common.filesFine} onRetry={() => void list.refetch()} /> : <Skeleton rows={2} />}
      <form className="stack" onSubmit={(e) => void submit(e)}>
        <TextField label={t.comment} lines={2} value={text} onChange={setText} />
        <div><Button small type="submit" isDisabled={!text.trim()}>{t.write}</Button></div>
      </form>
    </section>
  );
}

function Edit({ comment, onSave, onClose }: { comment: Comment; onSave: (text: string) => void; onClose: () => void }) {
  const t = useTexts('panel');
  const common = useTexts('common');
  const [text, setText] = useState(comment.text);
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); if (text.trim()) onSave(text.trim()); }}>
      <TextField label={t.comment} lines={3} value={text} autoFocus onChange={setText} />
      <div className="row"><Button small type="submit" kind="primary" isDisabled={!text.trim()}>{t.save}</Button><Button small kind="quiet" onPress={onClose}>{common.cancel}</Button></div>
    </form>
  );
}
