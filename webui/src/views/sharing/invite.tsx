// Inviting by e-mail address. No mail is sent: the address is handed over.
import { type FormEvent, useState } from 'react';
import type { Invitation } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Select, TextField } from '../../components/field';
import { Icon } from '../../components/icon';
import { BidiName } from '../../components/name';
import { Badge } from '../../components/parts';
import { useFormat, useTexts, visible } from '../../i18n';
import { toast } from '../../state/announce';
import { explain, sentence } from '../../state/explain';
import { useInvitations, useMemberChanges } from '../../state/sharing';
import { type Role, roles } from './people';

function useCopy() {
  const t = useTexts('sharing');
  return (text: string) => {
    const failed = () => toast(t.notCopied, { kind: 'alert' });
    if (!navigator.clipboard) failed();
    else void navigator.clipboard.writeText(text).then(() => toast(t.copied, { kind: 'done' }), failed);
  };
}

export function Invitations({ share }: { share: string }) {
  const t = useTexts('sharing');
  const common = useTexts('common');
  const f = useFormat();
  const copy = useCopy();
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<Invitation | null>(null);
  const list = useInvitations(share, true);
  const { takeBack } = useMemberChanges(share);
  const waiting = (list.data ?? []).filter((i) => i.status === 'open');
  const revoke = async (i: Invitation) => {
    try {
      await takeBack.mutateAsync(i.id);
      if (made?.id === i.id) setMade(null);
      toast(t.revoked, { kind: 'done' });
    } catch (e) {
      toast(t.notRevoked(explain(e, common)), { kind: 'alert' });
    }
  };
  return (
    <section className="stack" aria-label={t.invitations}>
      {waiting.length > 0 && (
        <ul className="people">
          {waiting.map((i) => (
            <li key={i.id}>
              <span className="av l asked" aria-hidden="true">?</span>
              <div className="who"><BidiName className="cut">{i.email}</BidiName><span className="cut">{t.roles[i.role]} · {t.invitedOn(f.when(new Date(i.created_at)))}</span></div>
              <Badge kind="info" icon="mail">{t.pending}</Badge>
              <Button small label={t.copyOf(visible(i.email))} onPress={() => copy(i.url)}>{t.copy}</Button>
              <Button small label={t.revokeOf(visible(i.email))} onPress={() => void revoke(i)}>{t.revoke}</Button>
            </li>
          ))}
        </ul>
      )}
      {made && (
        <div className="note ok" role="status">
          <Icon name="okc" />
          <div className="grow stack">
            <p>{t.invited}</p>
            <div className="row"><input className="input mono" readOnly value={made.url} aria-label={t.link} onFocus={(e) => e.target.select()} /><Button onPress={() => copy(made.url)}>{t.copy}</Button></div>
          </div>
        </div>
      )}
      {open ? <Form share={share} onClose={() => setOpen(false)} onMade={(i) => { setMade(i); setOpen(false); }} /> : <div><Button icon="mail" onPress={() => setOpen(true)}>{t.invite}</Button></div>}
    </section>
  );
}

function Form({ share, onClose, onMade }: { share: string; onClose: () => void; onMade: (i: Invitation) => void }) {
  const t = useTexts('sharing');
  const common = useTexts('common');
  const { invite } = useMemberChanges(share);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('reader');
  const [message, setMessage] = useState('');
  const [error, setError] = useState('');
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (invite.isPending) return;
    try {
      onMade(await invite.mutateAsync({ email: email.trim(), role, ...(message.trim() ? { message: message.trim() } : {}) }));
    } catch (problem) {
      setError(sentence(t.notInvited(explain(problem, common))));
    }
  };
  return (
    <form className="stack well" onSubmit={(e) => void submit(e)} noValidate>
      <p className="small soft">{t.inviteHelp}</p>
      <TextField label={t.email} type="email" value={email} error={error} autoFocus autoComplete="off" spellCheck={false} onChange={(v) => { setEmail(v); setError(''); }} />
      <Select label={t.roleOf(visible(email) || t.email, t.roles[role] ?? role)} value={role} onChange={(v) => setRole(v as Role)} options={roles.map((r) => ({ id: r, text: t.roles[r] ?? r }))} />
      <TextField label={t.message} aside={common.optional} lines={2} value={message} onChange={setMessage} />
      <div className="row"><Button type="submit" kind="primary" isDisabled={!email.trim()}>{t.sendIt}</Button><Button kind="quiet" onPress={onClose}>{common.cancel}</Button></div>
    </form>
  );
}
