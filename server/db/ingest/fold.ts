import type pg from 'pg';

/** Where a fold goes on: what was appended is taken in order of organization and device, so that what belongs together comes together. */
export type FoldPlace = { organizationId: string; deviceId: string };

/**
 * Takes what was appended, at most so many rows from a place on, and adds it to where it belongs, in the caller's transaction: readers, who
 * read both, see no difference. Tells how many rows it took, of how many minutes or hours, and where the last of them stood.
 */
export type Fold = (
  client: pg.PoolClient,
  from: FoldPlace,
  most: number,
) => Promise<{ taken: number; keys: number; last: FoldPlace | null }>;

/** SQL of the rows that a fold takes as `taken`, from the place `$1, $2` on, at most `$3`. */
export const takenFrom = (table: string) => `taken AS (
    DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM ${table} WHERE (organization_id, device_id) >= ($1::uuid, $2::uuid) ORDER BY organization_id, device_id LIMIT $3))
    RETURNING *
  )`;

/** How many rows wait to be folded, as PostgreSQL keeps count of them: a second late, and after a crash too few. Looks at no row. */
export async function countWaiting(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ waiting: number }>(
    `SELECT (pg_stat_get_live_tuples('telemetry_added'::regclass) + pg_stat_get_live_tuples('monitoring_added'::regclass))::float8 AS waiting`,
  );
  return rows[0]?.waiting ?? 0;
}
