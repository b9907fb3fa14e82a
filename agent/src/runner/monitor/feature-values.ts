import type { FeatureOf } from '@flotilla/protocol';
import type { TensorData } from '../tensor-data.ts';

/** Of an input: its name, and its shape as the model declares it, −1 for what it leaves open. */
export type InputShape = { name: string; shape: readonly number[] };

type Numbers = ArrayLike<number>;
export type Stats = { mean: number; sd: number; min: number; max: number; rms: number };

/**
 * The samples of one input tensor: the first dimension counts them when the model leaves it open or fixes it to 1, else the whole tensor is
 * one sample.
 */
export function samplesOf(shape: readonly number[] | undefined, { dims, data }: TensorData) {
  const isBatch = dims.length >= 2 && (shape === undefined || shape[0] === -1 || shape[0] === 1);
  const rows = isBatch ? Math.max(0, dims[0] ?? 0) : 1;
  const width = rows === 0 ? 0 : data.length / rows;
  const numbers: Numbers =
    data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data;
  return { rows, width, numbers };
}

/**
 * Over one sample: the sum is shifted by its first element, so that a small spread around a large mean survives; `sd` is of the population.
 * NaN all over when an element is not finite.
 */
export function statsOf(numbers: Numbers, from: number, width: number): Stats {
  const shift = numbers[from] ?? Number.NaN;
  let [sumA, sumB, squaresA, squaresB] = [0, 0, 0, 0];
  let min = shift;
  let max = shift;
  const end = from + width;
  let at = from;
  for (; at + 1 < end; at += 2) {
    const a = numbers[at] as number;
    const b = numbers[at + 1] as number;
    const [shiftedA, shiftedB] = [a - shift, b - shift];
    sumA += shiftedA;
    sumB += shiftedB;
    squaresA += shiftedA * shiftedA;
    squaresB += shiftedB * shiftedB;
    if (a < min) min = a;
    else if (a > max) max = a;
    if (b < min) min = b;
    else if (b > max) max = b;
  }
  if (at < end) {
    const last = numbers[at] as number;
    sumA += last - shift;
    squaresA += (last - shift) * (last - shift);
    if (last < min) min = last;
    if (last > max) max = last;
  }
  const shiftedMean = (sumA + sumB) / width;
  const mean = shift + shiftedMean;
  const variance = Math.max(0, (squaresA + squaresB) / width - shiftedMean * shiftedMean);
  if (!Number.isFinite(mean + variance)) {
    return { mean: Number.NaN, sd: Number.NaN, min: Number.NaN, max: Number.NaN, rms: Number.NaN };
  }
  return { mean, sd: Math.sqrt(variance), min, max, rms: Math.sqrt(variance + mean * mean) };
}

/** One number of one sample; `stats` is asked only when the feature is a statistic. Not finite when there is none. */
export function featureValue(of: FeatureOf, numbers: Numbers, from: number, width: number, stats: () => Stats): number {
  if ('stat' in of) return stats()[of.stat as keyof Stats];
  const element = of.element as number;
  return element < width ? (numbers[from + element] as number) : Number.NaN;
}
