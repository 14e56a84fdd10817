// Tokens for scripts. The secret is shown once, and kept nowhere.
import { type FormEvent, useId, useState } from 'react';
import type { NewServiceToken, ServiceToken } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Confirm, Dialog } from '../../components/dialog';
import { Checkbox, Select, TextField } from '../../components/field';
import { BidiName } from '../../components/name';
import { When } from '../../components/parts';
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { useTexts, visible } from '../../i18n';
import { toast } from '../../state/announce';
import { useCreateToken, useDeleteToken, useTokens } from '../../state/devices';
import { explain, sentence } from '../../state/explain';

export function Tokens() {
  const t = useTexts('edge');
  const common = useTexts('common');
  const list = useTokens();
  const drop = useDeleteToken();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<NewServiceToken | null>(null);
  const [dropping, setDropping] = useState<ServiceToken | null>(null);
  if (list.error && !list.data) return <ErrorState title={t.tokensFailed} text={common.filesFine} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton rows={3} />;
  const add = <Button kind="primary" icon="plus" onPress={() => setMaking(true)}>{t.newToken}</Button>;
  return (
    <div className="stack">
      {list.data.length ? <div className="row">{add}</div> : <EmptyState title={t.noTokens} text={t.noTokensText}>{add}</EmptyState>}
      {list.data.map((k) => (
        <section className="card" key={k.id}>
          <div className="row wrap"><h2 className="grow"><BidiName>{k.name}</BidiName></h2><span className="small muted">{k.scopes.includes('files:write') ? t.scopeWrite : k.scopes.length === 1 && k.scopes[0] === 'files:read' ? t.scopeRead : k.scopes.join(' ')}</span>
            <Button small label={`${t.deleteToken}: ${visible(k.name)}`} onPress={() => setDropping(k)}>{t.deleteToken}</Button></div>
          <p className="small muted">{t.made} <When at={k.created_at} /> · {t.used} {k.last_used_at ? <When at={k.last_used_at} /> : t.never.toLocaleLowerCase()} · {t.ends} {k.expires_at ? <When at={k.expires_at} /> : t.never.toLocaleLowerCase()}</p>
        </section>
      ))}
      {making && <NewToken onClose={() => setMaking(false)} onMade={(x) => { setMaking(false); setMade(x); }} />}
      {made && (
        <Dialog alert title={t.tokenMade} onClose={() => setMade(null)} footer={<><span className="push" /><Button onPress={() => setMade(null)}>{common.close}</Button>
          <Button kind="primary" icon="copy" onPress={() => void navigator.clipboard?.writeText(made.token).then(() => toast(t.copied, { kind: 'done' }), () => {})}>{t.copy}</Button></>}>
          <div className="body stack"><p>{t.tokenMadeText}</p><input className="input mono" readOnly aria-label={t.tokenMade} value={made.token} onFocus={(e) => e.target.select()} autoFocus /></div>
        </Dialog>
      )}
      {dropping && <Confirm title={t.deleteTokenTitle(dropping.name)} text={t.deleteTokenText} safe={t.keepToken} action={t.deleteToken} onClose={() => setDropping(null)}
        onConfirm={() => { setDropping(null); drop.mutate(dropping.id, { onError: (e) => toast(sentence(explain(e, common)), { kind: 'alert' }), onSuccess: () => toast(t.tokenDeleted(dropping.name), { kind: 'done' }) }); }} />}
    </div>
  );
}

function NewToken({ onClose, onMade }: { onClose: () => void; onMade: (t: NewServiceToken) => void }) {
  const t = useTexts('edge');
  const common = useTexts('common');
  const files = useTexts('files');
  const create = useCreateToken();
  const form = useId();
  const [name, setName] = useState('');
  const [write, setWrite] = useState(false);
  const [days, setDays] = useState('90');
  const [error, setError] = useState('');
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!name.trim()) return setError(files.nameMissing);
    if (create.isPending) return;
    create.mutate({ name: name.trim(), scopes: write ? ['files:read', 'files:write'] : ['files:read'], ...(days === '0' ? {} : { expires_at: new Date(Date.now() + Number(days) * 86_400_000).toISOString() }) },
      { onSuccess: onMade, onError: (x) => setError(sentence(explain(x, common))) });
  };
  return (
    <Dialog title={t.newToken} onClose={onClose} footer={<><span className="push" /><Button kind="quiet" onPress={onClose}>{common.cancel}</Button><button className="btn primary" type="submit" form={form}>{t.createToken}</button></>}>
      <form className="body stack" id={form} onSubmit={submit} noValidate>
        <TextField label={t.tokenName} value={name} error={error} autoFocus autoComplete="off" onChange={(v) => { setName(v); setError(''); }} />
        <Checkbox label={t.tokenWrite} checked={write} onChange={setWrite} />
        <Select label={t.tokenEnds} value={days} onChange={setDays} options={[7, 30, 90, 365, 0].map((n) => ({ id: String(n), text: t.tokenDays(n) }))} />
      </form>
    </Dialog>
  );
}
