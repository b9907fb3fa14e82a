import * as z from 'zod';

/**
 * What a gate may judge. Latency in ms, energy in mJ for each inference, power in W, memory in MB, temperature in °C, shares 0 to 1.
 * `accuracy` is measured by labels, whenever they come; `estimated_accuracy` is what the calibrated confidence promises. `drift` is the
 * Jensen–Shannon distance, net of chance, of what drifts most of a device's inputs and answers; 0 where nothing does beyond chance.
 */
export const gateMetrics = [
  'latency_p50',
  'latency_p95',
  'latency_p99',
  'error_rate',
  'accuracy',
  'estimated_accuracy',
  'energy_mj',
  'power_w',
  'rss_mb',
  'temperature',
  'drift',
] as const;
export type GateMetric = (typeof gateMetrics)[number];

/** Against a value, against the same devices before they moved, or as those moved beside the devices that have not. */
export const gateComparisons = ['absolute', 'vs_previous', 'vs_control'] as const;
export type GateComparison = (typeof gateComparisons)[number];

/**
 * A question asked of a wave's telemetry while it bakes. What `limit` is:
 * - `absolute`: a value in the metric's unit;
 * - compared, accuracy or estimated accuracy: the change as a share, −0.02 for two points lost;
 * - compared, temperature or drift: the change in °C, or in distance;
 * - compared, all others: a ratio, 1.2 for a fifth more.
 *
 * `op` says where it is good: at most the limit, or at least it; without one, accuracies are at least and the others are at most. With
 * fewer devices or inferences (labelled ones for accuracy, those with a confidence for the estimate) the answer is "not enough evidence", and `onNoData` says what that means
 * at the end of the bake.
 */
export const Gate = z
  .object({
    metric: z.enum(gateMetrics),
    compare: z.enum(gateComparisons).default('absolute'),
    op: z.enum(['<=', '>=']).optional(),
    limit: z.number().min(-1_000_000).max(1_000_000),
    minDevices: z.number().int().min(1).max(1_000_000).default(1),
    minInferences: z.number().int().min(1).max(100_000_000).default(200),
    onBreach: z.enum(['pause', 'roll-back']).default('roll-back'),
    onNoData: z.enum(['wait', 'pause', 'pass']).default('wait'),
  })
  .refine(isLimitInRange, { path: ['limit'], message: 'the limit is outside of what this metric can be' });
export type Gate = z.infer<typeof Gate>;

/** How a gate's limit is to be read, and in which space values are compared: logarithms for ratios, plain differences else. */
export type GateKind = 'share' | 'change of share' | 'ratio' | 'change' | 'value';

type Compared = { metric: GateMetric; compare: GateComparison };

/** See `GateKind`. */
export function kindOf({ metric, compare }: Compared): GateKind {
  const isShare = isAccuracy(metric) || metric === 'error_rate';
  if (compare === 'absolute') return isShare ? 'share' : 'value';
  if (isAccuracy(metric)) return 'change of share';
  return isPlain(metric) ? 'change' : 'ratio';
}

/** Is it a share of right answers, measured or estimated? */
export function isAccuracy(metric: GateMetric): metric is 'accuracy' | 'estimated_accuracy' {
  return metric === 'accuracy' || metric === 'estimated_accuracy';
}

/** Is it compared by its difference, because a ratio of it means nothing? */
export function isPlain(metric: GateMetric): metric is 'temperature' | 'drift' {
  return metric === 'temperature' || metric === 'drift';
}

/** Where the gate is good: at most its limit, or at least it. */
export function opOf({ op, metric }: { op?: '<=' | '>=' | undefined; metric: GateMetric }): '<=' | '>=' {
  return op ?? (isAccuracy(metric) ? '>=' : '<=');
}

function isLimitInRange(gate: Compared & { limit: number }): boolean {
  const { limit, metric } = gate;
  switch (kindOf(gate)) {
    case 'share':
      return limit >= 0 && limit <= 1;
    case 'change of share':
      return limit >= -1 && limit <= 1;
    case 'ratio':
      return limit > 0;
    case 'change':
      return metric !== 'drift' || (limit >= -1 && limit <= 1);
    case 'value':
      return metric === 'temperature' || (limit > 0 && (metric !== 'drift' || limit <= 1));
  }
}
