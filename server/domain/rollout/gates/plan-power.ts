import { marginOf } from './evidence-of-mean.ts';
import { neededFor } from './verdict.ts';

/** How far devices of a fleet are from being one: of logarithms for ratios. */
export type FleetVariance = {
  /** Of a device's own change between two periods with the same release, and how many devices showed it. */
  betweenVariance: number;
  devices: number;
  /** Of one window around its period's mean, as an independent one: the variance of a block's mean times its windows. */
  withinVariance: number;
};

export type PowerQuestion = {
  /** What must be found, beyond the gate's limit: a logarithm for ratios. */
  effect: number;
  /** The chance of finding it. */
  power: number;
  /** Gates that share the bound on a false breach. */
  gates: number;
  windowS: number;
  maxDevices: number;
  maxWindows: number;
};

/** So many canaries that bake so long find the effect. */
export type PowerPlan = { devices: number; windows: number; bakeSeconds: number };

/** Windows behind "before": as many as the loader of samples takes from the half hour before a device moved. */
const BEFORE_WINDOWS = 60;

/** Bakes that are tried, in windows: each about a half longer than the one before. */
const STEPS = 1.5;

/**
 * How many canaries and how long a bake find an effect: for each length of bake the fewest devices, shortest first, and only those
 * that spare devices. The gate's own arithmetic run forward: the mean over n devices must be further from the limit than the margin
 * that evidence asks for, and by as many of its standard errors as the power asks for. Empty when nothing within the bounds does.
 */
export function planPower(fleet: FleetVariance, question: PowerQuestion): PowerPlan[] {
  const plans: PowerPlan[] = [];
  let fewest = question.maxDevices + 1;
  for (let windows = 2; windows <= question.maxWindows; windows = Math.ceil(windows * STEPS)) {
    const devices = fewestDevices(fleet, question, windows, fewest - 1);
    if (devices === null) continue;
    fewest = devices;
    plans.push({ devices, windows, bakeSeconds: Math.ceil(windows * question.windowS) });
    if (devices === 1) break;
  }
  return plans;
}

/** Power grows with devices, so the fewest are found by halving. */
function fewestDevices(fleet: FleetVariance, question: PowerQuestion, windows: number, most: number): number | null {
  if (most < 1 || powerOf(fleet, question, most, windows) < question.power) return null;
  let [low, high] = [1, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (powerOf(fleet, question, middle, windows) >= question.power) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Degrees of freedom that the gate grants to what it expects beforehand. */
const LEAST_PRIOR_DF = 5;
const MOST_PRIOR_DF = 50;

/** The chance that so many devices show the effect within so many windows. */
export function powerOf(
  { betweenVariance, withinVariance, devices: measured }: FleetVariance,
  { effect, gates }: Pick<PowerQuestion, 'effect' | 'gates'>,
  count: number,
  windows: number,
): number {
  const variance = betweenVariance + withinVariance * (1 / windows + 1 / BEFORE_WINDOWS);
  const df = Math.min(MOST_PRIOR_DF, LEAST_PRIOR_DF + measured) + count - 1;
  const margin = marginOf({ variance, count, df }, neededFor(gates, windows));
  if (!Number.isFinite(margin)) return 0;
  return normalShareBelow((effect - margin) / Math.sqrt(variance / count));
}

/** Share of the standard normal below z (Abramowitz & Stegun 26.2.17, within 1e-7). */
function normalShareBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z > 0 ? 1 - tail : tail;
}
