// Dragging files and folders inside of the page. Folder rows, the way above the
// list, the sidebar and the open sheet are targets; one opens when the drag rests on
// it. Inside of a share it moves, Ctrl or Alt copies; to another share it asks.
// It stands in the frame, since the listing changes while something is dragged.
import { type DragEvent as ReactDragEvent, useEffect, useState } from 'react';
import type { Item } from '../../api/types_gen';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { useTexts } from '../../i18n';
import { holdLive } from '../../state/hold';
import { match, navigate } from '../../state/router';
import { useShares } from '../../state/shares';
import { dropPlace } from './drop';
import { type Destination, usePlacing } from './placing';

const opensAfter = 700; // milliseconds
const mark = 'application/x-scaidrive-items';

interface Drag { items: readonly Item[]; release: () => void }
let drag: Drag | null = null;

/** Begins to drag items from an element. */
export function startDrag(e: ReactDragEvent, items: readonly Item[], count: string): void {
  if (!items.length) return;
  e.dataTransfer.setData(mark, '1');
  e.dataTransfer.effectAllowed = 'copyMove';
  const badge = document.createElement('div');
  badge.className = 'dragcount';
  badge.textContent = count;
  document.body.append(badge);
  e.dataTransfer.setDragImage(badge, -12, -12);
  setTimeout(() => badge.remove());
  drag?.release();
  drag = { items, release: holdLive() };
}

function end(): void {
  drag?.release();
  drag = null;
}

interface Target extends Destination { el: HTMLElement }

function targetAt(el: Element | null, nameOf: (share: string) => string | undefined): Target | null {
  const row = el?.closest<HTMLElement>('[data-drop]');
  if (row) {
    const [share = '', folder = ''] = (row.dataset['drop'] ?? '').split('/');
    return { el: row, share, folder, name: row.querySelector('.name')?.textContent ?? '' };
  }
  const a = el?.closest<HTMLAnchorElement>('.crumbs a[href], .side a[href]');
  if (a) {
    const way = match('/files/:share', a.pathname) ?? match('/files/:share/:folder', a.pathname);
    const share = way?.['share'] ?? '';
    return way ? { el: a, share, folder: way['folder'] ?? null, name: (way['folder'] ? a.textContent : nameOf(share)) ?? '' } : null;
  }
  const sheet = el?.closest<HTMLElement>('.main');
  const open = dropPlace();
  return sheet && open ? { el: sheet, ...open } : null;
}

export function DragLayer() {
  const t = useTexts('work');
  const common = useTexts('common');
  const place = usePlacing();
  const shares = useShares().data;
  const [asking, setAsking] = useState<{ items: readonly Item[]; to: Destination } | null>(null);
  useEffect(() => {
    let lit: HTMLElement | null = null;
    let opening: ReturnType<typeof setTimeout> | undefined;
    const light = (el: HTMLElement | null) => {
      if (el === lit) return;
      clearTimeout(opening);
      lit?.classList.remove('target');
      lit = el;
      lit?.classList.add('target');
    };
    const find = (e: DragEvent) => {
      const to = targetAt(e.target as Element | null, (id) => shares?.find((s) => s.id === id)?.name);
      // What is dragged can't go into itself, and is in its own folder already unless it is copied.
      return to && drag && !drag.items.some((i) => i.id === to.folder) ? to : null;
    };
    const effect = (e: DragEvent, to: Destination) => {
      const copy = e.ctrlKey || e.altKey;
      const here = drag?.items.every((i) => i.share_id === to.share && (i.parent_id ?? null) === to.folder);
      return copy ? 'copy' : here ? 'none' : 'move';
    };
    const over = (e: DragEvent) => {
      if (!drag || !e.dataTransfer?.types.includes(mark)) return;
      e.preventDefault();
      const to = find(e);
      const what = to ? effect(e, to) : 'none';
      e.dataTransfer.dropEffect = what;
      const el = to && what !== 'none' ? to.el : null;
      if (el !== lit) {
        light(el);
        if (to && el && !el.classList.contains('main')) opening = setTimeout(() => navigate(`/files/${to.share}${to.folder ? `/${to.folder}` : ''}`), opensAfter);
      }
    };
    const drop = (e: DragEvent) => {
      if (!drag || !e.dataTransfer?.types.includes(mark)) return;
      e.preventDefault();
      const to = find(e);
      const { items } = drag;
      light(null);
      end();
      const what = to && (e.ctrlKey || e.altKey ? 'copy' : 'move');
      if (!to || !what) return;
      if (what === 'move' && items[0]?.share_id !== to.share) setAsking({ items, to });
      else void place(what, items, to);
    };
    const stop = () => { light(null); end(); };
    const all = [['dragover', over], ['drop', drop], ['dragend', stop]] as const;
    for (const [name, l] of all) window.addEventListener(name, l);
    return () => { clearTimeout(opening); for (const [name, l] of all) window.removeEventListener(name, l); };
  }, [place, shares]);
  if (!asking) return null;
  const go = (how: 'move' | 'copy') => {
    setAsking(null);
    void place(how, asking.items, asking.to);
  };
  return (
    <Dialog title={t.toOtherShare(asking.to.name)} onClose={() => setAsking(null)} footer={(
      <>
        <span className="push" />
        <Button kind="quiet" onPress={() => setAsking(null)}>{common.cancel}</Button>
        <Button onPress={() => go('copy')}>{t.copyThere}</Button>
        <Button kind="primary" onPress={() => go('move')}>{t.moveThere}</Button>
      </>
    )}>
      <div className="body"><p>{t.toOtherShareText}</p></div>
    </Dialog>
  );
}
