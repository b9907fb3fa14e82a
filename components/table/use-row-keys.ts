'use client';

import { type RefObject, useEffect, useEffectEvent, useState } from 'react';

type RowKeysOptions = {
  container: RefObject<HTMLElement | null>;
  count: number;
  onOpen: ((index: number) => void) | undefined;
  onToggle: ((index: number) => void) | undefined;
};

/** Whether a key belongs to something a person is using: a field, a menu, a dialog, or a control with its own Enter. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return true;
  const target = event.target as HTMLElement | null;
  if (
    target?.closest(
      'input:not([type=checkbox]), textarea, select, [contenteditable], [role=dialog], [role=menu], [role=listbox]',
    )
  )
    return true;
  return event.key === 'Enter' && target?.closest('a, button') !== null;
}

/** `j` and `k` walk the rows, `x` selects, Enter opens. Gives the row that has the mark, or -1. */
export function useRowKeys({ container, count, onOpen, onToggle }: RowKeysOptions): number {
  const [active, setActive] = useState(-1);
  const index = Math.min(active, count - 1);

  function move(to: number) {
    const next = Math.max(0, Math.min(count - 1, to));
    setActive(next);
    const row = container.current?.querySelector<HTMLElement>(`[data-row="${next}"]`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  }

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (isTaken(event) || count === 0) return;
    if (event.key === 'j') move(index + 1);
    else if (event.key === 'k') move(index - 1);
    else if (event.key === 'x' && index >= 0) onToggle?.(index);
    else if (event.key === 'Enter' && index >= 0 && container.current?.contains(document.activeElement))
      onOpen?.(index);
    else return;
    event.preventDefault();
  });

  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);

  return index;
}
