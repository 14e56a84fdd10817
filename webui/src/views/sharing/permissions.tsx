// The entries of one thing. What is shown is what the server has: changes show when
// they are made, never before.
import { useState } from 'react';
import { hasStatus } from '../../api/errors';
import type { ACLEntry } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { Switch } from '../../components/field';
import { Icon } from '../../components/icon';
import { Avatar, BidiName } from '../../components/name';
import { Badge, Note } from '../../components/parts';
import { ErrorState, Skeleton } from '../../components/states';
import { useTexts, visible } from '../../i18n';
import { toast } from '../../state/announce';
import { explain } from '../../state/explain';
import { kindOf, useEntries, useEntryChanges } from '../../state/sharing';
import { EntryForm } from './entry';
import { Why } from './why';

export const allRights = ['READ', 'WRITE', 'CREATE', 'DELETE', 'SHARE', 'MANAGE_PERMISSIONS'] as const;

export function useWhom() {
  const t = useTexts('sharing');
  return (e: Pick<ACLEntry, 'principal_type' | 'principal_name'>) => (e.principal_type === 'everyone' ? t.everyone : (e.principal_name ?? t.deleted));
}

export function Permissions({ id }: { id: string }) {
  const t = useTexts('sharing');
  const common = useTexts('common');
  const whom = useWhom();
  const entries = useEntries(id);
  const changes = useEntryChanges(id);
  const [form, setForm] = useState<ACLEntry | 'new' | null>(null);
  const [cutting, setCutting] = useState(false);
  const seen = entries.data;
  if (!seen) {
    if (hasStatus(entries.error, 403, 404, 410)) return <div className="pane"><Note icon="lock">{t.noManage}</Note><Why id={id} onlyMe /></div>;
    return <div className="pane">{entries.error ? <ErrorState title={t.failed} text={common.filesFine} level={3} onRetry={() => void entries.refetch()} /> : <Skeleton rows={4} />}</div>;
  }
  const run = async (what: Promise<unknown>, done: string) => {
    try {
      await what;
      toast(done, { kind: 'done' });
      setForm(null);
      setCutting(false);
    } catch (e) {
      toast(t.entryFailed(explain(e, common)), { kind: 'alert' });
      if (hasStatus(e, 412)) void entries.refetch();
    }
  };
  const list = seen.acl.entries;
  const inherited = list.filter((e) => e.inherited_from).length;
  return (
    <div className="perm">
      <div className="pane">
        {kindOf(id) !== 'share' && (
          <Switch label={t.inherit} help={t.inheritHelp} checked={seen.acl.inherit_from_parent && !cutting} onChange={(on) => {
            if (on) {
              if (cutting) setCutting(false);
              else void run(changes.inherit.mutateAsync({ seen, inherit: true, copy: false }), t.inheritOn);
            } else if (inherited) setCutting(true);
            else void run(changes.inherit.mutateAsync({ seen, inherit: false, copy: false }), t.inheritOff);
          }} />
        )}
        {cutting && (
          <div className="note warn" role="group" aria-label={t.inheritQuestion(inherited)}>
            <Icon name="inherit" />
            <div className="grow stack"><p>{t.inheritQuestion(inherited)}</p>
              <div className="row wrap">
                <Button small autoFocus onPress={() => void run(changes.inherit.mutateAsync({ seen, inherit: false, copy: true }), t.inheritOff)}>{t.copyThem}</Button>
                <Button small onPress={() => void run(changes.inherit.mutateAsync({ seen, inherit: false, copy: false }), t.inheritOff)}>{t.dropThem}</Button>
                <Button small kind="quiet" onPress={() => setCutting(false)}>{t.cancel}</Button>
              </div>
            </div>
          </div>
        )}
        {form ? (
          <EntryForm key={form === 'new' ? 'new' : form.id} entry={form === 'new' ? null : form} kind={kindOf(id)} busy={changes.add.isPending || changes.change.isPending} onClose={() => setForm(null)}
            onSave={(entry) => void run(form === 'new' ? changes.add.mutateAsync({ seen, entry }) : changes.change.mutateAsync({ seen, id: form.id, entry }), t.entrySaved)} />
        ) : <div className="row"><span className="grow" /><Button small icon="plus" onPress={() => setForm('new')}>{t.addEntry}</Button></div>}
        {list.length === 0 ? <p className="small muted">{t.noEntries}</p> : (
          <>
            <ul className="entries" aria-label={t.entries}>
              {list.map((e) => <Row key={`${e.id} ${e.inherited_from?.resource_id ?? ''}`} entry={e} onEdit={() => setForm(e)} onRemove={() => void run(changes.remove.mutateAsync({ seen, id: e.id }), t.entryGone)} whom={whom(e)} />)}
            </ul>
            <p className="small muted">{t.entriesOrder}</p>
          </>
        )}
      </div>
      <Why id={id} />
    </div>
  );
}

function Row({ entry: e, whom, onEdit, onRemove }: { entry: ACLEntry; whom: string; onEdit: () => void; onRemove: () => void }) {
  const t = useTexts('sharing');
  const from = e.inherited_from;
  const rights = e.permissions.length === allRights.length ? t.allRights : allRights.filter((r) => e.permissions.includes(r)).map((r) => t.right[r]).join(', ');
  return (
    <li className={from ? 'dim' : ''}>
      <Badge {...(e.ace_type === 'deny' ? { kind: 'danger' as const, icon: 'ban' as const } : { kind: 'ok' as const, icon: 'check' as const })}>{e.ace_type === 'deny' ? t.deny : t.allow}</Badge>
      <span className="row whom"><Avatar name={whom} id={e.principal_id} square={e.principal_type !== 'user'} size="s" /><BidiName className="cut strong">{whom}</BidiName></span>
      <span className="what">{rights}<span className="tiny muted"> {t.appliesTo[e.applies_to]}{e.one_level ? `, ${t.oneLevelShort}` : ''}</span></span>
      {from ? (
        <span className="from small"><Icon name="inherit" size="s" /><BidiName className="cut">{from.path === '/' || from.resource_type === 'share' ? t.wholeShare : (from.path ?? t.hiddenPlace)}</BidiName><span className="vh">{t.atSource}</span></span>
      ) : (
        <span className="from"><IconButton small icon="edit" label={t.edit(visible(whom))} onPress={onEdit} /><IconButton small icon="trash" label={t.take(visible(whom))} onPress={onRemove} /></span>
      )}
    </li>
  );
}
