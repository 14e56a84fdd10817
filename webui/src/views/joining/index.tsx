// Coming into shares: invitations to the person, and shares that one may ask to join.
import { useState } from 'react';
import type { Invitation, OpenShare } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { TextField } from '../../components/field';
import { Avatar, BidiName } from '../../components/name';
import { Badge } from '../../components/parts';
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { toast } from '../../state/announce';
import { explain } from '../../state/explain';
import { at, navigate } from '../../state/router';
import { useJoining, useMyInvitations, useOpenShares } from '../../state/sharelife';
import { Page } from '../shell/page';
import './joining.css';

export default function JoiningView() {
  const t = useTexts('sharelife');
  const common = useTexts('common');
  const invited = useMyInvitations();
  const open = useOpenShares();
  const [asking, setAsking] = useState<OpenShare | null>(null);
  const error = invited.error ?? open.error;
  const list = open.data?.filter((s) => !s.joined) ?? [];
  return (
    <Page title={t.joinTitle}>
      {!invited.data || !open.data ? (error ? <ErrorState title={t.joinFailed} text={common.filesFine} onRetry={() => { void invited.refetch(); void open.refetch(); }} /> : <Skeleton />)
        : !invited.data.length && !list.length ? <EmptyState title={t.joinNone} text={t.joinNoneText} /> : (
          <div className="scroll joining">
            {invited.data.length > 0 && <section aria-labelledby="invited"><h2 id="invited">{t.invited}</h2><ul className="people">{invited.data.map((i) => <Invited key={i.id} invitation={i} />)}</ul></section>}
            <section aria-labelledby="open"><h2 id="open">{t.openShares}</h2>
              {list.length ? <ul className="people">{list.map((s) => <Open key={s.id} share={s} onAsk={() => setAsking(s)} />)}</ul> : <p className="muted">{t.noOpen}</p>}
            </section>
          </div>
        )}
      {asking && <Ask share={asking} onClose={() => setAsking(null)} />}
    </Page>
  );
}

function Invited({ invitation: i }: { invitation: Invitation }) {
  const t = useTexts('sharelife');
  const r = useTexts('sharing');
  const common = useTexts('common');
  const f = useFormat();
  const { answer } = useJoining();
  const run = async (how: 'accept' | 'decline') => {
    try {
      await answer.mutateAsync({ invitation: i.id, how });
      toast((how === 'accept' ? t.joined : t.declined)(i.share_name), { kind: 'done' });
      if (how === 'accept') navigate(at.folder(i.share_id));
    } catch (e) {
      toast(t.failed(explain(e, common)), { kind: 'alert' });
    }
  };
  return (
    <li className="member">
      <Avatar name={i.share_name} id={i.share_id} square size="l" />
      <div className="who"><BidiName className="cut strong">{i.share_name}</BidiName><span>{t.invitedAs(r.roles[i.role] ?? i.role, f.when(new Date(i.expires_at)))}</span>{i.message ? <span>{visible(i.message)}</span> : null}</div>
      <Button small kind="primary" label={`${t.join}: ${visible(i.share_name)}`} isDisabled={answer.isPending} onPress={() => void run('accept')}>{t.join}</Button>
      <Button small label={`${t.decline}: ${visible(i.share_name)}`} isDisabled={answer.isPending} onPress={() => void run('decline')}>{t.decline}</Button>
    </li>
  );
}

function Open({ share: s, onAsk }: { share: OpenShare; onAsk: () => void }) {
  const t = useTexts('sharelife');
  const common = useTexts('common');
  const { withdraw } = useJoining();
  const back = () => void withdraw.mutateAsync(s.id).then(() => toast(t.withdrawn(s.name), { kind: 'done' }), (e: unknown) => toast(t.failed(explain(e, common)), { kind: 'alert' }));
  return (
    <li className="member">
      <Avatar name={s.name} id={s.id} square size="l" />
      <div className="who"><BidiName className="cut strong">{s.name}</BidiName><span className="cut">{t.ownedBy(visible(s.owner_name))}</span>{s.description ? <span>{visible(s.description)}</span> : null}</div>
      {s.request === 'open' ? <><Badge kind="info" icon="clock">{t.waiting}</Badge><Button small label={`${t.withdraw}: ${visible(s.name)}`} isDisabled={withdraw.isPending} onPress={back}>{t.withdraw}</Button></>
        : <>{s.request === 'refused' && <Badge kind="warn" icon="ban">{t.wasRefused}</Badge>}<Button small label={`${t.ask}: ${visible(s.name)}`} onPress={onAsk}>{t.ask}</Button></>}
    </li>
  );
}

function Ask({ share: s, onClose }: { share: OpenShare; onClose: () => void }) {
  const t = useTexts('sharelife');
  const common = useTexts('common');
  const { ask } = useJoining();
  const [message, setMessage] = useState('');
  const run = async () => {
    try {
      await ask.mutateAsync({ share: s.id, message: message.trim() });
      toast(t.asked(s.name), { kind: 'done' });
      onClose();
    } catch (e) {
      toast(t.failed(explain(e, common)), { kind: 'alert' });
    }
  };
  return (
    <Dialog title={t.askTitle(s.name)} onClose={onClose} footer={<><span className="push" /><Button kind="quiet" onPress={onClose}>{common.cancel}</Button><Button kind="primary" isDisabled={ask.isPending} onPress={() => void run()}>{t.askDo}</Button></>}>
      <div className="body"><p className="soft small">{t.askHelp}</p><TextField label={t.message} aside={common.optional} lines={3} value={message} autoFocus onChange={setMessage} /></div>
    </Dialog>
  );
}
