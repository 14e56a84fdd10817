// Finding a person or a group by the beginning of a name; for every view.
import { type ReactNode, useState } from 'react';
import { Button } from '../../components/button';
import { TextField } from '../../components/field';
import { Avatar, BidiName } from '../../components/name';
import { useTexts, visible } from '../../i18n';
import { usePrincipals } from '../../state/sharing';
import './people.css';

export interface Found {
  id: string;
  name: string;
  kind: 'user' | 'group';
  email: string;
}

export interface FindPersonProps {
  label: string;
  help?: string;
  action: string;
  /** Those that are not offered. */
  except?: readonly string[];
  onlyUsers?: boolean;
  /** Beside the field. */
  aside?: ReactNode;
  autoFocus?: boolean;
  choose: (who: Found) => void;
}

/** A field, and below it who was found; choose is called with one of them. */
export function FindPerson({ label, help, action, except = [], onlyUsers = false, aside, autoFocus = false, choose }: FindPersonProps) {
  const t = useTexts('sharing');
  const [text, setText] = useState('');
  const search = text.trim();
  const { data, isSuccess } = usePrincipals(search);
  const found: Found[] = search === '' ? [] : [
    ...(data?.users ?? []).map((u) => ({ id: u.id, name: u.display_name || u.name || u.email, kind: 'user' as const, email: u.email })),
    ...(onlyUsers ? [] : (data?.groups ?? []).map((g) => ({ id: g.id, name: g.name, kind: 'group' as const, email: '' }))),
  ].filter((p) => !except.includes(p.id));
  return (
    <div>
      <div className="findrow">
        <div className="grow"><TextField label={label} help={help} value={text} onChange={setText} autoComplete="off" spellCheck={false} autoFocus={autoFocus} /></div>
        {aside}
      </div>
      <p className="small muted" role="status">{isSuccess && search !== '' && !found.length ? t.noMatch : ''}</p>
      {found.length > 0 && (
        <ul className="people foundlist">
          {found.map((p) => (
            <li key={p.id}>
              <Avatar name={p.name} id={p.id} square={p.kind === 'group'} />
              <div className="who"><BidiName className="cut">{p.name}</BidiName><span className="cut">{p.kind === 'group' ? t.group : visible(p.email)}</span></div>
              <Button small label={`${action}: ${visible(p.name)}`} onPress={() => { setText(''); choose(p); }}>{action}</Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
