import { type HourSums, sumHours } from '../drift/hour-sums.ts';
import { HOUR_MS } from '../drift/watch.ts';
import { type EstimateReport, estimateReport } from './estimate.ts';
import { type LabelCell, labelledAccuracy } from './measured.ts';

/** A share of right answers with its band, and of how many it was made. */
export type AccuracyShare = Pick<EstimateReport, 'n' | 'low' | 'high'> & { share: number };

/** Of the answers from `at` on; null where nothing tells. */
export type AccuracyPoint = { at: Date; measured: AccuracyShare | null; estimated: AccuracyShare | null };

/** Answers are counted by the hour; longer steps divide a day. */
const STEPS_MS = [1, 3, 6, 12, 24].map((hours) => hours * HOUR_MS);
const MOST_STEPS = 96;

/** Milliseconds of a step over a range so long: as few of them as an eye can tell apart. */
export function accuracyStepMs(spanMs: number): number {
  return STEPS_MS.find((stepMs) => spanMs <= MOST_STEPS * stepMs) ?? 24 * HOUR_MS;
}

/** How right answers were, step by step: measured from labels, and estimated beside it. `cells` are of steps already. */
export function accuracyOverTime(
  hours: readonly { hourAt: Date; sums: HourSums }[],
  cells: readonly (LabelCell & { at: Date })[],
  unsureBelow: number | null,
  stepMs: number,
): AccuracyPoint[] {
  const byStep = Map.groupBy(hours, ({ hourAt }) => Math.floor(hourAt.getTime() / stepMs) * stepMs);
  const cellsOf = Map.groupBy(cells, ({ at }) => at.getTime());
  const steps = [...new Set([...byStep.keys(), ...cellsOf.keys()])].sort((a, b) => a - b);
  return steps.map((step) => {
    const sums = sumHours((byStep.get(step) ?? []).map((hour) => hour.sums));
    const measured = labelledAccuracy(sums, cellsOf.get(step) ?? [], unsureBelow);
    const estimate = sums.estimated ? estimateReport(sums.estimated) : null;
    return {
      at: new Date(step),
      measured: measured && shareOf(measured.share, measured),
      estimated: estimate && shareOf(estimate.accuracy, estimate),
    };
  });
}

function shareOf(share: number, { n, low, high }: Omit<AccuracyShare, 'share'>): AccuracyShare {
  return { share, n, low, high };
}
