import type { AccuracyPoint } from '@/server/domain/accuracy/over-time.ts';
import type { Series } from '../charts/types.ts';
import { entityColor } from '../ui/entity-color.ts';

/** The lines of which something is known, in the colour of their version: what was measured strong, what is estimated pale beside it. */
export function accuracySeries(points: readonly AccuracyPoint[], version: string): Series[] {
  const lines = (['measured', 'estimated'] as const).map((label) => ({
    id: label,
    label,
    color: entityColor(version),
    isPale: label === 'estimated',
    points: points.flatMap(({ at, [label]: known }) =>
      known ? [{ t: at.getTime(), value: known.share, min: known.low, max: known.high, n: known.n }] : [],
    ),
  }));
  return lines.filter((line) => line.points.length > 0);
}
