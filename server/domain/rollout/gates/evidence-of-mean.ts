import { studentShareBelow } from './special.ts';

/** What is known of a mean over devices. */
export type MeanSummary = {
  mean: number;
  /** Variance of one device's value. */
  variance: number;
  /** Devices that the mean is worth; in a comparison of two groups 1 / (1/n + 1/m). */
  count: number;
  /** Degrees of freedom of `variance`. */
  df: number;
};

/**
 * Variance, in units of `variance`, of the effects that the mixture looks for: two standard deviations of a device are what matters.
 * Between 1 and 16 the choice moves the evidence by less than a factor of four.
 */
const EFFECT_VARIANCE = 4;

/**
 * Evidence that the mean is above `limit`, against "it is the limit": an e-value, expected to be at most 1 when the mean is the limit
 * or less, so that it reaches k in at most one of k cases.
 *
 * A normal mixture over the mean in units of the standard deviation, with the right Haar prior on that, kept to the side above the
 * limit: the mixture of Johari et al. 2017 as a t-test, exact for any number of devices when differences are normal (Rouder et al.
 * 2009; Pérez-Ortiz et al., "E-statistics, group invariance and anytime-valid testing", 2024). For many degrees of freedom it
 * is the normal mixture.
 */
export function evidenceAbove({ mean, variance, count, df }: MeanSummary, limit: number): number {
  if (count <= 0 || df <= 0 || !(variance > 0)) return 1;
  const difference = mean - limit;
  const spread = 1 + count * EFFECT_VARIANCE;
  const t2 = (difference * difference * count) / variance;
  const logFactor = -0.5 * Math.log(spread) + 0.5 * (df + 1) * (Math.log1p(t2 / df) - Math.log1p(t2 / (df * spread)));
  const centre = (difference * (spread - 1)) / spread;
  const width = Math.sqrt(
    (((df * variance + (count * difference * difference) / spread) / (df + 1)) * EFFECT_VARIANCE) / spread,
  );
  return 2 * Math.exp(logFactor) * studentShareBelow(centre / width, df + 1);
}

/** How far from the mean a limit must be for `evidenceAbove` to reach `needed`; infinite when no mean could, with so few devices. */
export function marginOf({ variance, count, df }: Omit<MeanSummary, 'mean'>, needed: number): number {
  if (count <= 0 || df <= 0) return Number.POSITIVE_INFINITY;
  const spread = 1 + count * EFFECT_VARIANCE;
  const growth = ((needed / 2) * Math.sqrt(spread)) ** (2 / (df + 1));
  if (growth <= 1) return 0;
  if (growth >= spread) return Number.POSITIVE_INFINITY;
  return Math.sqrt(((variance / count) * df * (growth - 1)) / (1 - growth / spread));
}
