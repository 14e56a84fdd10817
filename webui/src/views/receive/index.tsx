// What another app shared with this one: shown, and sent where the person says.
import { useEffect, useState } from 'react';
import { Button } from '../../components/button';
import { FileIcon, familyOf } from '../../components/icon';
import { BidiName } from '../../components/name';
import { EmptyState, ErrorState, Skeleton } from '../../components/states';
import { useFormat, useTexts } from '../../i18n';
import { chosenFiles } from '../../state/entries';
import { dropReceived, received } from '../../state/received';
import { at, navigate, useQueryValue } from '../../state/router';
import { queue } from '../../state/transfers';
import { FolderPicker } from '../files/picker';
import { Page } from '../shell/page';
import '../settings/settings.css';

export default function Receive() {
  const t = useTexts('edge');
  const common = useTexts('common');
  const f = useFormat();
  const [failed] = useQueryValue('failed');
  const [files, setFiles] = useState<File[] | null>(null);
  const [asking, setAsking] = useState(true);
  useEffect(() => void received().then(setFiles), []);
  const drop = () => { void dropReceived(); setFiles([]); };
  return (
    <Page title={t.received}>
      {failed ? <ErrorState title={t.receiveFailed} text={t.receiveFailedText} /> : !files ? <Skeleton rows={3} /> : !files.length ? (
        <EmptyState title={t.receivedNothing} text={t.receivedNothingText}><a className="btn" href="/">{common.goHome}</a></EmptyState>
      ) : (
        <div className="scroll"><div className="settings stack">
          <ul className="card" aria-label={t.received}>{files.map((x, i) => <li key={i} className="row"><FileIcon family={familyOf(x.name)} /><span className="cut grow"><BidiName>{x.name}</BidiName></span><span className="muted small num">{f.size(x.size)}</span></li>)}</ul>
          <div className="row wrap"><Button kind="primary" icon="upload" onPress={() => setAsking(true)}>{t.receiveChoose}</Button><Button onPress={drop}>{t.receiveDrop}</Button></div>
        </div></div>
      )}
      {files && files.length > 0 && asking && (
        <FolderPicker how="copy" items={[]} from={null} words={{ title: t.receiveTitle(files.length), here: t.receiveHere, there: t.receiveThere }} onClose={() => setAsking(false)}
          onPick={(to) => {
            void queue.add(chosenFiles(files), to);
            void dropReceived();
            navigate(at.folder(to.share, to.folder ?? undefined), { replace: true });
          }} />
      )}
    </Page>
  );
}
