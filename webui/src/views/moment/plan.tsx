// What putting back would do: in figures, and item by item.
import type { JobPlan, JobPlanItem } from '../../api/types_gen';
import { FileIcon, Icon, type IconName, familyOf } from '../../components/icon';
import { BidiName } from '../../components/name';
import { Badge, Note } from '../../components/parts';
import { useTexts } from '../../i18n';

const parts = [['restored', 'ok', 'undo'], ['reverted', undefined, 'history'], ['moved', undefined, 'move'], ['trashed', 'warn', 'trash']] as const satisfies [keyof JobPlan, 'ok' | 'warn' | undefined, IconName][];

export function Planned({ plan }: { plan: JobPlan }) {
  const t = useTexts('moment');
  const listed = parts.reduce((n, [part]) => n + plan[part].items.length, 0);
  const all = parts.reduce((n, [part]) => n + plan[part].count, 0);
  return (
    <>
      <div className="sum">{parts.map(([part, kind, icon]) => <div key={part}><b className={kind ?? ''}><Icon name={icon} size="s" />{t.number(plan[part].count)}</b><span className="small muted">{t.parts[part]}</span></div>)}</div>
      {plan.lost.count > 0 && <div className="around"><Note kind="warn" icon="alert"><p>{t.lost(plan.lost.count)}</p></Note></div>}
      {listed > 0 && (
        <table className="table planned">
          <caption className="vh">{t.whatHappens}</caption>
          <thead><tr><th scope="col">{t.item}</th><th scope="col">{t.whatHappens}</th></tr></thead>
          <tbody>{parts.flatMap(([part, kind, icon]) => plan[part].items.map((it) => (
            <tr key={`${part} ${it.id}`}>
              <td className="name"><span className="row"><FileIcon family={it.resource_type === 'folder' ? 'folder' : familyOf(it.path ?? '')} /><BidiName className="cut">{it.path ?? it.id}</BidiName></span></td>
              <td><Badge {...(kind ? { kind } : {})} icon={icon}>{says(part, it, t.does, t.from)}</Badge></td>
            </tr>
          )))}</tbody>
        </table>
      )}
      {listed < all && <p className="around small muted">{t.furtherItems(all - listed)}</p>}
    </>
  );
}

function says(part: string, it: JobPlanItem, does: Record<string, string>, from: (path: string) => string): string {
  return part === 'moved' && it.from ? from(it.from) : (does[part] ?? '');
}
