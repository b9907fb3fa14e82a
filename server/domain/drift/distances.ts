import { chiSquaredAbove, chiSquaredQuantile } from './chi-squared.ts';

/** Added to every bin before a logarithm is taken, so that an empty one is no infinity (Jeffreys). */
const SMOOTHING = 0.5;

/** A bin that holds fewer than this, and should by the reference, says nothing by itself (Cochran's rule of five). */
const FEW = 5;

/** Population stability index Σ (q − p) · ln(q / p), of counts. */
export function psi(reference: readonly number[], current: readonly number[]): number {
  const [p, q] = [smoothShares(reference), smoothShares(current)];
  return sumOf(p, (share, bin) => ((q[bin] ?? 0) - share) * Math.log((q[bin] ?? 0) / share));
}

/**
 * What the PSI of two samples of one distribution stays below with probability 1 − α: it is (1/n + 1/m) · χ² with B − 1 degrees of freedom.
 * The fixed 0.1 is crossed by 41 % of samples of 100, and never by samples of 5,000.
 */
export function psiThreshold(n: number, m: number, bins: number, alpha: number): number {
  return (1 / n + 1 / m) * chiSquaredQuantile(alpha, Math.max(1, bins - 1));
}

/** Jensen–Shannon divergence in bits: 0 of equal distributions, 1 of those that share nothing. */
export function jsDivergence(reference: readonly number[], current: readonly number[]): number {
  const [p, q] = [sharesOf(reference), sharesOf(current)];
  const part = (share: number, middle: number) => (share > 0 ? (share * Math.log2(share / middle)) / 2 : 0);
  const sum = sumOf(p, (share, bin) => {
    const other = q[bin] ?? 0;
    const middle = (share + other) / 2;
    return part(share, middle) + part(other, middle);
  });
  return Math.min(1, Math.max(0, sum));
}

/** Jensen–Shannon distance √JSD, base 2: 0 to 1. */
export function jsDistance(reference: readonly number[], current: readonly number[]): number {
  return Math.sqrt(jsDivergence(reference, current));
}

/**
 * The distance that is left when what chance alone gives samples of this size is taken away: E[JSD] = (B − 1) · (1/n + 1/m) / (8 ln 2)
 * of two samples of one distribution.
 */
export function jsEffect(reference: readonly number[], current: readonly number[]): number {
  const [m, n] = [totalOf(reference), totalOf(current)];
  if (m === 0 || n === 0) return 0;
  const bins = reference.filter((count, bin) => count + (current[bin] ?? 0) > 0).length;
  const byChance = (Math.max(0, bins - 1) * (1 / n + 1 / m)) / (8 * Math.LN2);
  return Math.sqrt(Math.max(0, jsDivergence(reference, current) - byChance));
}

/** Largest difference of a bin's share. */
export function lInfinity(reference: readonly number[], current: readonly number[]): number {
  const [p, q] = [sharesOf(reference), sharesOf(current)];
  return p.reduce((most, share, bin) => Math.max(most, Math.abs((q[bin] ?? 0) - share)), 0);
}

/** Pearson's test that two samples come from one distribution; the reference is a sample too, however large. */
export function chiSquaredTest(
  reference: readonly number[],
  current: readonly number[],
): { statistic: number; df: number; p: number } {
  const [m, n] = [totalOf(reference), totalOf(current)];
  if (m === 0 || n === 0) return { statistic: 0, df: 0, p: 1 };
  const [a, b] = [Math.sqrt(m / n), Math.sqrt(n / m)];
  let bins = 0;
  const statistic = sumOf(reference, (count, bin) => {
    const observed = current[bin] ?? 0;
    if (count + observed === 0) return 0;
    bins += 1;
    return (a * observed - b * count) ** 2 / (count + observed);
  });
  const df = Math.max(0, bins - 1);
  return { statistic, df, p: df === 0 ? 1 : chiSquaredAbove(statistic, df) };
}

/** Joins bins that are nearly empty in the current sample, and should be, with their smaller neighbour: χ² and PSI need some in each. */
export function joinSparse(
  reference: readonly number[],
  current: readonly number[],
): { reference: number[]; current: number[] } {
  const scale = totalOf(current) / Math.max(1, totalOf(reference));
  const joined = reference.map((count, bin) => ({ count, observed: current[bin] ?? 0 }));
  const isSparse = ({ count, observed }: { count: number; observed: number }) => observed < FEW && count * scale < FEW;
  for (let at = joined.findIndex(isSparse); at >= 0 && joined.length > 2; at = joined.findIndex(isSparse)) {
    const [left, right] = [joined[at - 1], joined[at + 1]];
    const into = !right || (left && left.observed + left.count < right.observed + right.count) ? left : right;
    const [gone] = joined.splice(at, 1);
    if (!into || !gone) break;
    into.count += gone.count;
    into.observed += gone.observed;
  }
  return { reference: joined.map(({ count }) => count), current: joined.map(({ observed }) => observed) };
}

export function totalOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

export function sharesOf(counts: readonly number[]): number[] {
  const total = totalOf(counts);
  return counts.map((count) => (total === 0 ? 0 : count / total));
}

function smoothShares(counts: readonly number[]): number[] {
  return sharesOf(counts.map((count) => count + SMOOTHING));
}

function sumOf(values: readonly number[], term: (value: number, at: number) => number): number {
  return values.reduce((sum, value, at) => sum + term(value, at), 0);
}
