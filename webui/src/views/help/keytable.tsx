// The table of keys, in the help and in a dialog that "?" opens anywhere.
import { useEffect, useState } from 'react';
import { Dialog } from '../../components/dialog';
import { useTexts } from '../../i18n';
import { settings } from '../../state/settings';

export function KeyTable() {
  const t = useTexts('edge');
  return <table className="table keytable"><tbody>{t.keys.map(([keys, does]) => <tr key={keys}><th scope="row">{keys}</th><td>{does}</td></tr>)}</tbody></table>;
}

/** Stands once in the frame. */
export function KeyHelp() {
  const t = useTexts('edge');
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (e.key !== '?' || e.ctrlKey || e.metaKey || e.altKey || !settings().singleKeys) return;
      if ((e.target as Element).closest('input:not([type=checkbox]), textarea, select, [role=dialog], [role=alertdialog], [role=menu]')) return;
      e.preventDefault();
      e.stopPropagation();
      setOpen(true);
    };
    window.addEventListener('keydown', key, { capture: true });
    return () => window.removeEventListener('keydown', key, { capture: true });
  }, []);
  return open ? <Dialog title={t.keyboard} onClose={() => setOpen(false)}><div className="body scroll" tabIndex={0} role="region" aria-label={t.keyboard}><KeyTable /></div></Dialog> : null;
}
