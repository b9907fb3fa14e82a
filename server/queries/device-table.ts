import * as z from 'zod';
import { type DeviceRow, listDeviceRows } from '../db/device-list.ts';
import { forTenant, type Scope } from '../db/scope.ts';
import { sumTelemetry, type TelemetryBucket } from '../db/telemetry.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { connectivities, healths, updates } from '../domain/device/axes.ts';
import type { DeviceStatus } from '../domain/device/status.ts';
import { metricOf } from '../domain/telemetry/metrics.ts';
import { alignDown } from '../domain/telemetry/range.ts';
import type { Deps } from '../services/deps.ts';
import { type AxisCounts, countAxes, fleetStanding, RECENT_MS } from './fleet-standing.ts';

export const DeviceTableInput = z.object({
  q: z.string().max(100).optional(),
  selector: z.string().max(1000).optional(),
  connectivity: z.array(z.enum(connectivities)).optional(),
  health: z.array(z.enum(healths)).optional(),
  update: z.array(z.enum(updates)).optional(),
  /** Name of the last device of the page before. */
  cursor: z.string().max(63).optional(),
  limit: z.number().int().min(1).max(200).default(50),
});
export type DeviceTableInput = z.infer<typeof DeviceTableInput>;

/** `recent` is the last ten minutes; a value that was not measured is null. `p95Ms` of `trend` is the last hour in two-minute steps. */
export type DeviceTableRow = Pick<DeviceRow, 'id' | 'name' | 'labels' | 'serving' | 'deployment' | 'lastHeardAt'> & {
  status: DeviceStatus;
  recent: {
    p95Ms: number | null;
    energyMj: number | null;
    powerW: number | null;
    tempC: number | null;
    accuracy: number | null;
  } | null;
  powerSources: string[];
  trend: { t: number; p95Ms: number | null }[];
};

/** `total` is of all pages. Counts are of all devices that match `q` and `selector`, before the filters by axis. */
export type DeviceTable = {
  rows: DeviceTableRow[];
  nextCursor: string | null;
  total: number;
  counts: AxisCounts;
};

const TREND_MS = 3_600_000;
const TREND_STEP_MS = 120_000;

/** Filters by axis are computed, so a page is cut from all devices that match the rest; this many at most. */
const MAX_SCANNED = 10_000;

export async function deviceTable(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: DeviceTableInput,
): Promise<DeviceTable> {
  requirePermission(actor, 'devices:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const now = deps.now();
  const all = await fleetStanding(scope, now, { q: input.q, selector: input.selector, limit: MAX_SCANNED });
  const matching = all.filter(({ status }) => matches(input, status));
  const left = matching.filter(({ device }) => !input.cursor || device.name > input.cursor);
  const page = left.slice(0, input.limit);
  const ids = page.map(({ device }) => device.id);
  const [rows, recent, trends] = await Promise.all([
    listDeviceRows(scope, { ids, limit: ids.length }),
    recentByDevice(scope, now, ids),
    trendsOf(scope, ids, now),
  ]);
  const statusOf = new Map(page.map(({ device, status }) => [device.id, status]));
  return {
    rows: rows.flatMap((device) => {
      const status = statusOf.get(device.id);
      return status ? [toTableRow(device, status, recent.get(device.id), trends.get(device.id) ?? [])] : [];
    }),
    nextCursor: left.length > page.length ? (page.at(-1)?.device.name ?? null) : null,
    total: matching.length,
    counts: countAxes(all),
  };
}

/** The last ten minutes of these devices, in one query. */
export async function recentByDevice(
  scope: Scope,
  now: Date,
  deviceIds: readonly string[],
): Promise<Map<string, TelemetryBucket>> {
  const from = alignDown(new Date(now.getTime() - RECENT_MS), 60_000);
  const buckets = await sumTelemetry(scope, { from, to: now, deviceIds }, 'device', RECENT_MS * 2);
  return new Map(buckets.flatMap((bucket) => (bucket.key ? [[bucket.key, bucket]] : [])));
}

function matches(input: DeviceTableInput, status: DeviceStatus): boolean {
  return (
    (!input.connectivity || input.connectivity.includes(status.connectivity.value)) &&
    (!input.health || input.health.includes(status.health.value)) &&
    (!input.update || input.update.includes(status.update.value))
  );
}

async function trendsOf(
  scope: Scope,
  deviceIds: readonly string[],
  now: Date,
): Promise<Map<string, TelemetryBucket[]>> {
  const from = alignDown(new Date(now.getTime() - TREND_MS), TREND_STEP_MS);
  const buckets = await sumTelemetry(scope, { from, to: now, deviceIds }, 'device', TREND_STEP_MS);
  return Map.groupBy(buckets, ({ key }) => key ?? '');
}

function toTableRow(
  device: DeviceRow,
  status: DeviceStatus,
  recent: TelemetryBucket | undefined,
  trend: readonly TelemetryBucket[],
): DeviceTableRow {
  const { id, name, labels, serving, deployment, lastHeardAt } = device;
  return {
    id,
    name,
    labels,
    serving,
    deployment,
    lastHeardAt,
    status,
    recent: recent
      ? {
          p95Ms: metricOf('latency_p95_ms', recent),
          energyMj: metricOf('energy_mj', recent),
          powerW: recent.powerW,
          tempC: recent.tempC,
          accuracy: metricOf('accuracy', recent),
        }
      : null,
    powerSources: recent?.powerSources ?? [],
    trend: trend.map((bucket) => ({ t: bucket.startAt.getTime(), p95Ms: metricOf('latency_p95_ms', bucket) })),
  };
}
