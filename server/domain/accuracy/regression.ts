/** Sums over `n` labelled answers, of answer − label. */
export type ErrorSums = { n: number; absErrorSum: number; sqErrorSum: number; errorSum: number };

export type RegressionReport = { n: number; mae: number; rmse: number; bias: number };

/** Mean absolute error, root of the mean squared error, and bias (above 0: answers are too high), in the answer's unit. Null of nothing. */
export function regressionReport({ n, absErrorSum, sqErrorSum, errorSum }: ErrorSums): RegressionReport | null {
  if (n === 0) return null;
  return { n, mae: absErrorSum / n, rmse: Math.sqrt(Math.max(0, sqErrorSum) / n), bias: errorSum / n };
}
