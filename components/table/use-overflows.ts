'use client';

import { type RefObject, useEffect, useState } from 'react';

/** Whether a box's content is wider than the box, now and after every resize. */
export function useOverflows(box: RefObject<HTMLElement | null>): boolean {
  const [isWider, setWider] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const table = element.querySelector('table');
    const observer = new ResizeObserver(() => {
      setWider((table?.scrollWidth ?? 0) > element.clientWidth + 1);
    });
    observer.observe(element);
    if (table) observer.observe(table);
    return () => observer.disconnect();
  }, [box]);
  return isWider;
}
