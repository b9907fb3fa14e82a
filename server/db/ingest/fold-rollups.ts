import { type Rollup, type RollupNumbers, rollUp } from '../../domain/telemetry/rollup.ts';
import { addUpBytes } from '../../domain/telemetry/sketch-bytes.ts';
import { sourcesOf, summed } from '../telemetry-rollups.ts';
import { type Fold, type FoldPlace, takenFrom } from './fold.ts';
import { saveRollups } from './rollups.ts';

type Taken = FoldPlace &
  Omit<RollupNumbers, 'powerSources'> & {
    bucketMs: number;
    slot: string;
    versionId: string;
    latency: Buffer;
    powerSources: string | null;
    /** Appended rows that are this one. */
    rows: number;
  };

const sums = Object.entries(summed).map(([name, { sql }]) => `${sql} AS "${name}"`);

const TAKE = `
  WITH ${takenFrom('telemetry_added')}
  SELECT t.organization_id AS "organizationId", t.device_id AS "deviceId", date_part('epoch', date_bin('1 minute', t.bucket_at, '2000-01-01Z')) * 1000 AS "bucketMs",
    t.slot, t.version_id AS "versionId", count(*)::int AS rows, ${sums.join(', ')}
  FROM taken t GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2`;

/** Adds to the rollups what was appended for them. */
export const foldRollups: Fold = async (client, from, most) => {
  const { rows } = await client.query<Taken>(TAKE, [from.organizationId, from.deviceId, most]);
  if (rows.length > 0) await saveRollups(client, rollUp(rows.map(minuteOf)));
  const taken = rows.reduce((sum, row) => sum + row.rows, 0);
  return { taken, keys: rows.length, last: rows.at(-1) ?? null };
};

function minuteOf({ rows, latency, powerSources, ...minute }: Taken): Rollup {
  return {
    ...minute,
    latency: rows === 1 ? latency : addUpBytes([latency]),
    powerSources: sourcesOf(powerSources),
  };
}
