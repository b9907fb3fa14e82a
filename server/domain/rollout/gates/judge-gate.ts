import type { Gate } from './gate.ts';

/** Counts of one metric over the devices of a wave, since each switched: `n` observations, of which `bad` were wrong or failed. */
export type GateSample = { devices: number; n: number; bad: number };

/** One for each metric: what the devices of a wave did since each switched. */
export type GateSamples = Record<Gate['metric'], GateSample>;

const empty: GateSample = { devices: 0, n: 0, bad: 0 };

/** Of a wave that nothing is known of. */
export const noSamples: GateSamples = { accuracy: empty, error_rate: empty };

export type GateVerdict = {
  metric: Gate['metric'];
  verdict: 'pass' | 'breach' | 'not-enough-evidence';
  /** The share that was seen: accuracy or error rate. Absent without observations. */
  value?: number;
  limit: number;
  devices: number;
  n: number;
  minInferences: number;
  /** Evidence against the limit: breach is proven at 1/α. */
  bayesFactor?: number;
};

/** Bound on a false breach over all looks together. */
const ALPHA = 0.05;

/** Points of the numeric mixture; the integrand is smooth, so more changes nothing that shows. */
const MIXTURE_POINTS = 400;

/**
 * Judges a gate at any moment, as often as one likes: the error bound holds over all looks together.
 * Of `n` observations the bad ones are Binomial(n, p); "p is not above its limit" is tested by a mixture over the shares above the
 * limit (Lindon & Malek, "Anytime-valid inference for multinomial count data", 2022), breach at a Bayes factor of 1/α. It treats
 * observations as independent, which the statistics over devices do not need to.
 */
export function judgeGate(gate: Gate, sample: GateSample): GateVerdict {
  const limitOfBad = gate.metric === 'accuracy' ? 1 - gate.limit : gate.limit;
  const share = sample.n === 0 ? undefined : sample.bad / sample.n;
  const base = {
    metric: gate.metric,
    limit: gate.limit,
    devices: sample.devices,
    n: sample.n,
    minInferences: gate.minInferences,
  };
  if (share === undefined) return { ...base, verdict: 'not-enough-evidence' };
  const bayesFactor = evidenceAbove(limitOfBad, sample.bad, sample.n);
  const value = gate.metric === 'accuracy' ? 1 - share : share;
  if (bayesFactor >= 1 / ALPHA) return { ...base, verdict: 'breach', value, bayesFactor };
  const isEnough = sample.n >= gate.minInferences;
  return { ...base, verdict: isEnough ? 'pass' : 'not-enough-evidence', value, bayesFactor };
}

/** Bayes factor of "the share is above `limit`" (uniform mixture over (limit, 1)) against "the share is `limit`". */
function evidenceAbove(limit: number, bad: number, n: number): number {
  if (bad === 0) return 0;
  if (limit <= 0) return Number.POSITIVE_INFINITY;
  if (limit >= 1) return 0;
  const atLimit = logLikelihood(limit, bad, n);
  let sum = 0;
  for (let point = 0; point < MIXTURE_POINTS; point += 1) {
    const share = limit + ((1 - limit) * (point + 0.5)) / MIXTURE_POINTS;
    sum += Math.exp(logLikelihood(share, bad, n) - atLimit);
  }
  return sum / MIXTURE_POINTS;
}

function logLikelihood(share: number, bad: number, n: number): number {
  return bad * Math.log(share) + (n - bad) * Math.log1p(-share);
}
