// The tray: what is being sent and fetched, how far it is, and what needs a
// decision. It announces only beginnings, failures and ends.
import { type ChangeEvent, useEffect, useRef, useState } from 'react';
import { ApiError, NetworkError } from '../../api/errors';
import { Button, IconButton } from '../../components/button';
import { AskName } from '../../components/dialog';
import { FileIcon, Icon, familyOf } from '../../components/icon';
import { BidiName } from '../../components/name';
import { Progress } from '../../components/parts';
import { type Format, type Texts, useFormat, useSpoken, useTexts, visible } from '../../i18n';
import { say, toast } from '../../state/announce';
import { type Download, Trouble, inBlob } from '../../state/downloads';
import { explain, sentence } from '../../state/explain';
import type { UploadItem } from '../../state/uploaditem';
import { downloads, onTransfer, queue, useTransfers } from '../../state/transfers';

const mostRows = 60; // shown at once
const span = 5_000; // milliseconds over which the speed is taken

export function Tray() {
  useTransfers();
  const { texts, format } = useSpoken();
  const [open, setOpen] = useState(true);
  const [renaming, setRenaming] = useState<UploadItem | null>(null);
  useSaying(texts, format, setOpen);
  const pace = usePace();
  const t = texts.transfers;
  const ups = [...queue.items.values()];
  const downs = [...downloads.items.values()];
  if (!ups.length && !downs.length) return null;
  const by = (...states: UploadItem['state'][]) => ups.filter((i) => states.includes(i.state));
  const taken = by('taken'), failed = by('failed'), finished = by('done'), absent = by('absent');
  const busy = queue.busy || downloads.busy;
  // What is settled is shown last, the latest first.
  const rows = [...by('sending', 'storing'), ...taken, ...failed, ...absent, ...by('waiting').slice(0, 10), ...finished.slice(-8).reverse()].slice(0, mostRows);
  const rest = ups.length - rows.length;
  const close = () => {
    if (busy) say(t.saidStopped);
    queue.cancelAll();
    downloads.cancelAll();
    document.querySelector<HTMLElement>('#main h1')?.focus();
  };
  return (
    <section className="tray" aria-label={t.title} data-region tabIndex={-1}>
      <header>
        <div className="grow cut"><h2>{headOf(t, ups, downs, finished.length, taken.length + failed.length + absent.length)}</h2>{busy && pace(format, t, ups, downs)}</div>
        <IconButton small icon={open ? 'down' : 'up'} label={open ? t.collapse : t.expand} onPress={() => setOpen(!open)} />
        <IconButton small icon="x" label={busy ? t.stopAll : texts.common.close} onPress={close} />
      </header>
      {busy && <Progress thin label={t.title} part={partOf([...ups, ...downs])} />}
      {open && (
        <>
          {taken.length > 1 && (
            <div className="sum"><p className="small">{t.takenMany(taken.length)}</p><div className="row wrap">
              <Button small onPress={() => void queue.replace(...taken)}>{t.replace}</Button><Button small onPress={() => queue.keepBoth(...taken)}>{t.keepBoth}</Button><Button small onPress={() => queue.cancel(...taken)}>{t.skip}</Button>
            </div></div>
          )}
          {failed.length > 1 && <div className="sum row"><p className="small grow">{t.failedCount(failed.length)}</p><Button small onPress={() => queue.retry(...failed)}>{t.retryAll(failed.length)}</Button></div>}
          {absent.length > 0 && <Absent items={absent} />}
          <ul className="traylist" tabIndex={-1}>
            {downs.map((d) => <DownRow key={`d${d.number}`} d={d} />)}
            {rows.map((i) => <UpRow key={`u${i.number}`} item={i} onRename={() => setRenaming(i)} />)}
            {rest > 0 && <li className="muted small"><span /><span>{t.moreItems(rest)}</span></li>}
          </ul>
        </>
      )}
      {renaming && <AskName title={t.renameTitle} label={t.newName} action={t.useName} value={renaming.name} keepEnding missing={texts.files.nameMissing} explain={(e) => explain(e, texts.common)}
        use={async (name) => queue.rename(renaming, name)} onClose={() => setRenaming(null)} />}
    </section>
  );
}

// What waits for its files after a reload: the browser may be asked, or the person
// chooses the same files again.
function Absent({ items }: { items: UploadItem[] }) {
  const t = useTexts('transfers');
  const input = useRef<HTMLInputElement>(null);
  const held = items.filter((i) => i.source);
  const take = (e: ChangeEvent<HTMLInputElement>) => {
    let strangers = 0;
    for (const file of e.target.files ?? []) {
      const item = items.find((i) => i.state === 'absent' && i.originalName === file.name && (i.size === null || i.size === file.size));
      if (item) queue.give(item, async () => file);
      else strangers++;
    }
    e.target.value = '';
    if (strangers) toast(t.notThese(strangers), { kind: 'alert' });
  };
  return (
    <div className="sum">
      <p className="small">{t.absentMany(items.length)}</p>
      <div className="row wrap">
        {held.length > 0 && <Button small kind="primary" onPress={() => void queue.ask(...held)}>{t.goOn}</Button>}
        <Button small onPress={() => input.current?.click()}>{t.chooseAgain}</Button>
      </div>
      <input ref={input} id="pick-again" type="file" multiple hidden tabIndex={-1} aria-hidden="true" onChange={take} />
    </div>
  );
}

function headOf(t: Texts['transfers'], ups: UploadItem[], downs: Download[], finished: number, bad: number): string {
  if (queue.busy) {
    if (queue.paused === 'offline') return t.pausedOffline;
    if (queue.paused === 'busy') return t.pausedBusy;
    if (queue.reading && ups.length === finished) return t.reading;
    return t.uploading(finished + bad, ups.length);
  }
  if (bad) return t.needYou(bad);
  const moving = downs.filter((d) => d.state === 'sending').length;
  if (moving) return t.downloading(moving);
  const broken = downs.filter((d) => d.state === 'failed').length;
  if (broken) return t.failedCount(broken);
  return downs.length ? t.downloadsDone(downs.length) : t.uploadsDone(finished);
}

interface Moving { size: number | null; sent: number; state: string }

function partOf(all: Moving[]): number {
  const known = all.every((i) => i.size !== null);
  const total = known ? all.reduce((sum, i) => sum + (i.size ?? 0), 0) : all.length;
  const done = known ? all.reduce((sum, i) => sum + i.sent, 0) : all.reduce((sum, i) => sum + (i.state === 'done' ? 1 : i.size ? i.sent / i.size : 0), 0);
  return total ? done / total : 0;
}

// usePace gives what draws the speed and the time that is left.
function usePace() {
  const samples = useRef<[number, number][]>([]);
  return (f: Format, t: Texts['transfers'], ups: UploadItem[], downs: Download[]) => {
    const now = performance.now();
    const all: Moving[] = [...ups, ...downs];
    const list = samples.current;
    list.push([now, all.reduce((sum, i) => sum + i.sent, 0)]);
    while (list.length > 2 && now - (list[0]?.[0] ?? 0) > span) list.shift();
    const [t0, s0] = list[0] ?? [now, 0];
    const sent = list.at(-1)?.[1] ?? 0;
    if (now - t0 < 1000 || sent <= s0) return null;
    const rate = (sent - s0) / ((now - t0) / 1000);
    const open = all.filter((i) => ['waiting', 'sending', 'storing'].includes(i.state));
    const known = open.every((i) => i.size !== null) && !queue.reading;
    const left = known ? open.reduce((sum, i) => sum + (i.size ?? 0) - i.sent, 0) / rate : 0;
    return <span className="muted small"> {t.speed(f.size(rate), left > 2 ? f.duration(left) : '')}</span>;
  };
}

function useSaying(texts: Texts, f: Format, setOpen: (open: boolean) => void): void {
  const told = useRef(0);
  useEffect(() => onTransfer((e) => {
    const t = texts.transfers;
    switch (e.type) {
      case 'start': told.current = 0; setOpen(true); say(t.saidStart(e.detail.n)); break;
      case 'downloading': setOpen(true); break;
      case 'failed': {
        setOpen(true);
        const { item } = e.detail;
        if (told.current++ < 3) say(t.saidFailed(visible(item.name), reason(item, texts, f)), true);
        break;
      }
      case 'end': {
        const { done, failed } = e.detail;
        if (failed) say(t.saidEndFailed(done, failed));
        else {
          if (done) say(t.saidEnd(done));
          setOpen(false); // one line is enough to say that all went well
        }
        break;
      }
      case 'paused': if (e.detail.why === 'offline') say(t.saidPaused); break;
      case 'saved': if (e.detail) say(t.saidSaved(visible(e.detail.file.name))); break;
      case 'notSaved': if (e.detail) say(t.saidFailed(visible(e.detail.file.name), downloadReason(e.detail, texts, f)), true); break;
    }
  }), [texts, f, setOpen]);
}

function UpRow({ item, onRename }: { item: UploadItem; onRename: () => void }) {
  const { texts, format } = useSpoken();
  const t = texts.transfers;
  const shown = visible(item.name);
  const bad = item.state === 'failed' || item.state === 'taken';
  const badName = item.error?.error instanceof ApiError && item.error.error.status === 422;
  const title = [...item.dirs, ...(item.folderOnly ? [] : [item.name])].slice(-2).join('/');
  return (
    <li>
      <FileIcon family={item.folderOnly ? 'folder' : familyOf(item.name)} />
      <div className="grow">
        <div className="row"><span className="cut strong grow"><BidiName>{title}</BidiName></span><Side item={item} /></div>
        {(item.state === 'sending' || item.state === 'storing') && <Progress thin label={shown} part={item.size ? item.sent / item.size : 0} />}
        {bad && <p className="err"><Icon name="alert" size="s" /><span>{reason(item, texts, format)}</span></p>}
        {item.state === 'taken' && (
          <div className="row wrap">
            {item.error?.code !== 'taken-by-folder' && <Button small label={t.replaceOne(shown)} onPress={() => void queue.replace(item)}>{t.replace}</Button>}
            <Button small label={t.keepBothOne(shown)} onPress={() => queue.keepBoth(item)}>{t.keepBoth}</Button>
            <Button small label={t.skipOne(shown)} onPress={() => queue.cancel(item)}>{t.skip}</Button>
          </div>
        )}
        {item.state === 'failed' && item.error?.code !== 'unreadable' && (
          <div className="row wrap">
            {badName ? !item.folderOnly && <Button small label={t.renameOne(shown)} onPress={onRename}>{t.rename}</Button>
              : <Button small label={t.retryOne(shown)} onPress={() => queue.retry(item)}>{texts.common.tryAgain}</Button>}
          </div>
        )}
      </div>
      <IconButton small icon="x" label={item.state === 'done' || bad || item.state === 'absent' ? t.dismissOne(shown) : t.stopOne(shown)} onPress={() => queue.cancel(item)} />
    </li>
  );
}

function Side({ item }: { item: UploadItem }) {
  const t = useTexts('transfers');
  const f = useFormat();
  if (item.state === 'done') return <Tick text={item.folderOnly ? t.folderDone : item.wasHere ? t.alreadyHere : t.done} />;
  const text = item.state === 'sending' ? f.percent(item.size ? item.sent / item.size : 0) : item.state === 'storing' ? t.storing : item.state === 'waiting' ? t.waiting : item.state === 'absent' ? t.absent : '';
  return <span className="tiny muted num">{text}</span>;
}

const Tick = ({ text }: { text: string }) => <span className="ok tick" title={text}><Icon name="check" size="s" /><span className="vh">{text}</span></span>;

function DownRow({ d }: { d: Download }) {
  const { texts, format } = useSpoken();
  const t = texts.transfers;
  const shown = visible(d.file.name);
  return (
    <li>
      <FileIcon family={familyOf(d.file.name)} />
      <div className="grow">
        <div className="row"><span className="cut strong grow"><BidiName>{d.file.name}</BidiName></span><Icon name="download" size="s" />
          {d.state === 'done' ? <Tick text={t.saved} /> : d.state === 'sending' ? <span className="tiny muted num">{format.percent(d.size ? d.sent / d.size : 0)}</span> : null}</div>
        {d.state === 'sending' && <Progress thin label={shown} part={d.size ? d.sent / d.size : 0} />}
        {d.state === 'failed' && <><p className="err"><Icon name="alert" size="s" /><span>{downloadReason(d, texts, format)}</span></p>
          <div className="row"><Button small label={t.retryOne(shown)} onPress={() => downloads.retry(d)}>{texts.common.tryAgain}</Button></div></>}
      </div>
      <IconButton small icon="x" label={d.state === 'sending' ? t.stopDownload(shown) : t.dismissOne(shown)} onPress={() => downloads.remove(d)} />
    </li>
  );
}

// reason says in a sentence why an upload did not go through.
function reason(item: UploadItem, texts: Texts, f: Format): string {
  const t = texts.transfers.why;
  const e = item.error?.error;
  switch (item.error?.code) {
    case 'taken': return t.taken;
    case 'taken-by-folder': return t.takenByFolder;
    case 'folder-is-file': return t.folderIsFile(item.error.name ?? '');
    case 'unreadable': return t.unreadable;
    case 'unreadable-folder': return t.unreadableFolder;
    case 'too-large': return t.tooLarge(f.size(item.size ?? 0), f.size(item.limit));
    case 'broke-off': return t.brokeOff;
  }
  if (e instanceof ApiError && (e.status === 403 || e.status === 404)) return t.mayNotAdd;
  if (e instanceof ApiError && e.status === 500) return t.fault(e.requestId);
  return sentence(explain(e, texts.common));
}

function downloadReason(d: Download, texts: Texts, f: Format): string {
  const t = texts.transfers.why;
  const e = d.error;
  if (e instanceof Trouble) return e.code === 'tooLargeHere' ? t.tooLargeHere(f.size(inBlob)) : t[e.code];
  if (e instanceof NetworkError) return t.cutShort;
  if (e instanceof ApiError && e.status === 500) return /damaged/i.test(e.detail) ? texts.common.damaged : sentence(texts.common.because.unknown);
  return sentence(explain(e, texts.common));
}
