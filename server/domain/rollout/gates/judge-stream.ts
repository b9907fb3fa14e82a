import type { Gate } from './gate.ts';
import { quantileRatio } from './quantile-bands.ts';
import type { GateSamples } from './samples.ts';
import { usualChange } from './usual.ts';
import { ALPHA, type Finding } from './verdict.ts';

const QUANTILES = { latency_p50: 0.5, latency_p95: 0.95, latency_p99: 0.99 } as const;

/** Devices up to which their streams are looked at, one by one. */
export const MAX_STREAMS = 2;

/** What one inference of a stream is worth: neighbours share heat and load, so a fifth, as a block of five windows is worth one. */
const WORTH = 0.2;

/** A device's level moves without a new release; so many standard deviations of that are granted beyond the limit. */
const GRANTED = 3;

/**
 * One or two canaries say little about a fleet, but each has a large stream: when the bands around its quantile, now and before, lie
 * further apart than the limit and the usual change of a device allow, this device is slower, proven. The streams share one half of
 * the gate's α, the means keep the other.
 */
export function withBands(gate: Gate, samples: GateSamples, family: number, finding: Finding): Finding {
  const { metric } = gate;
  if (!isLatency(metric) || gate.compare !== 'vs_previous' || gate.op === '>=') return finding;
  const streams = samples.devices.filter(({ before, after }) => before?.latency && after.latency);
  if (streams.length === 0 || streams.length > MAX_STREAMS) return finding;
  const allowed = gate.limit * Math.exp(GRANTED * Math.sqrt(usualChange(metric, samples).variance));
  const alpha = ALPHA / family / 2 / streams.length;
  const isProven = streams.some(({ before, after }) => {
    if (!before?.latency || !after.latency) return false;
    return quantileRatio(after.latency, before.latency, QUANTILES[metric], alpha, WORTH).low > allowed;
  });
  const needed = finding.needed * 2;
  return { ...finding, needed, against: isProven ? Math.max(needed, finding.against) : finding.against };
}

function isLatency(metric: Gate['metric']): metric is keyof typeof QUANTILES {
  return metric in QUANTILES;
}
