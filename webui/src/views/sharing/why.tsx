// What a chosen person may do here, and what decided it.
import { useState } from 'react';
import type { Explanation } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import { Avatar, BidiName } from '../../components/name';
import { ErrorState, Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { explain, sentence } from '../../state/explain';
import { useEffective } from '../../state/sharing';
import { useMe } from '../../state/signin';
import { FindPerson } from '../people/find';
import { useWhom } from './permissions';

interface Whose {
  id: string;
  name: string;
  group: boolean;
}

/** onlyMe: of others the person may not know. */
export function Why({ id, onlyMe = false }: { id: string; onlyMe?: boolean }) {
  const t = useTexts('sharing');
  const common = useTexts('common');
  const me = useMe();
  const mine: Whose = { id: '', name: me.display_name || me.name, group: false };
  const [whose, setWhose] = useState<Whose | null>(onlyMe ? mine : null);
  const { data, error, refetch } = useEffective(id, whose?.id ?? '', whose !== null);
  return (
    <section className="why stack" aria-label={t.why}>
      <h3>{t.why}</h3>
      {whose && !onlyMe && <div className="row"><Avatar name={whose.name} id={whose.id || me.id} square={whose.group} size="l" /><BidiName className="grow cut strong">{whose.name}</BidiName><Button small onPress={() => setWhose(null)}>{t.anotherOne}</Button></div>}
      {!whose && <FindPerson label={t.whyFind} help={t.whyHelp} action={t.choose} choose={(p) => setWhose({ id: p.id, name: p.name, group: p.kind === 'group' })} />}
      {whose && (data ? <Rights name={whose.name} list={data.explain ?? []} /> : error
        ? <ErrorState level={3} title={t.failed} text={sentence(explain(error, common))} onRetry={() => void refetch()} /> : <Skeleton rows={3} />)}
    </section>
  );
}

function Rights({ name, list }: { name: string; list: readonly Explanation[] }) {
  const t = useTexts('sharing');
  const f = useFormat();
  const because = useBecause();
  const verbs = (allowed: boolean) => list.filter((x) => x.allowed === allowed).map((x) => t.verbs[x.permission] ?? x.permission);
  const can = verbs(true);
  const cant = verbs(false);
  return (
    <>
      <p role="status">{can.length ? t.can(visible(name), f.list(can)) : t.nothing(visible(name))} {can.length && cant.length ? t.cant(visible(name), f.list(cant)) : ''}</p>
      <ul className="chain">
        {list.map((x) => (
          <li key={x.permission}>
            <span className={`mk${x.allowed ? '' : ' no'}`}><Icon name={x.allowed ? 'check' : 'ban'} size="s" /></span>
            <span className="small"><strong>{t.right[x.permission]}</strong>: {x.allowed ? t.allowed : x.decided_by === 'entry' ? t.denied : t.notGiven} {because(x)}.</span>
          </li>
        ))}
      </ul>
    </>
  );
}

// What decided, as the end of a sentence.
function useBecause() {
  const t = useTexts('sharing');
  const f = useFormat();
  const whom = useWhom();
  return (x: Explanation): string => {
    const via = x.via?.length ? ` ${t.via(f.list(x.via.map((g) => f.q(g.name))))}` : '';
    switch (x.decided_by) {
      case 'entry': {
        const place = !x.on || x.on.path === null ? t.hiddenPlace : x.on.resource_type === 'share' || x.on.path === '/' ? t.wholeShare : f.q(x.on.path);
        return t.byEntry(x.entry ? f.q(whom(x.entry)) : '', place) + via;
      }
      case 'role': return t.byRole(t.roles[x.role ?? ''] ?? '') + (x.role_of ? ` ${t.ofGroup(f.q(x.role_of.name))}` : '') + via;
      case 'administrator': return t.byAdministrator;
      case 'ownership': return t.byOwnership;
      case 'inactive': return `(${t.byInactive})`;
      case 'archived': return `(${t.byArchived})`;
      case 'nothing': return `(${t.byNothing})`;
    }
  };
}
