import { type RefObject, useEffect, useRef } from 'react';

const FOCUSABLE = 'button:not(:disabled), a[href]';

/**
 * Keeps the focus among buttons that come and go: where the one that had it is gone, as "Pause" is after it was pressed, the first of those
 * that are there now takes it. Without this a person at the keyboard begins at the top of the page again. Dialogs that belong to a
 * button and stand elsewhere in the document count as it. While one of them is at work nothing moves: what can be done next is not known yet.
 */
export function useKeptFocus(group: RefObject<HTMLElement | null>, isBusy: boolean): void {
  const had = useRef(false);
  useEffect(() => {
    const note = ({ target }: FocusEvent) => {
      if (!(target instanceof Element) || target.closest('[role=dialog]')) return;
      had.current = group.current?.contains(target) ?? false;
    };
    document.addEventListener('focusin', note);
    return () => document.removeEventListener('focusin', note);
  }, [group]);
  useEffect(() => {
    if (isBusy || !had.current || document.activeElement !== document.body) return;
    group.current?.querySelector<HTMLElement>(FOCUSABLE)?.focus();
  });
}
