import { listDeviceIds, listDeviceNames } from '../db/device-list.ts';
import { listVersionNames } from '../db/models.ts';
import { forTenant, type Scope } from '../db/scope.ts';
import { listWindows, type StoredWindow } from '../db/telemetry-windows.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import type { Cell, ColumnType, Table } from '../domain/telemetry/table.ts';
import type { Deps } from '../services/deps.ts';
import {
  devicesOf,
  requireRange,
  type TelemetrySeriesInput,
  type TelemetrySeriesResult,
  telemetrySeries,
} from './telemetry-series.ts';

/** Windows that are read at a time; all that an export of any length holds in memory. */
const PAGE = 5_000;

type ExportDeps = Pick<Deps, 'db' | 'telemetryWindowS'>;

/** A query's answer as a table: a row for each bucket of each group, with a column for each metric and one for the observations behind it. */
export async function exportSeries(deps: ExportDeps, actor: Actor, input: TelemetrySeriesInput): Promise<Table> {
  const result = await telemetrySeries(deps, actor, input);
  const nameOf = await namesOf(forTenant(deps.db, actor.organizationId), input, result);
  const group = input.groupBy === 'none' ? [] : groupColumns(input.groupBy);
  return {
    columns: [
      { name: 'at', type: 'time' },
      { name: 'step_s', type: 'number' },
      ...group.map((name) => ({ name, type: 'text' as const })),
      ...input.metrics.flatMap((metric) => [
        { name: metric, type: 'number' as const },
        { name: `${metric}_n`, type: 'number' as const },
      ]),
    ],
    rows: seriesRows(result, (key) => (group.length === 0 ? [] : group.length === 1 ? [key] : [key, nameOf(key)])),
  };
}

function groupColumns(groupBy: 'device' | 'version' | 'label'): string[] {
  return groupBy === 'label' ? ['label'] : [`${groupBy}_id`, groupBy];
}

async function* seriesRows(
  { series, stepMs }: TelemetrySeriesResult,
  groupOf: (key: string | null) => Cell[],
): AsyncGenerator<Cell[]> {
  for (const [key, metrics] of Map.groupBy(series, (each) => each.key)) {
    const [first] = metrics;
    // Every metric of a group has a point for each of its buckets.
    for (const [at, { t }] of first?.points.entries() ?? []) {
      const values = metrics.flatMap(({ points }) => [points[at]?.value ?? null, points[at]?.n ?? null]);
      yield [new Date(t), stepMs / 1000, ...groupOf(key), ...values];
    }
  }
}

async function namesOf(
  scope: Scope,
  { groupBy }: TelemetrySeriesInput,
  { series }: TelemetrySeriesResult,
): Promise<(key: string | null) => string | null> {
  const keys = [...new Set(series.flatMap(({ key }) => (key === null ? [] : [key])))];
  if (groupBy !== 'device' && groupBy !== 'version') return () => null;
  const names = groupBy === 'device' ? await listDeviceNames(scope, keys) : await versionNamesOf(scope, keys);
  return (key) => names.get(key ?? '') ?? null;
}

async function versionNamesOf(scope: Scope, ids?: readonly string[]): Promise<Map<string, string>> {
  const versions = await listVersionNames(scope, ids);
  return new Map(versions.map(({ id, modelName, version }) => [id, `${modelName} ${version}`]));
}

export type WindowsInput = Pick<TelemetrySeriesInput, 'from' | 'to' | 'deviceIds' | 'selector' | 'versionIds' | 'slot'>;

const windowColumns: { name: string; type: ColumnType; of: (row: StoredWindow) => Cell }[] = [
  { name: 'start_at', type: 'time', of: (row) => row.startAt },
  { name: 'duration_ms', type: 'number', of: (row) => row.durationMs },
  { name: 'received_at', type: 'time', of: (row) => row.receivedAt },
  { name: 'boot', type: 'text', of: (row) => row.boot },
  { name: 'seq', type: 'number', of: (row) => Number(row.seq) },
  { name: 'position', type: 'number', of: (row) => row.position },
  { name: 'slot', type: 'text', of: (row) => row.slot },
  { name: 'release_id', type: 'text', of: (row) => row.releaseId },
  { name: 'version_id', type: 'text', of: (row) => row.versionId },
  { name: 'inferences', type: 'number', of: (row) => row.inferences },
  { name: 'errors', type: 'number', of: (row) => row.errors },
  { name: 'latency_p50_ms', type: 'number', of: (row) => row.latencyP50 },
  { name: 'latency_p95_ms', type: 'number', of: (row) => row.latencyP95 },
  { name: 'latency_p99_ms', type: 'number', of: (row) => row.latencyP99 },
  { name: 'energy_j', type: 'number', of: (row) => row.energyJ },
  { name: 'power_w', type: 'number', of: (row) => row.powerW },
  { name: 'power_source', type: 'text', of: (row) => row.powerSource },
  { name: 'cpu_pct', type: 'number', of: (row) => row.cpuPct },
  { name: 'rss_bytes', type: 'number', of: (row) => row.rssBytes },
  { name: 'runner_rss_bytes', type: 'number', of: (row) => row.runnerRssBytes },
  { name: 'memory_used_bytes', type: 'number', of: (row) => row.memoryUsedBytes },
  { name: 'temp_c', type: 'number', of: (row) => row.tempC },
  { name: 'throttled', type: 'flag', of: (row) => row.throttled },
  { name: 'battery_pct', type: 'number', of: (row) => row.batteryPct },
  { name: 'disk_free_bytes', type: 'number', of: (row) => row.diskFreeBytes },
  { name: 'net_rx_bytes', type: 'number', of: (row) => row.netRxBytes },
  { name: 'net_tx_bytes', type: 'number', of: (row) => row.netTxBytes },
  { name: 'labelled_n', type: 'number', of: (row) => row.labelledN },
  { name: 'labelled_correct', type: 'number', of: (row) => row.labelledCorrect },
];

/** The stored windows themselves, a device at a time in order of its time, read while they are sent. */
export async function exportWindows(deps: ExportDeps, actor: Actor, input: WindowsInput): Promise<Table> {
  requirePermission(actor, 'telemetry:read');
  requireRange(input);
  const scope = forTenant(deps.db, actor.organizationId);
  const deviceIds = (await devicesOf(scope, input)) ?? (await listDeviceIds(scope, ''));
  const [devices, versions] = await Promise.all([listDeviceNames(scope, deviceIds), versionNamesOf(scope)]);
  const named = [
    { name: 'device_id', type: 'text' },
    { name: 'device', type: 'text' },
    { name: 'version', type: 'text' },
  ] as const;
  return {
    columns: [...named, ...windowColumns.map(({ name, type }) => ({ name, type }))],
    rows: windowRows(scope, input, devices, versions),
  };
}

async function* windowRows(
  scope: Scope,
  { from, to, versionIds, slot }: WindowsInput,
  devices: ReadonlyMap<string, string>,
  versions: ReadonlyMap<string, string>,
): AsyncGenerator<Cell[]> {
  for (const [deviceId, name] of devices) {
    let last: StoredWindow | undefined;
    do {
      const page = await listWindows(scope, { deviceId, from, to, versionIds, slot }, last, PAGE);
      for (const row of page)
        yield [deviceId, name, versions.get(row.versionId ?? '') ?? null, ...windowColumns.map(({ of }) => of(row))];
      last = page.length === PAGE ? page.at(-1) : undefined;
    } while (last);
  }
}
