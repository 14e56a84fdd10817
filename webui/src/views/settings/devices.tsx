// The computers that keep folders in step, and what they hold back.
import { useState } from 'react';
import { Button } from '../../components/button';
import { Confirm } from '../../components/dialog';
import { Icon } from '../../components/icon';
import { BidiName } from '../../components/name';
import { Badge, When } from '../../components/parts';
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { useTexts } from '../../i18n';
import { toast } from '../../state/announce';
import { type DeviceState, useAllowDeletes, useDevices, useRemoveDevice, useResync } from '../../state/devices';
import { explain, sentence } from '../../state/explain';

export function Devices() {
  const t = useTexts('edge');
  const common = useTexts('common');
  const list = useDevices();
  const remove = useRemoveDevice();
  const allow = useAllowDeletes();
  const resync = useResync();
  const [leaving, setLeaving] = useState<DeviceState | null>(null);
  const [allowing, setAllowing] = useState<{ device: string; share: string; n: number } | null>(null);
  if (list.error && !list.data) return <ErrorState title={t.devicesFailed} text={common.filesFine} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton rows={3} />;
  if (!list.data.length) return <EmptyState title={t.noDevices} text={t.noDevicesText} />;
  const failed = (e: unknown) => toast(sentence(explain(e, common)), { kind: 'alert' });
  return (
    <div className="stack">
      {list.data.map((d) => (
        <section className="card" key={d.device.device_id}>
          <div className="row wrap"><Icon name="screen" /><h2 className="grow"><BidiName>{d.device.device_name}</BidiName></h2>
            <span className="small muted">{t.seen} <When at={d.device.last_seen_at} /></span><Button small onPress={() => setLeaving(d)}>{t.removeDevice}</Button></div>
          <p className="small muted"><BidiName>{[d.device.platform, d.device.client_version].filter(Boolean).join(', ')}</BidiName></p>
          {!d.shares.length && <p className="small muted">{t.notSynced}</p>}
          <ul className="stack">
            {d.shares.map(({ id, name, status }) => (
              <li key={id}>
                <div className="row wrap"><a href={`/files/${id}`}><BidiName>{name}</BidiName></a>
                  {status.held ? <Badge kind="warn" icon="hold">{t.held(status.held.items, status.held.of)}</Badge>
                    : status.waiting_total ? <Badge kind="warn" icon="clock">{t.waitingItems(status.waiting_total)}</Badge> : <Badge kind="ok" icon="okc">{t.inStep}</Badge>}
                  {status.held && !status.deletes_allowed && <Button small onPress={() => setAllowing({ device: d.device.device_id, share: id, n: status.held?.items ?? 0 })}>{t.allowDeletes}</Button>}
                  {status.held && status.deletes_allowed && <span className="small muted">{t.deletesAllowed}</span>}
                  <Button small label={t.compareAgain(name)} onPress={() => resync.mutate({ device: d.device.device_id, share: id }, { onError: failed, onSuccess: () => toast(t.comparing(name, d.device.device_name), { kind: 'done' }) })}>{t.compare}</Button></div>
                {status.error && <p className="small err"><Icon name="alert" size="s" /><BidiName>{status.error}</BidiName></p>}
                {status.waiting?.length ? <ul className="small muted">{status.waiting.map((x) => <li key={x.path}><BidiName>{x.path}</BidiName>: <BidiName>{x.reason}</BidiName></li>)}</ul> : null}
              </li>
            ))}
          </ul>
        </section>
      ))}
      {leaving && <Confirm title={t.removeDeviceTitle(leaving.device.device_name)} text={t.removeDeviceText} safe={t.keepDevice} action={t.removeDevice} onClose={() => setLeaving(null)}
        onConfirm={() => { setLeaving(null); remove.mutate(leaving.device.device_id, { onError: failed, onSuccess: () => toast(t.deviceRemoved(leaving.device.device_name), { kind: 'done' }) }); }} />}
      {allowing && <Confirm title={t.allowDeletes} text={t.allowText(allowing.n)} safe={t.keepFiles} action={t.allowDeletes} onClose={() => setAllowing(null)}
        onConfirm={() => { setAllowing(null); allow.mutate(allowing, { onError: failed, onSuccess: () => toast(t.deletesAllowed, { kind: 'done' }) }); }} />}
    </div>
  );
}
