// What the pages of the console share: the sheet, lists with a filter, and the line
// that tells what became of an action.
import { type ReactNode, useEffect, useState } from 'react';
import { ApiError } from '../../api/errors';
import { ErrorState, NoAccess, Skeleton } from '../../components/states';
import { Icon } from '../../components/icon';
import { useTexts } from '../../i18n';
import { toast } from '../../state/announce';
import { type AdminRole, useIsAdmin } from '../../state/admin';
import { useLost } from '../../state/connection';
import { explain, sentence } from '../../state/explain';
import { useQueryValue } from '../../state/router';
import { Page, type PageProps } from '../shell/page';
import './console.css';

/** A page of the console; who lacks the role is told what everybody is told. */
export function ConsolePage({ role = 'tenant_admin', ...page }: PageProps & { role?: AdminRole }) {
  const may = useIsAdmin(role);
  const common = useTexts('common');
  if (!may) return <Page title={common.gone} bare><NoAccess /></Page>;
  return <Page {...page} />;
}

/** What stands in the place of something that is not there yet, or did not come. */
export function Waiting({ error, title, onRetry }: { error: unknown; title: string; onRetry: () => void }) {
  const common = useTexts('common');
  const lost = useLost();
  if (!error) return <Skeleton />;
  const offline = lost !== null || !(error instanceof ApiError);
  return (
    <ErrorState title={offline ? common.noConnection : title} text={offline ? common.noConnectionText : common.filesFine} art={offline ? 'offline' : 'trouble'}
      request={error instanceof ApiError ? error.requestId : ''} onRetry={onRetry} />
  );
}

const pause = 200; // milliseconds without a key, after which is searched

/** A filter that lives in the address; what is typed is taken over after a pause. */
export function Filter({ label, children }: { label: string; children?: ReactNode }) {
  const [search, setSearch] = useQueryValue('q');
  const [text, setText] = useState(search);
  useEffect(() => {
    if (text === search) return undefined;
    const timer = setTimeout(() => setSearch(text.trim()), pause);
    return () => clearTimeout(timer);
  }, [text, search, setSearch]);
  return (
    <div className="console-filter">
      <div className="find"><Icon name="search" /><input className="input" type="search" value={text} aria-label={label} placeholder={label} onChange={(e) => setText(e.target.value)} /></div>
      {children}
    </div>
  );
}

/** Runs an action, and tells what became of it; true: it worked. */
export function useTell(): (run: () => Promise<unknown>, done?: string) => Promise<boolean> {
  const common = useTexts('common');
  const t = useTexts('console');
  return async (run, done) => {
    try {
      await run();
      if (done) toast(done, { kind: 'done' });
      return true;
    } catch (e) {
      toast(t.did.failed(explain(e, common)), { kind: 'alert' });
      return false;
    }
  };
}

/** Gives the words for a failed call, beside a field. */
export function useWhy(): (e: unknown) => string {
  const common = useTexts('common');
  return (e) => sentence(explain(e, common));
}

const gb = 1_000_000_000;

/** Gives bytes as a field shows them, in GB. */
export const asGB = (bytes: number | null) => (bytes === null ? '' : String(bytes / gb));

/** Reads a field in GB; '' is null, undefined is no number above 0. */
export function fromGB(text: string): number | null | undefined {
  if (text.trim() === '') return null;
  const n = Number(text.replace(',', '.'));
  return Number.isFinite(n) && n > 0 ? Math.round(n * gb) : undefined;
}
