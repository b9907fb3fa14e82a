import { formatQuantity, type Unit } from '../ui/format.ts';
import type { Series } from './types.ts';

/** The last value of each line in one sentence, for people who do not see the chart. */
export function latestSummary(what: string, lines: readonly Series[], unit: Unit): string {
  const latest = lines.flatMap(({ label, points }) => {
    const last = points.findLast(({ value }) => value !== null)?.value;
    return last === null || last === undefined ? [] : [`${label} ${formatQuantity(last, unit)}`];
  });
  return latest.length === 0 ? `${what}: nothing was measured.` : `${what}, latest: ${latest.join(', ')}.`;
}
