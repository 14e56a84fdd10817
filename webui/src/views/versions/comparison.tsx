// Two versions, compared.
import { useMemo } from 'react';
import type { File as Stored, Version } from '../../api/types_gen';
import { IconButton } from '../../components/button';
import { BidiName } from '../../components/name';
import { Segments, When } from '../../components/parts';
import { ErrorState, Skeleton } from '../../components/states';
import { useTexts } from '../../i18n';
import { mostText, useCompared } from '../../state/compare';
import { lookOf } from '../../state/preview';
import { useQueryValue } from '../../state/router';
import { useNames } from '../../state/sharing';
import { mostPicture, pictureType, useVersionPicture, useVersionText } from '../../state/versions';
import { Pictures } from '../compare/pictures';
import { DiffTable } from '../compare/table';
import { Sorry } from './index';

interface Props { f: Stored; left: Version; right: Version; onClose: () => void }

export function Comparison(props: Props) {
  const { f, left, right, onClose } = props;
  const t = useTexts('versions');
  const look = lookOf(f.name, 1);
  const type = pictureType(f.name);
  const textual = look === 'text' || look === 'markdown';
  const large = Math.max(left.size, right.size) > (textual ? mostText : mostPicture);
  return (
    <>
      <div className="row vtitle"><h2 className="grow">{t.compared(left.version_number, right.version_number)}</h2><IconButton icon="x" label={t.close} onPress={onClose} /></div>
      {!textual && !type ? <Sorry text={t.notText} /> : large ? <Sorry text={t.tooLarge} /> : textual ? <Texts {...props} /> : <Both {...props} type={type} />}
    </>
  );
}

function useHeads(f: Stored) {
  const p = useTexts('panel');
  const names = useNames(f.share_id);
  return (v: Version) => ({ id: v.id, title: p.versionNumber(v.version_number), about: <><When at={v.created_at} />{names(v.created_by) ? <>, <BidiName>{names(v.created_by)}</BidiName></> : null}</> });
}

function Texts({ f, left, right }: Props) {
  const t = useTexts('versions');
  const common = useTexts('common');
  const head = useHeads(f);
  const [layout, setLayout] = useQueryValue('layout');
  const how = layout === 'inline' ? 'inline' as const : 'columns' as const;
  const a = useVersionText(f.id, left);
  const b = useVersionText(f.id, right);
  const ask = useMemo(() => (typeof a.data === 'string' && typeof b.data === 'string' ? { how, texts: [a.data, b.data] } : null), [a.data, b.data, how]);
  const of = useCompared(ask);
  if (a.error || b.error) return <ErrorState title={t.failed} text={common.filesFine} onRetry={() => { void a.refetch(); void b.refetch(); }} />;
  if (a.data === null || b.data === null) return <Sorry text={t.notReadable} />;
  if (!of) return <Skeleton rows={6} />;
  const columns = how === 'inline' ? [{ id: 'one', title: t.compared(left.version_number, right.version_number) }] : [head(left), head(right)];
  return (
    <DiffTable key={how} label={t.compared(left.version_number, right.version_number)} columns={columns} of={of}
      tools={<Segments label={t.layout} value={how} onChange={(v) => setLayout(v === 'inline' ? v : '')} options={[{ id: 'columns', text: t.columns }, { id: 'inline', text: t.inline }]} />} />
  );
}

function Both({ f, left, right, type }: Props & { type: string }) {
  const t = useTexts('versions');
  const common = useTexts('common');
  const head = useHeads(f);
  const a = useVersionPicture(f.id, left, type);
  const b = useVersionPicture(f.id, right, type);
  if (a.error || b.error) return <ErrorState title={t.failed} text={common.filesFine} onRetry={() => { void a.refetch(); void b.refetch(); }} />;
  return <Pictures list={[{ ...head(left), url: a.url, alt: t.picture(left.version_number) }, { ...head(right), url: b.url, alt: t.picture(right.version_number) }]} />;
}
