import { useEffect, useRef } from 'react';

/** For a row of links that scrolls sideways on a phone: where one is, its link is seen. Changes when `path` does. */
export function useCurrentInView<Row extends HTMLElement>(path: string) {
  const row = useRef<Row>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path marks another link.
  useEffect(() => {
    const link = row.current?.querySelector<HTMLElement>('[aria-current]');
    if (!row.current || !link) return;
    const [outer, inner] = [row.current.getBoundingClientRect(), link.getBoundingClientRect()];
    row.current.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
  }, [path]);
  return row;
}
