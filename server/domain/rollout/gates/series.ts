/** Windows of a block: neighbours are alike, and the means of so many are nearly independent of each other. */
export const BLOCK_WINDOWS = 5;

/** Sums over the windows of one device, one period and one metric, and over the means of its whole blocks. */
export type Series = {
  windows: number;
  sum: number;
  sumSquares: number;
  blocks: number;
  blockSum: number;
  blockSumSquares: number;
};

export function emptySeries(): Series {
  return { windows: 0, sum: 0, sumSquares: 0, blocks: 0, blockSum: 0, blockSumSquares: 0 };
}

/** The series of these values, in the order of time. */
export function seriesOf(values: readonly number[]): Series {
  const series = emptySeries();
  let block = 0;
  for (const value of values) {
    block = (series.windows % BLOCK_WINDOWS === 0 ? 0 : block) + value;
    addWindow(series, value, block);
  }
  return series;
}

/** Adds one value; `block` is the sum of its block with it. Changes `series`. */
export function addWindow(series: Series, value: number, block: number): void {
  series.windows += 1;
  series.sum += value;
  series.sumSquares += value * value;
  if (series.windows % BLOCK_WINDOWS !== 0) return;
  const mean = block / BLOCK_WINDOWS;
  series.blocks += 1;
  series.blockSum += mean;
  series.blockSumSquares += mean * mean;
}

export function meanOfSeries({ sum, windows }: Series): number {
  return sum / windows;
}

/** How much windows, and means of blocks, spread within periods: pooled sums of squares with their degrees of freedom. */
export type Spread = { windowSquares: number; windowDf: number; blockSquares: number; blockDf: number };

export function emptySpread(): Spread {
  return { windowSquares: 0, windowDf: 0, blockSquares: 0, blockDf: 0 };
}

/** Adds one period to what is known of the spread. Changes `spread`. */
export function addSpread(spread: Spread, series: Series): void {
  if (series.windows > 1) {
    spread.windowSquares += Math.max(0, series.sumSquares - series.sum ** 2 / series.windows);
    spread.windowDf += series.windows - 1;
  }
  if (series.blocks > 1) {
    spread.blockSquares += Math.max(0, series.blockSumSquares - series.blockSum ** 2 / series.blocks);
    spread.blockDf += series.blocks - 1;
  }
}

/**
 * Variance of the mean of so many windows. Windows of one block count as one observation; until there are blocks to tell, a block is
 * taken to be as uncertain as a window.
 */
export function varianceOfMean({ windowSquares, windowDf, blockSquares, blockDf }: Spread, windows: number): number {
  if (windowDf === 0) return 0;
  const window = windowSquares / windowDf;
  const block = blockDf < LEAST_BLOCK_DF ? window : Math.max(blockSquares / blockDf, window / BLOCK_WINDOWS);
  return windows < BLOCK_WINDOWS ? window : (block * BLOCK_WINDOWS) / windows;
}

/** Degrees of freedom below which a variance of block means is a guess. */
const LEAST_BLOCK_DF = 4;
