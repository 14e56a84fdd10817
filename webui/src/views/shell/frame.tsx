// The frame: top bar, places, the view's sheet, tray and messages.
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { IconButton, LinkButton } from '../../components/button';
import { Confirm, Sheet } from '../../components/dialog';
import { Brand, Icon } from '../../components/icon';
import { type MenuEntry, MenuButton } from '../../components/menu';
import { Avatar, BidiName } from '../../components/name';
import { Toasts } from '../../components/toasts';
import { useFormat, useSpoken, useTexts } from '../../i18n';
import { languages } from '../../i18n/languages';
import { dismissToast, say, useToasts } from '../../state/announce';
import { checkConnection, useLost } from '../../state/connection';
import { useIsAdmin } from '../../state/admin';
import { navigate, usePath, withQuery } from '../../state/router';
import { type Settings, setSettings, useSettings } from '../../state/settings';
import { signOut, useMe } from '../../state/signin';
import { queue } from '../../state/transfers';
import { DragLayer } from '../files/drag';
import { DropVeil } from '../files/drop';
import { KeyHelp } from '../help/keytable';
import { NewShare } from '../shares/new';
import { Sharing } from '../sharing';
import { views } from '../table';
import { Bell } from './bell';
import { RecentActions, recentActions } from './recent';
import { Places, inConsole } from './places';
import { Tray } from './tray';
import { useRegions } from './regions';

export function Frame({ children }: { children: ReactNode }) {
  const t = useTexts('common');
  const c = useTexts('console');
  const [drawer, setDrawer] = useState(false);
  const path = usePath();
  const toasts = useToasts();
  useRegions();
  useEffect(() => setDrawer(false), [path]);
  return (
    <>
      <a className="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById('main')?.focus(); }}>{t.skip}</a>
      <div className="app">
        <header className="top" data-region tabIndex={-1}>
          <div className="row gap-1">
            <span className="only-small"><IconButton icon="menu" label={t.openPlaces} onPress={() => setDrawer(true)} /></span>
            {inConsole(path)
              ? <a className="brand" href="/admin" aria-label={`${t.product} ${c.name}`}><Brand /><span>{t.product} <small>{c.name}</small></span></a>
              : <a className="brand" href="/" aria-label={t.home}><Brand /><span>{t.product}</span></a>}
          </div>
          <div className="mid" id="top-middle" />
          <div className="acts" id="top-acts">{inConsole(path) && <a className="btn quiet" href="/" aria-label={c.backToFiles}><Icon name="folder" /><span className="opt">{c.backToFiles}</span></a>}<Bell /><Account /></div>
        </header>
        <nav className="side" aria-label={t.places} data-region tabIndex={-1}><Places /></nav>
        <div className="stage"><Strip />{children}</div>
        <PhoneBar onMore={() => setDrawer(true)} />
      </div>
      {drawer && <Sheet edge="start" label={t.places} onClose={() => setDrawer(false)}><nav className="side" aria-label={t.places}><Places /></nav></Sheet>}
      <NewShare />
      <Sharing />
      <DropVeil />
      <DragLayer />
      <Tray />
      <KeyHelp />
      <RecentActions />
      <Toasts list={toasts} onDismiss={dismissToast} />
    </>
  );
}

function PhoneBar({ onMore }: { onMore: () => void }) {
  const spoken = useSpoken();
  const path = usePath();
  const t = useTexts('common');
  const current = (to: string) => (path === to ? { 'aria-current': 'page' as const } : {});
  return (
    <nav className="phone-nav" aria-label={t.places}>
      <a href="/" {...current('/')}><Icon name="folder" />{spoken.texts.files.shares}</a>
      {views.filter((v) => v.nav?.phone).slice(0, 2).map((v) => <a key={v.path} href={v.path} {...current(v.path)}><Icon name={v.nav?.icon ?? 'folder'} />{v.nav?.text(spoken.texts)}</a>)}
      <AriaButton className="phone-more" onPress={onMore}><Icon name="menu" />{t.more}</AriaButton>
    </nav>
  );
}

function Account() {
  const t = useTexts('common');
  const login = useTexts('login');
  const c = useTexts('console');
  const w = useTexts('work');
  const admin = useIsAdmin();
  const me = useMe();
  const s = useSettings();
  const [asking, setAsking] = useState(false);
  const who = me.display_name || me.name || me.email;
  const leave = () => { if (queue.left) setAsking(true); else void signOut(); };
  const entries: MenuEntry[] = [
    { id: 'theme', title: t.theme, chosen: s.theme, choose: (id) => setSettings({ theme: id as Settings['theme'] }), options: Object.entries(t.themes).map(([id, text]) => ({ id, text })) },
    'line',
    { id: 'density', title: t.density, chosen: s.density, choose: (id) => setSettings({ density: id as Settings['density'] }), options: Object.entries(t.densities).map(([id, text]) => ({ id, text })) },
    'line',
    { id: 'language', title: t.language, chosen: s.language || 'browser', choose: (id) => setSettings({ language: id === 'browser' ? '' : id }),
      options: [{ id: 'browser', text: t.languageOfBrowser }, ...Object.entries(languages).map(([id, text]) => ({ id, text }))] },
    'line',
    { id: 'actions', text: w.recentActions, icon: 'undo', run: () => navigate(withQuery({ dialog: recentActions })) },
    ...(admin ? [{ id: 'console', text: c.open, icon: 'gauge' as const, run: () => navigate('/admin') }] : []),
    { id: 'out', text: t.signOut, icon: 'signout', run: leave },
  ];
  return (
    <>
      <MenuButton label={t.account(who)} entries={entries}
        above={<div className="who"><span className="tiny muted">{t.signedInAs}</span><BidiName className="strong">{who}</BidiName><span className="small soft cut">{me.email}</span></div>}
        button={<AriaButton className="me" aria-label={t.account(who)}><Avatar name={who} id={me.id} size="l" /></AriaButton>} />
      {asking && <Confirm title={login.outBusyTitle} text={login.outBusy(queue.left)} safe={login.stayIn} action={login.outAnyway}
        onClose={() => setAsking(false)} onConfirm={() => { setAsking(false); void signOut(); }} />}
    </>
  );
}

// The line that tells of a lost connection.
function Strip() {
  const t = useTexts('common');
  const f = useFormat();
  const lost = useLost();
  const was = useRef(false);
  useEffect(() => {
    if (lost) say(t.offlineSince(f.time(lost)));
    else if (was.current) say(t.backOnline);
    was.current = lost !== null;
  }, [lost, t, f]);
  if (!lost) return null;
  return <div className="strip off"><Icon name="off" /><span className="grow">{t.offlineSince(f.time(lost))}</span><LinkButton onPress={() => void checkConnection()}>{t.tryNow}</LinkButton></div>;
}

