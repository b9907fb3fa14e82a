'use client';

import { useEffect, useEffectEvent } from 'react';

/** The second key must follow within this time. */
const SEQUENCE_MS = 1000;

/** Whether a person is writing, so that letters are text. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [contenteditable], [role=dialog]') !== null
  );
}

/** Runs an action after `first` and then one of its keys: `g d`. Text fields and open dialogs keep their letters. */
export function useKeySequence(first: string, actions: ReadonlyMap<string, () => void>) {
  const run = useEffectEvent((key: string) => {
    const action = actions.get(key);
    action?.();
    return action !== undefined;
  });

  useEffect(() => {
    let pressedAt = 0;
    function onKey(event: KeyboardEvent) {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      const isSecond = event.timeStamp - pressedAt < SEQUENCE_MS;
      pressedAt = !isSecond && event.key === first ? event.timeStamp : 0;
      if (isSecond && run(event.key)) event.preventDefault();
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [first]);
}
