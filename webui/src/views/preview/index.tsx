// A file, looked at: /preview/:file. The way through the folder keeps the order
// of the listing it came from (?sort=, ?order=).
import { useEffect } from 'react';
import { ApiError } from '../../api/errors';
import type { Sort } from '../../api/nodes';
import type { File as Stored } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { Code } from '../../components/code';
import { ErrorState, NoAccess, Skeleton } from '../../components/states';
import { Note } from '../../components/parts';
import { useFormat, useTexts, visible } from '../../i18n';
import { useFile } from '../../state/annotate';
import { draftOf } from '../../state/drafts';
import { useTrail } from '../../state/folder';
import { useListing } from '../../state/listing';
import { useLive } from '../../state/live';
import { type Look, lookOf, useContentText, useMayWrite, useMedia, usePicture } from '../../state/preview';
import { at, navigate, useQueryValue, withQuery } from '../../state/router';
import { useShare } from '../../state/shares';
import { useMe } from '../../state/signin';
import { downloads } from '../../state/transfers';
import { Page } from '../shell/page';
import type { ViewProps } from '../table';
import { Editor } from './editor';
import { LazyMarkdown } from './lazy';
import './preview.css';

export default function PreviewView({ params }: ViewProps) {
  const t = useTexts('edge');
  const common = useTexts('common');
  const files = useTexts('files');
  const me = useMe();
  const id = params['file'] ?? '';
  const query = useFile(id);
  const f = query.data;
  const [edit, setEdit] = useQueryValue('edit', { push: true });
  useLive(f?.share_id);
  const share = useShare(f?.share_id ?? '');
  const trail = useTrail(f?.share_id ?? '', f?.folder_id ?? null);
  const look = f ? lookOf(f.name, f.size) : 'none';
  const textual = look === 'text' || look === 'markdown';
  const mayWrite = useMayWrite(id, textual && Boolean(f));
  const around = useAround(f);
  const go = (to: string | undefined) => { if (to) navigate(withQuery({ edit: '', page: '' }, { path: at.preview(to), search: window.location.search }), { replace: true }); };
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (edit || e.defaultPrevented || e.altKey || e.ctrlKey || e.metaKey || (e.target as Element).closest('input, textarea, select, video, audio, [role=menu], [role=dialog], .scroller, .code')) return;
      if (e.key === 'ArrowRight') go(around.next);
      else if (e.key === 'ArrowLeft') go(around.previous);
      else if (e.key === 'Escape' && f) navigate(at.folder(f.share_id, f.folder_id));
    };
    window.addEventListener('keydown', key);
    return () => window.removeEventListener('keydown', key);
  });
  const gone = query.error instanceof ApiError && [403, 404, 410, 422].includes(query.error.status);
  const typed = edit ? draftOf(id) : undefined; // stays, whatever becomes of the file
  if (gone && !typed) return <Page title={common.gone} bare><NoAccess email={me.email} /></Page>;
  const editable = edit && (typed?.base ?? (textual && mayWrite && f));
  if (editable) {
    return (
      <Page title={editable.name} name crumbs={[{ text: files.shares, href: '/' }, ...(share.data && !gone ? [{ text: share.data.name, href: at.folder(editable.share_id), name: true }] : [])]}>
        {typed && (gone || mayWrite === false) && <Note kind="warn" icon="alert"><p>{t.lostWhileEditing}</p></Note>}
        <Editor key={id} file={editable} onClose={() => setEdit('')} />
      </Page>
    );
  }
  if (!f) {
    return (
      <Page title={t.preview}>{query.error
        ? <ErrorState title={t.previewFailed} text={common.filesFine} request={query.error instanceof ApiError ? query.error.requestId : ''} onRetry={() => void query.refetch()} /> : <Skeleton />}</Page>
    );
  }
  const crumbs = [{ text: files.shares, href: '/' }, ...(share.data ? [{ text: share.data.name, href: at.folder(f.share_id), name: true }] : []),
    ...(trail.data ?? []).map((s) => ({ text: s.name, href: at.folder(f.share_id, s.id), name: true }))];
  return (
    <Page title={f.name} name crumbs={crumbs}
      actions={(
        <>
          <IconButton icon="left" label={t.previous} reason={around.previous ? undefined : t.noPrevious} onPress={() => go(around.previous)} />
          <IconButton icon="right" label={t.next} reason={around.next ? undefined : t.noNext} onPress={() => go(around.next)} />
          {textual && mayWrite && <Button icon="edit" onPress={() => setEdit('1')}>{t.edit}</Button>}
          <Button icon="download" onPress={() => void downloads.start(f)}>{files.download}</Button>
          <IconButton icon="x" label={t.back} onPress={() => navigate(at.folder(f.share_id, f.folder_id))} />
        </>
      )}>
      <Body key={`${id}/${f.version_id}`} f={f} look={look} />
    </Page>
  );
}

// What stands before and after a file in its folder, as far as the listing is loaded.
function useAround(f: Stored | undefined): { previous: string | undefined; next: string | undefined } {
  const [sort] = useQueryValue('sort');
  const [order] = useQueryValue('order');
  const sorted = (['size', 'modified_at', 'type'].includes(sort) ? sort : 'name') as Sort;
  const { rows, need } = useListing({ share: f?.share_id ?? '', folder: f?.folder_id ?? null, sort: sorted, order: order === 'desc' ? 'desc' : 'asc' }, Boolean(f));
  const i = f ? rows.indexOf(f.id) : -1;
  useEffect(() => { // a long folder is read on until the file is found, within reason
    const hole = rows.hole(0, i < 0 ? 10_000 : i + 2);
    if (hole >= 0 || (rows.token && rows.length < 10_000 && (i < 0 || i >= rows.length - 2))) need((hole >= 0 ? hole : rows.length) + 200, hole >= 0 ? hole : rows.length);
  }, [rows, i, need]);
  const find = (step: 1 | -1) => {
    if (i < 0) return undefined;
    for (let at = i + step; at >= 0 && at < rows.length; at += step) {
      const it = rows.at(at);
      if (it?.type === 'file') return it.id;
    }
    return undefined;
  };
  return { previous: find(-1), next: find(1) };
}

function Body({ f, look }: { f: Stored; look: Look }) {
  switch (look) {
    case 'picture': case 'pages': return <Pictured f={f} />;
    case 'text': case 'markdown': return <Textual f={f} markdown={look === 'markdown'} />;
    case 'audio': case 'video': return <Played f={f} video={look === 'video'} />;
  }
  return <Nothing f={f} />;
}

function Nothing({ f, why }: { f: Stored; why?: string }) {
  const t = useTexts('edge');
  const files = useTexts('files');
  const format = useFormat();
  return (
    <div className="empty"><h2>{t.noPreview}</h2><p>{why ?? t.noPreviewText} {format.size(f.size)}</p>
      <div className="row wrap"><Button kind="primary" icon="download" onPress={() => void downloads.start(f)}>{files.download}</Button></div></div>
  );
}

function Pictured({ f }: { f: Stored }) {
  const t = useTexts('edge');
  const common = useTexts('common');
  const [asked, setAsked] = useQueryValue('page');
  const page = Math.max(1, Math.floor(Number(asked)) || 1);
  const picture = usePicture(f, page, true);
  const first = usePicture(f, 1, page > 1); // knows how many there are while another comes
  const pages = Math.max(picture.pages, first.pages);
  if (picture.error instanceof ApiError && picture.error.status === 422) return <Nothing f={f} why={picture.error.detail ? `${picture.error.detail}.` : t.noPreviewText} />;
  return (
    <>
      {pages > 1 && (
        <div className="toolbar" role="toolbar" aria-label={t.pages}>
          <IconButton small icon="up" label={t.pageBefore} reason={page > 1 ? undefined : t.noPrevious} onPress={() => setAsked(String(page - 1))} />
          <span className="num" aria-live="polite">{t.pageOf(page, pages)}</span>
          <IconButton small icon="down" label={t.pageAfter} reason={page < pages ? undefined : t.noNext} onPress={() => setAsked(String(page + 1))} />
        </div>
      )}
      {picture.error ? <ErrorState title={t.previewFailed} text={common.filesFine} onRetry={() => void picture.refetch()} />
        : picture.url ? <div className="stand scroller" tabIndex={0} role="region" aria-label={t.preview}><img src={picture.url} alt={t.pictureOf(visible(f.name), page, pages)} /></div> : <Skeleton rows={4} />}
    </>
  );
}

function Textual({ f, markdown }: { f: Stored; markdown: boolean }) {
  const t = useTexts('edge');
  const common = useTexts('common');
  const text = useContentText(f, true);
  if (text.error) return <ErrorState title={t.previewFailed} text={common.filesFine} onRetry={() => void text.refetch()} />;
  if (text.data === null) return <Nothing f={f} why={t.notText} />;
  if (text.data === undefined) return <Skeleton rows={6} />;
  if (!text.data) return <div className="empty"><h2>{t.emptyFile}</h2></div>;
  const label = t.contentOf(visible(f.name));
  return <div className="reading">{markdown ? <LazyMarkdown text={text.data} codeLabel={t.code} /> : <Code text={text.data} plain={/\.(txt|log|csv|tsv)$/i.test(f.name)} label={label} />}</div>;
}

function Played({ f, video }: { f: Stored; video: boolean }) {
  const t = useTexts('edge');
  const media = useMedia(f, true);
  if (media.tooLarge || media.error) return <Nothing f={f} why={media.tooLarge ? t.tooLargeHere : t.previewFailed} />;
  if (!media.url) return <Skeleton rows={3} />;
  const props = { src: media.url, controls: true, preload: 'metadata' as const, 'aria-label': visible(f.name), onError: media.failed };
  return <div className="stand">{video ? <video {...props} playsInline /> : <audio {...props} />}</div>;
}
