// What stands around all views.
import { QueryClientProvider } from '@tanstack/react-query';
import { Component, type ReactNode, useEffect } from 'react';
import { I18nProvider, RouterProvider } from 'react-aria-components';
import { later } from '../../components/later';
import { ErrorState, NoAccess } from '../../components/states';
import { TextsProvider, useTexts } from '../../i18n';
import { useSaid } from '../../state/announce';
import { useActivation } from '../../state/activation';
import { isSessionEnd, queryClient } from '../../state/client';
import { checkConnection, useLost } from '../../state/connection';
import { match, navigate, usePath } from '../../state/router';
import { useSignIn } from '../../state/signin';
import { views } from '../table';
import { Frame } from './frame';
import { useLanguage } from './language';

const blank = <main className="signin" aria-busy="true" />;
const Activate = later(() => import('../login/activate'), blank);
const Login = later(() => import('../login'), blank);

export function App() {
  const spoken = useLanguage();
  if (!spoken) return null;
  return (
    <TextsProvider value={spoken}>
      <I18nProvider locale={spoken.language}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider navigate={(to) => navigate(to)}>
            <SignedIn />
            <Announcer />
          </RouterProvider>
        </QueryClientProvider>
      </I18nProvider>
    </TextsProvider>
  );
}

function SignedIn() {
  const s = useSignIn();
  const lost = useLost();
  const activation = useActivation();
  useEffect(() => {
    // The chunk of the view comes while it is found out who is signed in.
    const row = views.find((v) => match(v.path, window.location.pathname));
    row?.View.load().catch(() => {}); // its boundary tells
  }, []);
  if (activation) return <Activate />;
  if (s.state === 'looking') return lost ? <Alone /> : blank;
  if (s.state === 'out') return <Login ended={s.ended} />;
  return <Frame><CurrentView /></Frame>;
}

// Alone is the shell without a server: nothing is known of anybody.
function Alone() {
  const t = useTexts('common');
  return <main className="signin" id="main"><ErrorState level={1} art="offline" title={t.noConnection} text={t.noConnectionText} onRetry={() => void checkConnection()} /></main>;
}

function CurrentView() {
  const path = usePath();
  for (const v of views) {
    const params = match(v.path, path);
    if (params) return <Boundary key={path}><v.View params={params} /></Boundary>;
  }
  return <div className="sheet"><main className="main" id="main" tabIndex={-1}><NoAccess /></main></div>;
}

interface BoundaryState { error: unknown }

// A view that fails leaves the frame standing.
class Boundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null };
  static getDerivedStateFromError(error: unknown): BoundaryState { return { error }; }
  override componentDidCatch(error: unknown): void { if (!isSessionEnd(error)) console.error(error); }
  override render(): ReactNode {
    if (this.state.error) return <Failed onRetry={() => this.setState({ error: null })} />;
    return this.props.children;
  }
}

function Failed({ onRetry }: { onRetry: () => void }) {
  const t = useTexts('common');
  return <div className="sheet"><main className="main" id="main" tabIndex={-1}><ErrorState level={1} title={t.failed} text={t.filesFine} onRetry={onRetry} /></main></div>;
}

// Live regions stand outside of everything that comes and goes.
function Announcer() {
  const { polite, urgent } = useSaid();
  return (
    <>
      <div className="vh" role="status" aria-live="polite" id="polite">{polite}</div>
      <div className="vh" role="alert" aria-live="assertive" id="urgent">{urgent}</div>
    </>
  );
}
