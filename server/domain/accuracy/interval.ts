/** Two-sided 95 %. */
const Z = 1.959963984540054;

/** Labelled answers below which an accuracy is shown as not yet certain. */
export const FEW_LABELS = 200;

/** Wilson's interval of a share at 95 %, of `n` observations; `n` may be an effective number. Null without any. */
export function wilson(share: number, n: number): { low: number; high: number } | null {
  if (!(n > 0)) return null;
  const square = Z * Z;
  const middle = (share + square / (2 * n)) / (1 + square / n);
  const half = (Z * Math.sqrt((share * (1 - share)) / n + square / (4 * n * n))) / (1 + square / n);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** Share of all answers that may be without any label while the others still speak for all. */
const MAX_UNTOLD = 0.05;

/** Labelled answers of one way of choosing them, and the share of all answers that this way stands for. */
export type Stratum = { n: number; correct: number; weight: number };

/**
 * Accuracy over all answers when some kinds were labelled more often than others: each kind's own accuracy, weighted by its share of all
 * answers (post-stratification), and the number of plain labels that would tell as much. Null when a kind that matters has no labels: the
 * others say nothing of it.
 */
export function weightedShare(strata: readonly Stratum[]): { share: number; effectiveN: number } | null {
  const told = strata.filter(({ n, weight }) => n > 0 && weight > 0);
  const weights = told.reduce((sum, { weight }) => sum + weight, 0);
  const all = strata.reduce((sum, { weight }) => sum + weight, 0);
  if (weights === 0 || weights < (1 - MAX_UNTOLD) * all) return null;
  let share = 0;
  let variance = 0;
  for (const { n, correct, weight } of told) {
    const part = weight / weights;
    // One more of each, so that a kind with no errors among few labels is not taken for certain (Agresti and Coull).
    const smooth = (correct + 1) / (n + 2);
    share += (part * correct) / n;
    variance += (part * part * smooth * (1 - smooth)) / n;
  }
  const smooth = Math.min(0.999, Math.max(0.001, share));
  const total = told.reduce((sum, { n }) => sum + n, 0);
  return { share, effectiveN: told.length === 1 ? total : Math.min(total, (smooth * (1 - smooth)) / variance) };
}
