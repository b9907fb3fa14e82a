import { logBeta, logBetaShareBelow } from './special.ts';

/**
 * Evidence that the share of hits is above `share`, against "it is that share": `hits` and `misses` are Binomial under it. The mixture
 * is Beta(1, 1) kept to the shares above (Lindon & Malek, "Anytime-valid inference for multinomial count data", 2022), a martingale
 * from the first observation on. Counts may be fractions: those of devices that differ are worth less than they are.
 */
export function evidenceOfMoreHits(hits: number, misses: number, share: number): number {
  if (hits <= 0) return 1 / (misses + 1);
  if (share <= 0) return Number.POSITIVE_INFINITY;
  if (share >= 1) return 0;
  const above = logBetaShareBelow(1 - share, misses + 1, hits + 1);
  return Math.exp(
    logBeta(hits + 1, misses + 1) + above - Math.log1p(-share) - hits * Math.log(share) - misses * Math.log1p(-share),
  );
}

/** Evidence that the share is below `share`. */
export function evidenceOfFewerHits(hits: number, misses: number, share: number): number {
  return evidenceOfMoreHits(misses, hits, 1 - share);
}
