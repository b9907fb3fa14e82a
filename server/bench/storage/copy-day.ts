import type pg from 'pg';

const DAY_MS = 86_400_000;

/** Tables of telemetry with the column that says when. */
const TABLES = [
  ['telemetry_window', 'start_at'],
  ['telemetry_minute', 'bucket_at'],
  ['telemetry_hour', 'bucket_at'],
  ['telemetry_day', 'bucket_at'],
] as const;

/**
 * Fills a day with what the day before it holds, a day later, inside the database: the same rows in the same order and with the same indexes
 * as if they had come one batch after the other, in a tenth of the time. `windows` is how far the windows' numbers go on.
 */
export async function copyDay(client: pg.Client, dayMs: number, windows: number): Promise<void> {
  for (const [table, timeColumn] of TABLES) {
    const columns = await columnsOf(client, table);
    const copiedFrom = (column: string) => {
      if (column === timeColumn || column === 'received_at') return `${column} + interval '1 day'`;
      return column === 'seq' ? `seq + ${windows}` : column;
    };
    await client.query(
      `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${columns.map(copiedFrom).join(', ')} FROM ${table}
       WHERE ${timeColumn} >= $1 AND ${timeColumn} < $2`,
      [new Date(dayMs - DAY_MS), new Date(dayMs)],
    );
  }
}

/** Leaves vacuum to {@link settle}: by itself it comes once a minute, and would meet one of two parts that take seconds, or the other. */
export async function vacuumByHand(client: pg.Client): Promise<void> {
  await client.query('ALTER SYSTEM SET autovacuum = off');
  await client.query('SELECT pg_reload_conf()');
}

/**
 * Has the database vacuum and write what came so far, as it has done before the first windows: what is measured next pays for itself alone.
 * After copies of 97 million windows that took seven minutes.
 */
export async function settle(client: pg.Client): Promise<void> {
  await client.query('VACUUM (ANALYZE)');
  await client.query('CHECKPOINT');
}

async function columnsOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = '' ORDER BY attnum`,
    [table],
  );
  return rows.map(({ name }) => name);
}
