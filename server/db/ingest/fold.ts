import type pg from 'pg';
import { addHour, type HourSums } from '../../domain/drift/hour-sums.ts';
import { HOUR_MS } from '../../domain/drift/watch.ts';
import { type Rollup, type RollupNumbers, rollUp } from '../../domain/telemetry/rollup.ts';
import { addUpBytes } from '../../domain/telemetry/sketch-bytes.ts';
import { sourcesOf, summed } from '../telemetry-rollups.ts';
import { type HourRow, nameOf, saveHours } from './hours.ts';
import { saveRollups } from './rollups.ts';

/** Where a fold goes on: what was appended is taken in order of organization and device, so that what belongs together comes together. */
export type FoldPlace = { organizationId: string; deviceId: string };

/** One minute of what was appended. */
type Taken = FoldPlace &
  Omit<RollupNumbers, 'powerSources'> & {
    bucketMs: number;
    slot: string;
    versionId: string;
    latency: Buffer;
    powerSources: string | null;
    /** Appended rows that are this one. */
    rows: number;
    /** What each of them said of inputs, answers and truth, in the order in which they came, with commas between. */
    monitoring: string | null;
  };

/** One after another: hours are read and written back, and a lease that ran out lets two folds begin. */
const ALONE = `SELECT pg_advisory_xact_lock(hashtextextended('flotilla.fold', 0))`;

const sums = Object.entries(summed).map(([name, { sql }]) => `${sql} AS "${name}"`);

/** Parts of a statement see the same rows: what is deleted is read where it stands, for to return it whole costs as much as to add it up. */
const TAKE = `
  WITH taken AS (
    DELETE FROM telemetry_added WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM telemetry_added WHERE (organization_id, device_id) >= ($1::uuid, $2::uuid) ORDER BY organization_id, device_id LIMIT $3))
    RETURNING ctid)
  SELECT t.organization_id AS "organizationId", t.device_id AS "deviceId", date_part('epoch', date_bin('1 minute', t.bucket_at, '2000-01-01Z')) * 1000 AS "bucketMs",
    t.slot, t.version_id AS "versionId", count(*)::int AS rows, ${sums.join(', ')}, string_agg(t.monitoring, ',' ORDER BY t.place) AS monitoring
  FROM telemetry_added t WHERE t.ctid = ANY (ARRAY(SELECT ctid FROM taken)) GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, min(t.place)`;

/**
 * Takes what was appended, at most so many rows from a place on, and adds it to where it belongs, in the caller's transaction: readers, who
 * read both, see no difference. Tells how many rows it took, of how many minutes, and where the last of them stood.
 */
export async function fold(
  client: pg.PoolClient,
  from: FoldPlace,
  most: number,
): Promise<{ taken: number; keys: number; last: FoldPlace | null }> {
  const [, { rows }] = await Promise.all([
    client.query(ALONE),
    client.query<Taken>(TAKE, [from.organizationId, from.deviceId, most]),
  ]);
  const hours = hoursOf(rows);
  if (rows.length > 0) await saveRollups(client, rollUp(rows.map(minuteOf)));
  if (hours.length > 0) await saveHours(client, hours);
  const taken = rows.reduce((sum, row) => sum + row.rows, 0);
  return { taken, keys: rows.length, last: rows.at(-1) ?? null };
}

function minuteOf({ rows, latency, powerSources, monitoring: _, ...minute }: Taken): Rollup {
  return {
    ...minute,
    latency: rows === 1 ? latency : addUpBytes([latency]),
    powerSources: sourcesOf(powerSources),
  };
}

/** Written by ingest: nothing is checked again. */
function hoursOf(rows: readonly Taken[]): HourRow[] {
  const hours = new Map<string, HourRow>();
  for (const { organizationId, deviceId, versionId, slot, bucketMs, monitoring } of rows) {
    if (monitoring === null) continue;
    const hourMs = Math.floor(bucketMs / HOUR_MS) * HOUR_MS;
    const key = { organizationId, versionId, deviceId, slot, hourMs };
    const name = nameOf(key);
    const [first, ...others] = JSON.parse(`[${monitoring}]`) as [HourSums, ...HourSums[]];
    const hour = hours.get(name);
    if (hour) addHour(hour.sums, first);
    else hours.set(name, { ...key, sums: first });
    for (const sums of others) addHour(hour?.sums ?? first, sums);
  }
  return [...hours.values()];
}

/** How many rows wait to be folded, as PostgreSQL keeps count of them: a second late, and after a crash too few. Looks at no row. */
export async function countWaiting(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ waiting: number }>(
    `SELECT pg_stat_get_live_tuples('telemetry_added'::regclass)::float8 AS waiting`,
  );
  return rows[0]?.waiting ?? 0;
}
