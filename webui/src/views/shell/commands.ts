/** Reports whether keys are Ctrl or ⌘ and a letter, where that is no business of a field or a dialog. */
export function isCommand(e: KeyboardEvent, letter: string): boolean {
  return (e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === letter
    && !document.querySelector('.scrim') && !(e.target as Element).closest?.('input:not(.check), textarea, select, [contenteditable]');
}
