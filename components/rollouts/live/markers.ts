import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import type { Marker } from '../../charts/types.ts';

/** Two marks closer than this share of the chart would print over each other; the louder or the later stays. */
const MIN_GAP = 0.09;

const LOUDNESS = { quiet: 0, attention: 1, critical: 2 } as const;

const TURNS: Partial<Record<string, Pick<Marker, 'label' | 'tone'>>> = {
  pause: { label: 'paused', tone: 'attention' },
  'roll-back': { label: 'roll back', tone: 'critical' },
  abort: { label: 'aborted', tone: 'attention' },
};

/** Moments worth a line in the charts: each wave's start, pauses and roll backs, thinned so that their words fit. */
export function markersOf(
  waves: RolloutPage['waves'],
  decisions: RolloutPage['decisions'],
  from: number,
  to: number,
): Marker[] {
  const starts = waves.flatMap(({ startedAt, position }): Marker[] =>
    startedAt ? [{ t: startedAt.getTime(), label: `wave ${position + 1}`, tone: 'quiet' }] : [],
  );
  const turns = decisions.flatMap(({ kind, at }): Marker[] => {
    const turn = TURNS[kind];
    return turn ? [{ t: at.getTime(), ...turn }] : [];
  });
  const shown: Marker[] = [];
  const inRange = [...starts, ...turns].filter(({ t }) => t >= from && t <= to).sort((a, b) => a.t - b.t);
  for (const marker of inRange) {
    const last = shown.at(-1);
    const isClose = last !== undefined && marker.t - last.t < (to - from) * MIN_GAP;
    if (isClose && LOUDNESS[last.tone] > LOUDNESS[marker.tone]) continue;
    if (isClose) shown.pop();
    shown.push(marker);
  }
  return shown;
}
