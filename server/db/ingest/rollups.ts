import type pg from 'pg';
import {
  addSums,
  emptySums,
  keyOf,
  NIL_ID,
  type Resolution,
  type Rollup,
  type RollupSums,
} from '../../domain/telemetry/rollup.ts';
import { sketchFromBytes, sketchToBytes } from '../../domain/telemetry/sketch-bytes.ts';

const keyColumns = [
  { name: 'organization_id', type: 'uuid', of: (row: Rollup) => row.organizationId },
  { name: 'device_id', type: 'uuid', of: (row: Rollup) => row.deviceId },
  { name: 'bucket_at', type: 'timestamptz', of: (row: Rollup) => new Date(row.bucketMs) },
  { name: 'slot', type: 'text', of: (row: Rollup) => row.slot },
  { name: 'version_id', type: 'uuid', of: (row: Rollup) => row.versionId },
];
const sumColumns = [
  { name: 'windows', type: 'bigint', of: (row: Rollup) => row.windows },
  { name: 'inferences', type: 'bigint', of: (row: Rollup) => row.inferences },
  { name: 'errors', type: 'bigint', of: (row: Rollup) => row.errors },
  { name: 'duration_ms', type: 'bigint', of: (row: Rollup) => row.durationMs },
  { name: 'latency', type: 'bytea', of: (row: Rollup) => sketchToBytes(row.latency) },
  { name: 'energy_j', type: 'float8', of: (row: Rollup) => row.energyJ },
  { name: 'energy_inferences', type: 'bigint', of: (row: Rollup) => row.energyInferences },
  { name: 'power_w_ms', type: 'float8', of: (row: Rollup) => row.powerWMs },
  { name: 'power_ms', type: 'bigint', of: (row: Rollup) => row.powerMs },
  { name: 'power_sources', type: 'text', of: (row: Rollup) => row.powerSources.join(' ') },
  { name: 'cpu_pct_sum', type: 'float8', of: (row: Rollup) => row.cpuPctSum },
  { name: 'cpu_pct_n', type: 'bigint', of: (row: Rollup) => row.cpuPctN },
  { name: 'temp_c_sum', type: 'float8', of: (row: Rollup) => row.tempCSum },
  { name: 'temp_c_n', type: 'bigint', of: (row: Rollup) => row.tempCN },
  { name: 'runner_rss_bytes', type: 'float8', of: (row: Rollup) => row.runnerRssBytes },
  { name: 'labelled_n', type: 'bigint', of: (row: Rollup) => row.labelledN },
  { name: 'labelled_correct', type: 'bigint', of: (row: Rollup) => row.labelledCorrect },
  { name: 'throttled', type: 'bool', of: (row: Rollup) => row.isThrottled },
];
const columns = [...keyColumns, ...sumColumns];
const keyNames = keyColumns.map(({ name }) => name).join(', ');
const keyArrays = keyColumns.map(({ type }, at) => `$${at + 1}::${type}[]`).join(', ');
const sameKey = keyColumns.map(({ name }) => `t.${name} = g.${name}`).join(' AND ');

/** The sums of a rollup row as SQL reads them, for {@link sumsOfRow}. */
export const SUMS = `t.windows::float8, t.inferences::float8, t.errors::float8, t.duration_ms::float8, t.latency, t.energy_j, t.energy_inferences::float8,
  t.power_w_ms, t.power_ms::float8, t.power_sources, t.cpu_pct_sum, t.cpu_pct_n::float8, t.temp_c_sum, t.temp_c_n::float8, t.runner_rss_bytes,
  t.labelled_n::float8, t.labelled_correct::float8, t.throttled`;

export type SumsRow = {
  windows: number;
  inferences: number;
  errors: number;
  duration_ms: number;
  latency: Uint8Array;
  energy_j: number | null;
  energy_inferences: number;
  power_w_ms: number;
  power_ms: number;
  power_sources: string;
  cpu_pct_sum: number;
  cpu_pct_n: number;
  temp_c_sum: number;
  temp_c_n: number;
  runner_rss_bytes: number | null;
  labelled_n: number;
  labelled_correct: number;
  throttled: boolean;
};

/** Everything but the latencies, which readers add up without making a sketch of each row. */
export function sumsOfRow(row: SumsRow): Omit<RollupSums, 'latency'> {
  return {
    windows: row.windows,
    inferences: row.inferences,
    errors: row.errors,
    durationMs: row.duration_ms,
    energyJ: row.energy_j,
    energyInferences: row.energy_inferences,
    powerWMs: row.power_w_ms,
    powerMs: row.power_ms,
    powerSources: row.power_sources === '' ? [] : row.power_sources.split(' '),
    cpuPctSum: row.cpu_pct_sum,
    cpuPctN: row.cpu_pct_n,
    tempCSum: row.temp_c_sum,
    tempCN: row.temp_c_n,
    runnerRssBytes: row.runner_rss_bytes,
    labelledN: row.labelled_n,
    labelledCorrect: row.labelled_correct,
    isThrottled: row.throttled,
  };
}

/**
 * Adds to the stored rollups of one resolution. The rows of a device are safe by the lock on the device that ingest holds; those of the
 * fleet, which every worker adds to, are made and locked first. Rows go in order of their keys, so that workers never wait in a circle.
 */
export async function saveRollups(
  client: pg.PoolClient,
  resolution: Resolution,
  added: readonly Rollup[],
): Promise<void> {
  const table = `telemetry_${resolution.name}`;
  const rollups = [...added].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const fleet = rollups.filter(({ deviceId }) => deviceId === NIL_ID);
  if (fleet.length > 0)
    await client.query(
      insert(table, 'NOTHING'),
      arraysOf(
        columns,
        fleet.map((row) => ({ ...row, ...emptySums() })),
      ),
    );
  const { rows } = await client.query<SumsRow & { place: number }>(
    `SELECT g.place::int, ${SUMS} FROM ${table} t
     JOIN unnest(${keyArrays}) WITH ORDINALITY AS g (${keyNames}, place) ON ${sameKey} ORDER BY g.place FOR UPDATE OF t`,
    arraysOf(keyColumns, rollups),
  );
  const summed = rollups.map((rollup) => ({ ...rollup }));
  for (const row of rows) {
    const rollup = summed[row.place - 1];
    if (rollup) addSums(rollup, { ...sumsOfRow(row), latency: sketchFromBytes(row.latency) });
  }
  const update = sumColumns.map(({ name }) => `${name} = excluded.${name}`).join(', ');
  await client.query(insert(table, `UPDATE SET ${update}`), arraysOf(columns, summed));
}

function insert(table: string, onConflict: string): string {
  const names = columns.map(({ name }) => name).join(', ');
  const arrays = columns.map(({ type }, at) => `$${at + 1}::${type}[]`).join(', ');
  return `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${arrays}) ON CONFLICT (${keyNames}) DO ${onConflict}`;
}

function arraysOf(of: readonly { of: (row: Rollup) => unknown }[], rows: readonly Rollup[]): unknown[][] {
  return of.map((column) => rows.map(column.of));
}
