// Groups: who is in them.
import { useEffect, useMemo, useState } from 'react';
import type { Group } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { AskName, Confirm } from '../../components/dialog';
import { TextField } from '../../components/field';
import { type Column, VirtualGrid } from '../../components/grid';
import { Avatar, BidiName } from '../../components/name';
import { When } from '../../components/parts';
import { EmptyState } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { useAddGroupMember, useCreateGroup, useDeleteGroup, useGroup, useGroupMembers, useGroups, useRemoveGroupMember, useUpdateGroup } from '../../state/admin';
import { useQueryValue } from '../../state/router';
import { ConsolePage, Filter, Waiting, useTell, useWhy } from './page';
import { FindPerson } from '../people/find';

export default function Groups() {
  const t = useTexts('console');
  const f = useFormat();
  const why = useWhy();
  const [search] = useQueryValue('q');
  const [chosen, setChosen] = useQueryValue('group', { push: true });
  const [dialog, setDialog] = useQueryValue('dialog', { push: true });
  const list = useGroups(search);
  const create = useCreateGroup();
  const columns = useMemo<Column<Group>[]>(() => [
    { id: 'name', title: t.groups.columns.name, cell: (g) => <span className="row gap-3"><Avatar name={g.name} id={g.id} square /><BidiName className="name cut">{g.name}</BidiName></span> },
    { id: 'description', title: t.groups.columns.description, width: 18, from: 'opt', cell: (g) => <BidiName className="cut">{g.description}</BidiName> },
    { id: 'members', title: t.groups.columns.members, width: 6.5, end: true, cell: (g) => f.number(g.member_count) },
    { id: 'created', title: t.groups.columns.created, width: 8.5, from: 'wide', cell: (g) => <When at={g.created_at} /> },
  ], [t, f]);
  const start = (kind?: 'primary') => <Button {...(kind ? { kind } : {})} icon="plus" onPress={() => setDialog('new-group')}>{t.groups.newGroup}</Button>;
  return (
    <ConsolePage title={t.groups.title} actions={start('primary')} {...(list.data ? { status: t.groups.count(list.total) } : {})} detailsLabel={t.groups.title}
      details={chosen ? <Panel key={chosen} id={chosen} onClose={() => setChosen('')} /> : undefined}>
      <Filter label={t.searchGroups} />
      {!list.data ? <Waiting error={list.error} title={t.loadFailed} onRetry={() => void list.refetch()} />
        : !list.rows.length ? <EmptyState title={search ? t.noMatch : t.groups.empty} text={search ? t.noMatchText : t.groups.emptyText}>{search ? null : start()}</EmptyState>
          : <VirtualGrid label={t.groups.title} columns={columns} length={Math.max(list.total, list.rows.length)} rowAt={(i) => list.rows[i]} keyOf={(g) => g.id} nameOf={(g) => g.name}
              onOpen={(g) => setChosen(g.id)} onPick={(g) => setChosen(g.id)} onNeed={list.need} rowClass={(g) => (g.id === chosen ? 'chosen' : '')} />}
      {dialog === 'new-group' && (
        <AskName title={t.groups.newGroup} label={t.groups.groupName} action={t.groups.create} missing={t.groups.nameMissing} explain={why} onClose={() => setDialog('')}
          use={async (name) => { const g = await create.mutateAsync(name.trim()); setChosen(g.id); }} />
      )}
    </ConsolePage>
  );
}

function Panel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useTexts('console');
  const common = useTexts('common');
  const { data: group, error, refetch } = useGroup(id);
  return (
    <>
      <header>
        {group && <Avatar name={group.name} id={group.id} size="l" square />}
        <h2 className="grow cut">{group ? <BidiName>{group.name}</BidiName> : t.groups.title}</h2>
        <IconButton icon="x" label={common.close} onPress={onClose} />
      </header>
      {group ? <Body group={group} onClose={onClose} /> : <Waiting error={error} title={t.loadFailed} onRetry={() => void refetch()} />}
    </>
  );
}

function Body({ group, onClose }: { group: Group; onClose: () => void }) {
  const t = useTexts('console').groups;
  const failed = useTexts('console').loadFailed;
  const tell = useTell();
  const members = useGroupMembers(group.id);
  const update = useUpdateGroup();
  const add = useAddGroupMember();
  const take = useRemoveGroupMember();
  const remove = useDeleteGroup();
  const [asking, setAsking] = useState(false);
  const [name, setName] = useState(group.name);
  const [about, setAbout] = useState(group.description);
  useEffect(() => { setName(group.name); setAbout(group.description); }, [group]);
  const changed = name.trim() !== group.name || about.trim() !== group.description;
  const shown = visible(group.name);
  return (
    <div className="panel-form">
      <form className="stack" onSubmit={(e) => {
        e.preventDefault();
        if (changed && name.trim()) void tell(() => update.mutateAsync({ id: group.id, ...(name.trim() === group.name ? {} : { name: name.trim() }), ...(about.trim() === group.description ? {} : { description: about.trim() }) }), t.saved(visible(name.trim())));
      }}>
        <TextField label={t.groupName} value={name} onChange={setName} error={name.trim() ? undefined : t.nameMissing} autoComplete="off" />
        <TextField label={t.description} value={about} onChange={setAbout} lines={2} />
        <Button type="submit" kind="primary" isDisabled={!changed || !name.trim()}>{t.save}</Button>
      </form>
      <h3>{t.members}</h3>
      {!members.data ? <Waiting error={members.error} title={failed} onRetry={() => void members.refetch()} /> : (
        <ul className="people">
          {members.data.length === 0 && <li className="muted">{t.noMembers}</li>}
          {members.data.map((m) => (
            <li key={m.principal_id}>
              <Avatar name={m.name} id={m.principal_id} square={m.principal_type === 'group'} />
              <span className="who"><BidiName>{m.name}</BidiName><span>{m.principal_type === 'group' ? t.group : visible(m.email ?? '')}</span></span>
              <IconButton small icon="x" label={t.removeMember(visible(m.name))} onPress={() => void tell(() => take.mutateAsync({ group: group.id, who: m.principal_id }), t.removedMember(visible(m.name)))} />
            </li>
          ))}
        </ul>
      )}
      <FindPerson label={t.add} help={t.addHelp} action={t.add} except={[group.id, ...(members.data ?? []).map((m) => m.principal_id)]}
        choose={(p) => void tell(() => add.mutateAsync({ group: group.id, who: p.id, kind: p.kind }), t.added(visible(p.name)))} />
      <div className="row acts"><Button icon="trash" onPress={() => setAsking(true)}>{t.remove}</Button></div>
      {asking && (
        <Confirm title={t.removeTitle(shown)} text={t.removeText} safe={t.keep} action={t.remove} onClose={() => setAsking(false)}
          onConfirm={() => { setAsking(false); void tell(() => remove.mutateAsync({ id: group.id, heir: '' }), t.removed(shown)).then((ok) => { if (ok) onClose(); }); }} />
      )}
    </div>
  );
}
