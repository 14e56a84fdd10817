// Files dropped anywhere on the page go to the open folder; nothing else may be
// dropped, so that the browser never opens a file in place of the page.
import { useEffect, useState } from 'react';
import { Icon } from '../../components/icon';
import { useTexts } from '../../i18n';
import { toast } from '../../state/announce';
import { dropped } from '../../state/entries';
import type { Target } from '../../state/uploaditem';
import { queue } from '../../state/transfers';

const hasFiles = (e: DragEvent) => Boolean(e.dataTransfer?.types.includes('Files'));
let current: Target | null = null;

/** Says where dropped files go while the view is shown. */
export function useDropTarget(target: Target | null): void {
  useEffect(() => {
    current = target;
    return () => { if (current === target) current = null; };
  }, [target]);
}

/** Where dropped things go now; null: nowhere. */
export const dropPlace = (): Target | null => current;

/** Stands once in the frame. */
export function DropVeil() {
  const t = useTexts('files');
  const [over, setOver] = useState<{ to: Target | null } | null>(null);
  useEffect(() => {
    let depth = 0;
    const end = () => { depth = 0; setOver(null); };
    const place = () => (document.querySelector('.scrim') ? null : current);
    const enter = (e: DragEvent) => {
      if (!hasFiles(e)) return;
      e.preventDefault();
      if (depth++ === 0) setOver({ to: place() });
    };
    const leave = (e: DragEvent) => { if (hasFiles(e) && --depth <= 0) end(); };
    const move = (e: DragEvent) => {
      if (!hasFiles(e)) return;
      e.preventDefault();
      if (e.dataTransfer) e.dataTransfer.dropEffect = place() ? 'copy' : 'none';
    };
    const drop = (e: DragEvent) => {
      if (!hasFiles(e) || !e.dataTransfer) return;
      e.preventDefault();
      end();
      const to = place();
      if (to) void queue.add(dropped(e.dataTransfer), to);
      else toast(t.dropNowhere);
    };
    const all = [['dragenter', enter], ['dragleave', leave], ['dragover', move], ['drop', drop]] as const;
    for (const [name, l] of all) window.addEventListener(name, l);
    return () => { for (const [name, l] of all) window.removeEventListener(name, l); };
  }, [t]);
  if (!over) return null;
  return (
    <div className="veil" aria-hidden="true">
      <div className={`drop${over.to ? '' : ' no'}`}><Icon name={over.to ? 'upload' : 'info'} size="l" /><p>{over.to ? t.dropHere(over.to.name) : t.dropNowhere}</p></div>
    </div>
  );
}
