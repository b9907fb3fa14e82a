'use client';

import { parseAsInteger, useQueryState } from 'nuqs';
import type { Wave } from './words.ts';

/** The wave whose gates are shown: the one in the address, else the one that is on, else the last that was judged. */
export function useShownWave(waves: readonly Wave[]): { wave: Wave | undefined; show: (position: number) => void } {
  const [asked, setAsked] = useQueryState('wave', parseAsInteger.withOptions({ history: 'replace' }));
  const current =
    waves.find(({ state }) => state === 'rolling' || state === 'baking' || state === 'failed') ??
    waves.findLast(({ bakingAt }) => bakingAt !== null) ??
    waves[0];
  const wave = waves.find(({ position }) => position + 1 === asked) ?? current;
  return {
    wave,
    show: (position) => void setAsked(position === current?.position ? null : position + 1),
  };
}
