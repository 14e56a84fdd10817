// What a person sets for themselves: appearance, devices, tokens.
import { Segments, Tabs } from '../../components/parts';
import { Select, Switch } from '../../components/field';
import { useTexts } from '../../i18n';
import { languages } from '../../i18n/languages';
import { useQueryValue } from '../../state/router';
import { type Settings, setSettings, useSettings } from '../../state/settings';
import { Page } from '../shell/page';
import { Devices } from './devices';
import { Tokens } from './tokens';
import './settings.css';

export default function SettingsView() {
  const t = useTexts('edge');
  const [tab, setTab] = useQueryValue('tab');
  return (
    <Page title={t.settings}>
      <div className="scroll settings">
        <Tabs label={t.settings} value={tab} onChange={setTab} tabs={[
          { id: 'look', text: t.tabs.look, content: () => <Look /> },
          { id: 'devices', text: t.tabs.devices, content: () => <Devices /> },
          { id: 'tokens', text: t.tabs.tokens, content: () => <Tokens /> },
        ]} />
      </div>
    </Page>
  );
}

function Look() {
  const t = useTexts('edge');
  const common = useTexts('common');
  const s = useSettings();
  return (
    <div className="stack">
      <Select label={common.theme} value={s.theme} onChange={(id) => setSettings({ theme: id as Settings['theme'] })} options={Object.entries(common.themes).map(([id, text]) => ({ id, text }))} />
      <div className="field"><span className="label">{common.density}</span>
        <Segments label={common.density} value={s.density} onChange={(id) => setSettings({ density: id as Settings['density'] })} options={Object.entries(common.densities).map(([id, text]) => ({ id, text }))} /></div>
      <Select label={common.language} value={s.language || 'browser'} onChange={(id) => setSettings({ language: id === 'browser' ? '' : id })}
        options={[{ id: 'browser', text: common.languageOfBrowser }, ...Object.entries(languages).map(([id, text]) => ({ id, text }))]} />
      <Switch label={t.singleKeys} help={t.singleKeysHelp} checked={s.singleKeys} onChange={(singleKeys) => setSettings({ singleKeys })} />
    </div>
  );
}
