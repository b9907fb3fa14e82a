import * as z from 'zod';
import { countDevices, listDeviceIds } from '../db/device-list.ts';
import { forTenant, type Scope } from '../db/scope.ts';
import { sumTelemetry, type TelemetryBucket, type TelemetryGroup } from '../db/telemetry.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { LabelKey } from '../domain/device/labels.ts';
import { AppError } from '../domain/errors.ts';
import { type Metric, metricOf, metrics, sampleOf } from '../domain/telemetry/metrics.ts';
import { alignDown, MAX_POINTS, stepFor } from '../domain/telemetry/range.ts';
import type { Deps } from '../services/deps.ts';

/** Longest range of one query: a month. */
const MAX_RANGE_MS = 31 * 86_400_000;

export const TelemetrySeriesInput = z.object({
  metrics: z.array(z.enum(metrics)).min(1).max(metrics.length),
  groupBy: z.enum(['none', 'device', 'version', 'label']).default('none'),
  /** The label whose values are the groups, with `groupBy: label`. */
  labelKey: LabelKey.optional(),
  deviceIds: z.array(z.uuid()).max(500).optional(),
  /** Only devices that this label selector holds; together with `deviceIds`, those in both. */
  selector: z.string().max(1000).optional(),
  versionIds: z.array(z.uuid()).max(50).optional(),
  slot: z.string().max(32).optional(),
  from: z.coerce.date(),
  to: z.coerce.date(),
  points: z.number().int().min(10).max(MAX_POINTS).default(240),
});
export type TelemetrySeriesInput = z.infer<typeof TelemetrySeriesInput>;

export type TelemetryPoint = { t: number; value: number | null; n: number };
export type TelemetrySeries = { key: string | null; metric: Metric; points: TelemetryPoint[] };
export type TelemetrySeriesResult = {
  stepMs: number;
  from: number;
  to: number;
  series: TelemetrySeries[];
  powerSources: string[];
};

/** Series of one or more metrics over one grid of buckets. A bucket without data is left out; the chart breaks its line there. */
export async function telemetrySeries(
  deps: Pick<Deps, 'db' | 'telemetryWindowS'>,
  actor: Actor,
  input: TelemetrySeriesInput,
): Promise<TelemetrySeriesResult> {
  requirePermission(actor, 'telemetry:read');
  requireRange(input);
  const group = groupOf(input);
  const scope = forTenant(deps.db, actor.organizationId);
  const { to, versionIds, slot } = input;
  const deviceIds = await devicesOf(scope, input);
  const fleetDevices = deviceIds?.length ?? (await countDevices(scope));
  const stepMs = stepFor({
    from: input.from,
    to,
    points: input.points,
    windowS: deps.telemetryWindowS,
    devices: deviceIds?.length ?? (group === 'none' || group === 'version' ? 1 : fleetDevices),
    fleetDevices,
  });
  const from = alignDown(input.from, stepMs);
  const buckets = await sumTelemetry(scope, { from, to, deviceIds, versionIds, slot }, group, stepMs);
  const byKey = Map.groupBy(buckets, ({ key }) => key);
  const series = [...byKey].flatMap(([key, rows]) =>
    input.metrics.map((metric) => ({ key, metric, points: rows.map((row) => pointOf(metric, row)) })),
  );
  const powerSources = [...new Set(buckets.flatMap((bucket) => bucket.powerSources))];
  return { stepMs, from: from.getTime(), to: to.getTime(), series, powerSources };
}

/** @throws AppError `invalid` for a range that is empty, turned around or too long. */
export function requireRange(input: { from: Date; to: Date }): void {
  const spanMs = input.to.getTime() - input.from.getTime();
  if (spanMs <= 0 || spanMs > MAX_RANGE_MS) {
    throw new AppError({
      code: 'invalid',
      reason: 'range',
      userMessage: 'The range must end after it starts, and be at most 31 days long.',
      fields: [{ pointer: '/to', message: 'out of range' }],
    });
  }
}

/** @throws AppError `invalid` when the label is not named. */
export function groupOf({ groupBy, labelKey }: Pick<TelemetrySeriesInput, 'groupBy' | 'labelKey'>): TelemetryGroup {
  if (groupBy !== 'label') return groupBy;
  if (labelKey !== undefined) return { label: labelKey };
  throw new AppError({
    code: 'invalid',
    reason: 'label-key',
    userMessage: 'Say which label to group by.',
    fields: [{ pointer: '/labelKey', message: 'missing' }],
  });
}

/** The devices that are asked for; undefined for all. */
export async function devicesOf(
  scope: Scope,
  { deviceIds, selector }: Pick<TelemetrySeriesInput, 'deviceIds' | 'selector'>,
): Promise<string[] | undefined> {
  if (!selector?.trim()) return deviceIds;
  const held = await listDeviceIds(scope, selector);
  return deviceIds ? held.filter((id) => deviceIds.includes(id)) : held;
}

function pointOf(metric: Metric, bucket: TelemetryBucket): TelemetryPoint {
  return { t: bucket.startAt.getTime(), value: metricOf(metric, bucket), n: sampleOf(metric, bucket) };
}
