// One version, looked at.
import type { File as Stored, Version } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Code } from '../../components/code';
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { useTexts } from '../../i18n';
import { mostText } from '../../state/compare';
import { lookOf } from '../../state/preview';
import { mostPicture, pictureType, useVersionPicture, useVersionText } from '../../state/versions';
import { useVersionActs } from './acts';
import '../preview/preview.css';

export function Look({ f, version: v }: { f: Stored; version: Version }) {
  const t = useTexts('versions');
  const look = lookOf(f.name, Math.min(v.size, 1));
  if (look === 'text' || look === 'markdown') return v.size > mostText ? <Nothing f={f} v={v} why={t.tooLarge} /> : <Text f={f} v={v} />;
  const type = pictureType(f.name);
  if (type) return v.size > mostPicture ? <Nothing f={f} v={v} why={t.tooLarge} /> : <Picture f={f} v={v} type={type} />;
  return <Nothing f={f} v={v} why={t.notText} />;
}

function Nothing({ f, v, why }: { f: Stored; v: Version; why: string }) {
  const p = useTexts('panel');
  const acts = useVersionActs(f, v);
  return <EmptyState title={p.versionNumber(v.version_number)} text={why}><Button icon="download" onPress={() => void acts.save(v)}>{p.downloadOf(v.version_number)}</Button></EmptyState>;
}

function Text({ f, v }: { f: Stored; v: Version }) {
  const t = useTexts('versions');
  const common = useTexts('common');
  const text = useVersionText(f.id, v);
  if (text.error) return <ErrorState title={t.failed} text={common.filesFine} onRetry={() => void text.refetch()} />;
  if (text.data === undefined) return <Skeleton rows={6} />;
  if (text.data === null) return <Nothing f={f} v={v} why={t.notReadable} />;
  if (!text.data) return <EmptyState title={t.empty} />;
  return <div className="reading"><Code text={text.data} plain={/\.(txt|log|csv|tsv|md|markdown)$/i.test(f.name)} label={t.content(v.version_number)} /></div>;
}

function Picture({ f, v, type }: { f: Stored; v: Version; type: string }) {
  const t = useTexts('versions');
  const common = useTexts('common');
  const picture = useVersionPicture(f.id, v, type);
  if (picture.error) return <ErrorState title={t.failed} text={common.filesFine} onRetry={() => void picture.refetch()} />;
  return picture.url ? <div className="vpicture"><img src={picture.url} alt={t.picture(v.version_number)} /></div> : <Skeleton rows={4} />;
}
