// Both sides of a conflict, and what they began with: texts with what differs,
// pictures beside each other.
import { type ReactNode, useMemo } from 'react';
import type { Conflict, File as Stored } from '../../api/types_gen';
import { BidiName } from '../../components/name';
import { Note, Segments, When } from '../../components/parts';
import { ErrorState, Skeleton } from '../../components/states';
import { useFormat, useTexts, visible } from '../../i18n';
import { mostText, useCompared } from '../../state/compare';
import { type SideTexts, type Sides, useSideTexts, useSides } from '../../state/conflicts';
import { lookOf } from '../../state/preview';
import { useQueryValue } from '../../state/router';
import { useNames } from '../../state/sharing';
import { useMe } from '../../state/signin';
import { mostPicture, pictureType, usePictureAddress } from '../../state/versions';
import { Pictures } from '../compare/pictures';
import { DiffTable } from '../compare/table';

/** Whose change waits: a name, or '' for one's own. */
export function useWaiter(c: Conflict): string | null {
  const me = useMe();
  const names = useNames(c.share_id);
  return c.changed_by === me.id ? '' : (names(c.changed_by) || null);
}

export function useHeads(c: Conflict, file: Stored | undefined, sides: Sides | undefined) {
  const t = useTexts('conflicts');
  const p = useTexts('panel');
  const f = useFormat();
  const who = useWaiter(c);
  const names = useNames(c.share_id);
  const about = (moment: string | undefined, size: number | undefined, by: ReactNode = null): ReactNode => <>{size === undefined ? '' : f.size(size)}{moment ? <>, <When at={moment} /></> : null}{by ? <>, {by}</> : null}</>;
  const by = file && names(file.modified_by);
  const base = sides?.baseVersion;
  return {
    base: { id: 'base', title: t.before, about: base ? <>{p.versionNumber(base.version_number)}, <When at={base.created_at} /></> : null },
    theirs: { id: 'theirs', title: t.theirs, about: about(file?.modified_at, file?.size, by ? <BidiName>{by}</BidiName> : null) },
    mine: { id: 'mine', title: who === '' ? t.mine : who ? t.mineOf(visible(who)) : t.waiting, about: about(c.client_change.modified_at, c.client_change.size, c.device_id ? visible(c.device_name) : null) },
  };
}

export type Texts = { texts: SideTexts; file: Stored };

export function Contents({ conflict: c, settling, file, error, onRetry, children }: { conflict: Conflict; settling: boolean; file: Stored | undefined; error: unknown; onRetry: () => void; children: (t: Texts | null) => ReactNode }) {
  const t = useTexts('conflicts');
  const common = useTexts('common');
  const size = Math.max(file?.size ?? 0, c.client_change.size ?? 0);
  const look = lookOf(file?.name ?? '', 1);
  const text = look === 'text' || look === 'markdown';
  const type = pictureType(file?.name ?? '');
  const small = size <= (type ? mostPicture : mostText);
  const sides = useSides(c, file, !settling && Boolean(file) && (text || type !== '') && small);
  const texts = useSideTexts(text ? sides.data : undefined);
  const head = useHeads(c, file, sides.data);
  const around = (what: ReactNode) => <>{what}{children(null)}</>;
  if (error) return around(<ErrorState title={t.sidesFailed} text={common.filesFine} onRetry={onRetry} />);
  if (!file) return around(<Skeleton rows={4} />);
  if (!text && !type) return around(<><Facts head={head} /><Note>{t.notText}</Note></>);
  if (!small) return around(<><Facts head={head} /><Note>{t.tooLarge}</Note></>);
  if (sides.error) return around(<ErrorState title={t.sidesFailed} text={common.filesFine} onRetry={() => void sides.refetch()} />);
  if (!sides.data || (text && texts === undefined)) return around(<Skeleton rows={4} />);
  if (type) return around(<Seen sides={sides.data} type={type} head={head} />);
  if (!texts) return around(<><Facts head={head} /><Note>{t.notText}</Note></>);
  return <><Compared texts={texts} head={head} />{children({ texts, file })}</>;
}

type Heads = ReturnType<typeof useHeads>;

function Facts({ head }: { head: Heads }) {
  return <div className="beside">{[head.theirs, head.mine].map((h) => <div key={h.id} className="card pad"><h2>{h.title}</h2><p className="small muted">{h.about}</p></div>)}</div>;
}

function Compared({ texts, head }: { texts: SideTexts; head: Heads }) {
  const t = useTexts('conflicts');
  const v = useTexts('versions');
  const [layout, setLayout] = useQueryValue('columns');
  const three = texts.base !== null && layout !== '2';
  const ask = useMemo(() => ({ how: 'columns' as const, texts: three && texts.base !== null ? [texts.base, texts.theirs, texts.mine] : [texts.theirs, texts.mine] }), [texts, three]);
  const of = useCompared(ask);
  if (!of) return <Skeleton rows={4} />;
  return (
    <DiffTable key={String(three)} label={t.text} of={of} columns={three ? [head.base, head.theirs, head.mine] : [head.theirs, head.mine]}
      tools={texts.base === null ? <span className="small muted">{t.noBase}</span>
        : <Segments label={v.layout} value={three ? '3' : '2'} onChange={(n) => setLayout(n === '2' ? n : '')} options={[{ id: '3', text: t.three }, { id: '2', text: t.two }]} />} />
  );
}

function Seen({ sides, type, head }: { sides: Sides; type: string; head: Heads }) {
  const t = useTexts('conflicts');
  const [base, theirs, mine] = [usePictureAddress(sides.base, type), usePictureAddress(sides.theirs, type), usePictureAddress(sides.mine, type)];
  return (
    <Pictures list={[...(sides.base ? [{ ...head.base, url: base, alt: t.picture(head.base.title) }] : []), { ...head.theirs, url: theirs, alt: t.picture(head.theirs.title) }, { ...head.mine, url: mine, alt: t.picture(head.mine.title) }]} />
  );
}
