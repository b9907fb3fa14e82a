import type { AccuracyPoint } from '@/server/domain/accuracy/over-time.ts';
import type { Series } from '../charts/types.ts';

/** The lines of which something is known; the measured one has the colour of its version. */
export function accuracySeries(points: readonly AccuracyPoint[], version: string): Series[] {
  const lines = (['measured', 'estimated'] as const).map((label) => ({
    id: label === 'measured' ? version : `${version} ${label}`,
    label,
    points: points.flatMap(({ at, [label]: known }) =>
      known ? [{ t: at.getTime(), value: known.share, min: known.low, max: known.high, n: known.n }] : [],
    ),
  }));
  return lines.filter((line) => line.points.length > 0);
}
