// The versions of a file: /versions/:file, with ?v= one is looked at, with ?a= and
// ?b= two are compared.
import { useEffect } from 'react';
import { ApiError } from '../../api/errors';
import type { File as Stored, Version } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import { ErrorState, NoAccess, Skeleton } from '../../components/states';
import { useTexts } from '../../i18n';
import { useFile, useVersions } from '../../state/annotate';
import { useTrail } from '../../state/folder';
import { useLive } from '../../state/live';
import { at, navigate, useQueryValue, withQuery } from '../../state/router';
import { useShare } from '../../state/shares';
import { useMe } from '../../state/signin';
import { Page } from '../shell/page';
import type { ViewProps } from '../table';
import { Comparison } from './comparison';
import { Look } from './look';
import { Timeline } from './timeline';
import './versions.css';

const out = (e: unknown) => e instanceof ApiError && [403, 404, 410, 422].includes(e.status);

export default function VersionsView({ params }: ViewProps) {
  const t = useTexts('versions');
  const p = useTexts('panel');
  const common = useTexts('common');
  const files = useTexts('files');
  const me = useMe();
  const id = params['file'] ?? '';
  const file = useFile(id);
  const list = useVersions(id);
  const f = file.data;
  useLive(f?.share_id);
  const share = useShare(f?.share_id ?? '');
  const trail = useTrail(f?.share_id ?? '', f?.folder_id ?? null);
  if (out(file.error) || (out(list.error) && f)) return <Page title={common.gone} bare><NoAccess email={me.email} /></Page>;
  if (!f || !list.data) {
    const error = file.error ?? list.error;
    return (
      <Page title={t.title}>{error
        ? <ErrorState title={p.versionsFailed} text={common.filesFine} request={error instanceof ApiError ? error.requestId : ''} onRetry={() => { void file.refetch(); void list.refetch(); }} /> : <Skeleton />}</Page>
    );
  }
  const crumbs = [...(share.data ? [{ text: share.data.name, href: at.folder(f.share_id), name: true }] : [{ text: files.shares, href: '/' }]),
    ...(trail.data ?? []).map((s) => ({ text: s.name, href: at.folder(f.share_id, s.id), name: true }))];
  return (
    <Page title={f.name} name crumbs={crumbs}
      actions={<><Button className="onwide" icon="folder" onPress={() => navigate(at.folder(f.share_id, f.folder_id))}>{t.toFolder}</Button><Button icon="eye" onPress={() => navigate(at.preview(f.id))}>{t.preview}</Button></>}>
      {list.data.length === 0 ? <p className="paneldata muted">{p.noVersions}</p> : <Body f={f} list={list.data} />}
    </Page>
  );
}

function Body({ f, list }: { f: Stored; list: readonly Version[] }) {
  const [a] = useQueryValue('a');
  const [b] = useQueryValue('b');
  const [v] = useQueryValue('v');
  const find = (n: string) => list.find((x) => String(x.version_number) === n);
  const [left, right] = [find(a), find(b)];
  const comparing = left !== undefined && right !== undefined && left.id !== right.id;
  const one = find(v) ?? list.find((x) => x.id === f.version_id) ?? list[0];
  const close = () => navigate(withQuery({ a: '', b: '', v: right ? String(right.version_number) : '' }));
  useEffect(() => {
    if (!comparing) return undefined;
    const onKey = (e: KeyboardEvent) => { if (e.key === 'Escape' && !e.defaultPrevented) close(); };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  return (
    <div className="vv">
      <section className="vleft" aria-label={useTexts('versions').title} tabIndex={0}><Timeline f={f} list={list} at={comparing ? '' : (one?.id ?? '')} /></section>
      <section className="vright">
        {comparing ? <Comparison key={`${left.id} ${right.id}`} f={f} left={left} right={right} onClose={close} /> : one && <Look key={one.id} f={f} version={one} />}
      </section>
    </div>
  );
}

/** A line that says why there is nothing to see. */
export function Sorry({ text }: { text: string }) {
  return <p className="note"><Icon name="info" />{text}</p>;
}
