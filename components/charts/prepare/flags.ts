import type { Marker } from '../types.ts';

/** Where a marker's words stand: `at` is its place in the range from 0 to 1. */
export type Flag = Marker & { at: number; isLeft: boolean };

/** Room that a flag's words take, as a share of a plot of usual width. */
const WORDS = 0.17;

/** Past this place a flag's words stand left of its line, so that they stay on the plot. */
const TURN_AT = 0.6;
/** The last of several late flags stands right of its line up to here, so that two neighbours part. */
const LAST_TURN_AT = 0.88;

const LOUDNESS: Record<Marker['tone'], number> = { critical: 0, attention: 1, quiet: 2 };

/** The flags whose words fit without covering each other: the loud ones first, then the newest. Their lines are all drawn. */
export function placeFlags(markers: readonly Marker[], from: number, to: number): Flag[] {
  const inRange = markers.filter(({ t }) => t >= from && t <= to).sort((a, b) => a.t - b.t);
  const flags = inRange.map((marker, i): Flag => {
    const at = (marker.t - from) / (to - from);
    const isLast = i === inRange.length - 1 && inRange.length > 1;
    return { ...marker, at, isLeft: at > (isLast ? LAST_TURN_AT : TURN_AT) };
  });
  const kept: Flag[] = [];
  for (const flag of flags.toSorted((a, b) => LOUDNESS[a.tone] - LOUDNESS[b.tone] || b.t - a.t)) {
    if (kept.every((other) => Math.abs(startOf(other) - startOf(flag)) >= WORDS)) kept.push(flag);
  }
  return kept.sort((a, b) => a.t - b.t);
}

function startOf({ at, isLeft }: Flag): number {
  return isLeft ? at - WORDS : at;
}
