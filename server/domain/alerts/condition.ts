import * as z from 'zod';
import type { KnownFacts } from '../device/facts.ts';
import { parseSelector } from '../device/selector.ts';
import { isAppError } from '../errors.ts';
import { metrics } from '../telemetry/metrics.ts';

/** Shares of what a board has, from a device's newest window; the other metrics come from rollups. */
export const boardMetrics = ['memory_used_share', 'disk_free_share'] as const;
export type BoardMetric = (typeof boardMetrics)[number];

/** The fact of a device that a share is of. */
export const wholeOf = { memory_used_share: 'memoryBytes', disk_free_share: 'diskBytes' } as const satisfies Record<
  BoardMetric,
  keyof KnownFacts
>;

export const alertMetrics = [...metrics, ...boardMetrics] as const;
export type AlertMetric = (typeof alertMetrics)[number];

export function isBoardMetric(metric: AlertMetric): metric is BoardMetric {
  return boardMetrics.some((each) => each === metric);
}

/** What a rollout may do that a rule looks for. */
export const rolloutEvents = ['paused', 'waiting-approval', 'rolled-back', 'aborted'] as const;
export type RolloutEvent = (typeof rolloutEvents)[number];

const DAY_S = 86_400;

/** Windows that a metric may be looked at over, in seconds: whole minutes, as rollups have them. */
export const windowsS = [60, 300, 900, 3600, 21_600, DAY_S] as const;

/** A label selector as people write it; empty for every device. */
export const SelectorText = z
  .string()
  .trim()
  .max(1_000)
  .default('')
  .superRefine((text, context) => {
    try {
      parseSelector(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: isAppError(error) ? error.userMessage : 'This is not a selector.' });
    }
  });

const Limit = z.number().min(-1e12).max(1e12);

/**
 * A metric beyond a limit, over a window that ends now: of all devices of the selector together, of each version on them, or of each
 * device. `day-before` compares with the same device, version or fleet over the whole day (UTC) before: the limit is then a factor.
 */
const MetricCondition = z.object({
  kind: z.literal('metric'),
  metric: z.enum(alertMetrics),
  per: z.enum(['together', 'version', 'device']).default('device'),
  selector: SelectorText,
  /** Only what this version does; null for all. */
  versionId: z.uuid().nullable().default(null),
  op: z.enum(['above', 'below']),
  compare: z.enum(['value', 'day-before']).default('value'),
  limit: Limit,
  /** Where it counts as good again, on the good side of the limit; null for the limit itself. */
  clearAt: Limit.nullable().default(null),
  windowS: z.literal(windowsS).default(300),
  /** Fewer observations than this are no data. */
  minSamples: z.int().min(0).max(1_000_000).default(0),
});
export type MetricCondition = z.infer<typeof MetricCondition>;

/** A device that has not been heard for longer than this. A device that never came does not count. */
const OfflineCondition = z.object({
  kind: z.literal('offline'),
  selector: SelectorText,
  afterS: z
    .int()
    .min(60)
    .max(30 * DAY_S),
});

/** A device whose newest certificate ends within so many days: it should have renewed it by itself long before. */
const CertificateCondition = z.object({
  kind: z.literal('certificate'),
  selector: SelectorText,
  withinDays: z.number().min(1).max(365),
});

const RolloutCondition = z.object({
  kind: z.literal('rollout'),
  events: z.array(z.enum(rolloutEvents)).min(1).max(rolloutEvents.length),
});

/** Features of a version's inputs or outputs that drift on a device, after the correction for how many are looked at. */
const DriftCondition = z.object({
  kind: z.literal('drift'),
  selector: SelectorText,
  versionId: z.uuid().nullable().default(null),
  /** So many features must drift at once. */
  features: z.int().min(1).max(1_000).default(1),
});
export type DriftCondition = z.infer<typeof DriftCondition>;

/** What a rule looks for. */
export const AlertCondition = z
  .discriminatedUnion('kind', [
    MetricCondition,
    OfflineCondition,
    CertificateCondition,
    RolloutCondition,
    DriftCondition,
  ])
  .superRefine((condition, context) => {
    if (condition.kind !== 'metric') return;
    const { clearAt, limit, op, per, metric, compare } = condition;
    const isOnBadSide = clearAt !== null && (op === 'above' ? clearAt > limit : clearAt < limit);
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (isOnBadSide)
      issue('clearAt', `Good again must lie ${op === 'above' ? 'at or below' : 'at or above'} the limit.`);
    if (isBoardMetric(metric) && per !== 'device') issue('per', 'Memory and disk are looked at on each device.');
    if (isBoardMetric(metric) && compare !== 'value') issue('compare', 'Memory and disk are compared with a limit.');
    if (isBoardMetric(metric) && condition.versionId) issue('versionId', 'Memory and disk belong to a board.');
    if (compare === 'day-before' && limit <= 0) issue('limit', 'A factor is greater than 0.');
  });
export type AlertCondition = z.infer<typeof AlertCondition>;

/** What a reading is held against; the value itself is still good. */
export type Threshold = { op: 'above' | 'below'; limit: number; clearAt: number };

export function thresholdOf(condition: AlertCondition): Threshold {
  switch (condition.kind) {
    case 'metric':
      return { op: condition.op, limit: condition.limit, clearAt: condition.clearAt ?? condition.limit };
    case 'offline':
      return { op: 'above', limit: condition.afterS, clearAt: condition.afterS };
    case 'certificate':
      return { op: 'below', limit: condition.withinDays, clearAt: condition.withinDays };
    case 'rollout':
      return { op: 'above', limit: 0, clearAt: 0 };
    case 'drift':
      return { op: 'above', limit: condition.features - 1, clearAt: condition.features - 1 };
  }
}
