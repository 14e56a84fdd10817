// One entry: whom it speaks of, what it does, where it counts.
import { type FormEvent, useState } from 'react';
import type { ACLEntry, SetACLEntry } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Checkbox, Select } from '../../components/field';
import { Avatar, BidiName } from '../../components/name';
import { Segments } from '../../components/parts';
import { useTexts } from '../../i18n';
import type { Kind } from '../../state/sharing';
import { FindPerson } from '../people/find';
import { allRights } from './permissions';

const places = ['this_and_descendants', 'this_only', 'this_and_folders', 'this_and_files', 'descendants_only', 'folders_only', 'files_only'] as const;
type AppliesTo = (typeof places)[number];

interface Whom {
  type: SetACLEntry['principal_type'];
  id: string;
  name: string;
}

export function EntryForm({ entry, kind, busy, onSave, onClose }: { entry: ACLEntry | null; kind: Kind; busy: boolean; onSave: (e: SetACLEntry) => void; onClose: () => void }) {
  const t = useTexts('sharing');
  const [whom, setWhom] = useState<Whom | null>(entry && { type: entry.principal_type, id: entry.principal_id, name: entry.principal_type === 'everyone' ? t.everyone : (entry.principal_name ?? t.deleted) });
  const [effect, setEffect] = useState<string>(entry?.ace_type ?? 'allow');
  const [rights, setRights] = useState<readonly string[]>(entry?.permissions ?? ['READ']);
  const [applies, setApplies] = useState<AppliesTo>(entry?.applies_to ?? (kind === 'file' ? 'this_only' : 'this_and_descendants'));
  const [one, setOne] = useState(entry?.one_level ?? false);
  const [error, setError] = useState('');
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (busy) return;
    if (!whom) return setError(t.noWhom);
    if (!rights.length) return setError(t.noRight);
    onSave({
      principal_type: whom.type, ace_type: effect === 'deny' ? 'deny' : 'allow', permissions: allRights.filter((r) => rights.includes(r)), applies_to: applies,
      one_level: applies !== 'this_only' && one, ...(whom.type === 'everyone' ? {} : { principal_id: whom.id }),
    });
  };
  return (
    <form className="stack well" onSubmit={submit} noValidate aria-label={entry ? t.editEntry : t.addEntry}>
      <h3>{entry ? t.editEntry : t.addEntry}</h3>
      {whom ? (
        <div className="row"><Avatar name={whom.name} id={whom.id} square={whom.type !== 'user'} /><BidiName className="grow cut strong">{whom.name}</BidiName><Button small onPress={() => setWhom(null)}>{t.anotherOne}</Button></div>
      ) : (
        <FindPerson label={t.forWhom} help={t.findHelp} action={t.choose} autoFocus choose={(p) => { setWhom({ type: p.kind, id: p.id, name: p.name }); setError(''); }}
          aside={<div className="field"><span className="label">&nbsp;</span><Button icon="globe" onPress={() => { setWhom({ type: 'everyone', id: 'everyone', name: t.everyone }); setError(''); }}>{t.everyone}</Button></div>} />
      )}
      <Segments label={t.effect} value={effect} onChange={setEffect} options={[{ id: 'allow', text: t.allow }, { id: 'deny', text: t.deny }]} />
      <fieldset className="rights"><legend className="label">{t.rights}</legend>
        {allRights.map((r) => <Checkbox key={r} label={t.right[r]} checked={rights.includes(r)} onChange={(on) => { setRights(on ? [...rights, r] : rights.filter((x) => x !== r)); setError(''); }} />)}
      </fieldset>
      {kind !== 'file' && (
        <>
          <Select label={t.applies} value={applies} onChange={(v) => setApplies(v as AppliesTo)} options={places.map((p) => ({ id: p, text: t.appliesTo[p] ?? p }))} />
          {applies !== 'this_only' && <Checkbox label={t.oneLevel} checked={one} onChange={setOne} />}
        </>
      )}
      <p className="err" role={error ? 'alert' : undefined}>{error}</p>
      <div className="row"><Button type="submit" kind="primary">{t.saveEntry}</Button><Button kind="quiet" onPress={onClose}>{t.cancel}</Button></div>
    </form>
  );
}
