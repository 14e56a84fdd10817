// Both in one text: what is clear is done, the rest asks; what comes of it can be
// edited, and becomes the file's next version.
import { useEffect, useState } from 'react';
import type { Conflict, File as Stored } from '../../api/types_gen';
import { hasStatus } from '../../api/errors';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { TextField } from '../../components/field';
import { Badge } from '../../components/parts';
import { useTexts, visible } from '../../i18n';
import { toast } from '../../state/announce';
import { type Merged, asking, decide } from '../../state/compare';
import { HalfMerged, useMergeIn } from '../../state/conflicts';
import { explain } from '../../state/explain';

export function Merging({ conflict, file, merged, crlf, onBusy, onClose, onDone }: { conflict: Conflict; file: Stored; merged: Merged; crlf: boolean; onBusy: (busy: boolean) => void; onClose: () => void; onDone: () => void }) {
  const t = useTexts('conflicts');
  const common = useTexts('common');
  const [text, setText] = useState(() => merged.text.replaceAll('\r\n', '\n'));
  const run = useMergeIn();
  const open = asking(text);
  const first = open[0];
  const dirty = text !== merged.text;
  useEffect(() => {
    if (!dirty) return undefined;
    const leave = (e: BeforeUnloadEvent) => e.preventDefault();
    window.addEventListener('beforeunload', leave);
    return () => window.removeEventListener('beforeunload', leave);
  }, [dirty]);
  const save = async () => {
    onBusy(true);
    try {
      await run.mutateAsync({ conflict, file, text: crlf ? text.replaceAll('\n', '\r\n') : text });
      toast(t.merged(file.name), { kind: 'done' });
      onDone();
    } catch (e) {
      onBusy(false);
      if (e instanceof HalfMerged) toast(t.halfMerged(file.name, explain(e.cause, common)), { kind: 'alert' });
      else toast(hasStatus(e, 412) ? t.mergeStale : t.notSettled(file.name, explain(e, common)), { kind: 'alert' });
    }
  };
  const take = (how: 'mine' | 'theirs' | 'both') => { if (first) setText(decide(text, first.n, how)); };
  return (
    <Dialog wide title={t.mergeTitle(file.name)} onClose={() => { if (!dirty || window.confirm(t.leaveMerge)) onClose(); }} footer={(
      <>
        <Badge {...(open.length ? { kind: 'warn' as const, icon: 'conflict' as const } : { kind: 'ok' as const, icon: 'check' as const })}>{open.length ? t.asks(open.length) : t.allClear}</Badge>
        <span className="push" />
        <Button kind="primary" icon="merge" reason={open.length ? t.undecided : undefined} isDisabled={run.isPending} onPress={() => void save()}>{t.mergeSave}</Button>
      </>
    )}>
      <div className="body merging">
        {first && (
          <section className="asks" aria-label={t.askOf(first.n)}>
            <p className="small soft">{t.askHelp}</p>
            <div className="beside">
              {([['mine', t.mineShort, first.mine], ['theirs', t.theirs, first.theirs]] as const).map(([id, title, said]) => (
                <figure key={id}><figcaption className="strong">{title}</figcaption><pre className="code" tabIndex={0} role="region" aria-label={title}>{said.split('\n').map(visible).join('\n') || ' '}</pre></figure>
              ))}
            </div>
            <div className="row wrap">
              <Button small onPress={() => take('mine')}>{t.takeMine}</Button><Button small onPress={() => take('theirs')}>{t.takeTheirs}</Button><Button small onPress={() => take('both')}>{t.takeBoth}</Button>
            </div>
          </section>
        )}
        <TextField label={t.mergeText} lines={14} value={text} onChange={setText} spellCheck={false} />
        <p className="small muted">{t.mergeHelp}</p>
      </div>
    </Dialog>
  );
}
