import type { Estimated } from '@flotilla/protocol';
import { type ClassScore, scoreOf } from './classification.ts';

/** Standard errors on each side of an estimate. */
const BAND = 3;

export type EstimateReport = {
  n: number;
  accuracy: number;
  low: number;
  high: number;
  perClass: ClassScore[];
};

/**
 * Accuracy without labels, as the calibrated confidence promises it (CBPE, NannyML): it holds while inputs change and their meaning does
 * not. Per class the expected hits, wrong answers and misses. Null of nothing.
 */
export function estimateReport({
  n,
  truePositives,
  falsePositives,
  falseNegatives,
  variance,
}: Estimated): EstimateReport | null {
  if (n === 0) return null;
  const accuracy = truePositives.reduce((sum, part) => sum + part, 0) / n;
  const half = (BAND * Math.sqrt(variance)) / n;
  return {
    n,
    accuracy,
    low: Math.max(0, accuracy - half),
    high: Math.min(1, accuracy + half),
    perClass: truePositives.map((hits, index) =>
      scoreOf(index, hits, hits + (falseNegatives[index] ?? 0), hits + (falsePositives[index] ?? 0)),
    ),
  };
}
