// Finding a person or a group by the beginning of a name.
import { useState } from 'react';
import { Button } from '../../components/button';
import { TextField } from '../../components/field';
import { Avatar, BidiName } from '../../components/name';
import { usePrincipals } from '../../state/admin';
import { useTexts } from '../../i18n';

export interface Found {
  id: string;
  name: string;
  kind: 'user' | 'group';
  email: string;
}

/** A field, and below it who was found; choose is called with one of them. */
export function FindPerson({ label, help, action, except = [], onlyUsers = false, choose }: {
  label: string; help?: string; action: string; except?: readonly string[]; onlyUsers?: boolean; choose: (who: Found) => void;
}) {
  const [text, setText] = useState('');
  const t = useTexts('console');
  const { data, isSuccess } = usePrincipals(text.trim());
  const found: Found[] = text.trim() === '' ? [] : [
    ...(data?.users ?? []).map((u) => ({ id: u.id, name: u.display_name || u.name, kind: 'user' as const, email: u.email })),
    ...(onlyUsers ? [] : (data?.groups ?? []).map((g) => ({ id: g.id, name: g.name, kind: 'group' as const, email: '' }))),
  ].filter((p) => !except.includes(p.id));
  return (
    <div>
      <TextField label={label} help={help} value={text} onChange={setText} autoComplete="off" spellCheck={false} />
      {isSuccess && text.trim() !== '' && !found.length ? <p className="small muted" role="status">{t.noMatch}</p> : null}
      <ul className="found">
        {found.map((p) => (
          <li key={p.id}>
            <Avatar name={p.name} id={p.id} square={p.kind === 'group'} />
            <span className="grow who-cell"><BidiName>{p.name}</BidiName><span className="tiny muted">{p.kind === 'group' ? t.groups.group : p.email}</span></span>
            <Button small label={`${action}: ${p.name}`} onPress={() => { setText(''); choose(p); }}>{action}</Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
