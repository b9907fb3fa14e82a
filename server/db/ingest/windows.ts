import { quantileOf, type Sketch, sketchFromWire, type Window } from '@flotilla/protocol';
import type pg from 'pg';

export type WindowRow = {
  organizationId: string;
  deviceId: string;
  boot: string;
  seq: number;
  position: number;
  startAt: Date;
  receivedAt: Date;
  window: Window;
  /** Null when the organization has no such release. */
  versionId: string | null;
};

/** The versions of these releases, each if it belongs to the organization that names it. */
export async function findVersions(
  client: pg.PoolClient,
  releases: readonly { organizationId: string; releaseId: string }[],
): Promise<Map<string, string>> {
  const { rows } = await client.query<{ id: string; version_id: string }>(
    `SELECT DISTINCT r.id, r.version_id FROM release r JOIN unnest($1::uuid[], $2::uuid[]) AS g (id, o) ON r.id = g.id AND r.organization_id = g.o`,
    [releases.map(({ releaseId }) => releaseId), releases.map(({ organizationId }) => organizationId)],
  );
  return new Map(rows.map((row) => [row.id, row.version_id]));
}

/** A row with its latencies read once, for the three quantiles that are stored. */
type SketchedRow = WindowRow & { run: Sketch };

/** Columns of the record set, in one place: name in the table, type, and where the value comes from. */
const columns: { name: string; type: string; of: (row: SketchedRow) => unknown }[] = [
  { name: 'organization_id', type: 'uuid', of: (row) => row.organizationId },
  { name: 'device_id', type: 'uuid', of: (row) => row.deviceId },
  { name: 'start_at', type: 'timestamptz', of: (row) => row.startAt },
  { name: 'duration_ms', type: 'int', of: ({ window }) => window.durationMs },
  { name: 'slot', type: 'text', of: ({ window }) => window.slot },
  { name: 'release_id', type: 'uuid', of: ({ window }) => window.releaseId },
  { name: 'version_id', type: 'uuid', of: (row) => row.versionId },
  { name: 'boot', type: 'uuid', of: (row) => row.boot },
  { name: 'seq', type: 'bigint', of: (row) => row.seq },
  { name: 'position', type: 'int', of: (row) => row.position },
  { name: 'received_at', type: 'timestamptz', of: (row) => row.receivedAt },
  { name: 'inferences', type: 'bigint', of: ({ window }) => window.inferences },
  { name: 'errors', type: 'bigint', of: ({ window }) => window.errors },
  { name: 'latency_run', type: 'jsonb', of: ({ window }) => window.latencyMs.run },
  ...([50, 95, 99] as const).map((percent) => ({
    name: `latency_p${percent}`,
    type: 'float8',
    of: ({ run }: SketchedRow) => quantileOf(run, percent / 100),
  })),
  { name: 'latency_total', type: 'jsonb', of: ({ window }) => window.latencyMs.total ?? null },
  { name: 'energy_j', type: 'float8', of: ({ window }) => window.energyJ },
  { name: 'power_w', type: 'float8', of: ({ window }) => window.powerW },
  { name: 'power_source', type: 'text', of: ({ window }) => window.powerSource },
  { name: 'cpu_pct', type: 'float8', of: ({ window }) => window.cpuPct },
  { name: 'rss_bytes', type: 'float8', of: ({ window }) => window.rssBytes },
  { name: 'runner_rss_bytes', type: 'float8', of: ({ window }) => window.runnerRssBytes },
  { name: 'memory_used_bytes', type: 'float8', of: ({ window }) => window.memoryUsedBytes },
  { name: 'temp_c', type: 'float8', of: ({ window }) => window.tempC },
  { name: 'throttled', type: 'bool', of: ({ window }) => window.throttled },
  { name: 'battery_pct', type: 'float8', of: ({ window }) => window.batteryPct },
  { name: 'disk_free_bytes', type: 'float8', of: ({ window }) => window.diskFreeBytes },
  { name: 'labelled_n', type: 'bigint', of: ({ window }) => window.labelled?.n },
  { name: 'labelled_correct', type: 'bigint', of: ({ window }) => window.labelled?.correct },
  { name: 'rest', type: 'jsonb', of: ({ window }) => restOf(window) },
];

const names = columns.map(({ name }) => name).join(', ');
const definition = columns.map(({ name, type }) => `"${name}" ${type}`).join(', ');
const INSERT = `INSERT INTO telemetry_window (${names}) SELECT g.* FROM jsonb_to_recordset($1::jsonb) AS g (${definition})`;

export async function insertWindows(client: pg.PoolClient, rows: readonly WindowRow[]): Promise<void> {
  const records = rows.map((row) => {
    const sketched = { ...row, run: sketchFromWire(row.window.latencyMs.run) };
    return Object.fromEntries(columns.map(({ name, of }) => [name, of(sketched)]));
  });
  await client.query(INSERT, [JSON.stringify(records)]);
}

function restOf({ latencyMs, errorCodes, outputs, labelled, uptimeMs, idleEnergyJ }: Window): object {
  return {
    queue: latencyMs.queue,
    errorCodes,
    outputs,
    confusion: labelled?.confusion,
    absErrorSum: labelled?.absErrorSum,
    sqErrorSum: labelled?.sqErrorSum,
    uptimeMs,
    idleEnergyJ,
  };
}
