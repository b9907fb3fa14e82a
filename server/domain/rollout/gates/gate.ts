import * as z from 'zod';

/** What a gate may judge. Latency in ms, energy in mJ for each inference, power in W, memory in MB, temperature in °C, shares 0 to 1. */
export const gateMetrics = [
  'latency_p50',
  'latency_p95',
  'latency_p99',
  'error_rate',
  'accuracy',
  'energy_mj',
  'power_w',
  'rss_mb',
  'temperature',
] as const;
export type GateMetric = (typeof gateMetrics)[number];

/** Against a value, against the same devices before they moved, or as those moved beside the devices that have not. */
export const gateComparisons = ['absolute', 'vs_previous', 'vs_control'] as const;
export type GateComparison = (typeof gateComparisons)[number];

/**
 * A question asked of a wave's telemetry while it bakes. What `limit` is:
 * - `absolute`: a value in the metric's unit;
 * - compared, accuracy: the change in accuracy as a share, −0.02 for two points lost;
 * - compared, temperature: the change in °C;
 * - compared, all others: a ratio, 1.2 for a fifth more.
 *
 * `op` says where it is good: at most the limit, or at least it; without one, accuracy is at least and the others are at most. With
 * fewer devices or inferences (labelled ones, for accuracy) the answer is "not enough evidence", and `onNoData` says what that means
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
  const isShare = metric === 'accuracy' || metric === 'error_rate';
  if (compare === 'absolute') return isShare ? 'share' : 'value';
  if (metric === 'accuracy') return 'change of share';
  return metric === 'temperature' ? 'change' : 'ratio';
}

/** Where the gate is good: at most its limit, or at least it. */
export function opOf({ op, metric }: { op?: '<=' | '>=' | undefined; metric: GateMetric }): '<=' | '>=' {
  return op ?? (metric === 'accuracy' ? '>=' : '<=');
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
      return true;
    case 'value':
      return limit > 0 || metric === 'temperature';
  }
}
