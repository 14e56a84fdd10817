// Renaming many: a part of their names is replaced, shown before it is done.
import { type FormEvent, useId, useState } from 'react';
import type { Item } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { TextField } from '../../components/field';
import { BidiName } from '../../components/name';
import { useTexts } from '../../i18n';

const most = 6; // names that are shown before

/** Gives the names that change; the ending of a file stays. */
export function renamed(items: readonly Item[], find: string, by: string): { item: Item; name: string }[] {
  if (!find) return [];
  return items.flatMap((item) => {
    const dot = item.type === 'file' ? item.name.lastIndexOf('.') : -1;
    const stem = dot > 0 ? item.name.slice(0, dot) : item.name;
    const name = stem.replaceAll(find, () => by) + item.name.slice(stem.length);
    return name === item.name ? [] : [{ item, name }];
  });
}

export function RenameMany({ items, onClose, onRename }: { items: readonly Item[]; onClose: () => void; onRename: (changes: { id: string; name: string }[]) => void }) {
  const t = useTexts('work');
  const common = useTexts('common');
  const [find, setFind] = useState('');
  const [by, setBy] = useState('');
  const form = useId();
  const changes = renamed(items, find, by);
  const empty = changes.some((c) => !c.name.trim() || c.name === c.item.name.slice(c.item.name.lastIndexOf('.')));
  const able = changes.length > 0 && !empty;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (able) onRename(changes.map((c) => ({ id: c.item.id, name: c.name })));
  };
  return (
    <Dialog title={t.renameManyTitle(items.length)} onClose={onClose} footer={(
      <>
        <span className="push" />
        <Button kind="quiet" onPress={onClose}>{common.cancel}</Button>
        <button className="btn primary" type="submit" form={form} aria-disabled={!able}>{t.renameManyAct(changes.length)}</button>
      </>
    )}>
      <form className="body" id={form} onSubmit={submit} noValidate>
        <TextField label={t.findInNames} help={t.endingsStay} value={find} error={find && !changes.length ? t.inNoName : undefined} autoFocus autoComplete="off" spellCheck={false} onChange={setFind} />
        <TextField label={t.replaceBy} value={by} error={empty ? t.nameless : undefined} autoComplete="off" spellCheck={false} onChange={setBy} />
        {changes.length > 0 && (
          <>
            <p className="small muted" role="status">{t.namesChange(changes.length, items.length)}</p>
            <ul className="renames">{changes.slice(0, most).map((c) => <li key={c.item.id}><BidiName className="muted">{c.item.name}</BidiName> → <BidiName className="strong">{c.name}</BidiName></li>)}</ul>
          </>
        )}
      </form>
    </Dialog>
  );
}
