// F6 goes to the next region of the page, Shift+F6 to the one before; each gives
// the focus to what had it there last. Alt+Shift+1 to 6 go to the places.
import { useEffect } from 'react';
import { navigate } from '../../state/router';

const places = ['/my', '/favourites', '/recent', '/shared', '/conflicts', '/trash'];

export function useRegions(): void {
  useEffect(() => {
    const last = new WeakMap<Element, HTMLElement>();
    const onFocus = (e: FocusEvent) => {
      const el = e.target as HTMLElement;
      const region = el.closest?.('[data-region]');
      if (region) last.set(region, el);
    };
    const onKey = (e: KeyboardEvent) => {
      const place = e.altKey && e.shiftKey && !e.ctrlKey && !e.metaKey ? places[Number(/^Digit([1-6])$/.exec(e.code)?.[1] ?? 0) - 1] : undefined;
      if (place && !document.querySelector('.scrim')) {
        e.preventDefault();
        navigate(place);
        return;
      }
      if (e.key !== 'F6' || e.ctrlKey || e.altKey || e.metaKey) return;
      const all = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter((r) => r.offsetParent !== null || r.getClientRects().length > 0);
      if (!all.length) return;
      e.preventDefault();
      const at = all.findIndex((r) => r.contains(document.activeElement));
      const next = all[(at + (e.shiftKey ? -1 : 1) + all.length) % all.length];
      if (!next) return;
      const kept = last.get(next);
      const to = kept?.isConnected && next.contains(kept) ? kept : next.querySelector<HTMLElement>('a[href], button:not([disabled]), input, [tabindex="0"]') ?? next;
      to.focus();
    };
    document.addEventListener('focusin', onFocus);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('keydown', onKey);
    };
  }, []);
}
