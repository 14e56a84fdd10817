// The entry: language and session are looked for at once, then the frame is drawn.
import './styles/index.css';
import { createRoot } from 'react-dom/client';
import { App } from './views/shell/app';
import { startLanguage } from './views/shell/language';
import { applySettings } from './state/settings';
import { watchInvitation } from './state/invited';
import { watchActivation } from './state/activation';
import { startRouter } from './state/router';
import { startSignIn } from './state/signin';
import { watchConnection } from './state/connection';
import { startWorker } from './state/worker';

const root = document.getElementById('app');
if (root) {
  applySettings(document.documentElement);
  watchInvitation();
  startRouter();
watchActivation();
  watchConnection();
  startWorker();
  void startSignIn();
  void startLanguage(document.documentElement).then(() => createRoot(root).render(<App />));
}
