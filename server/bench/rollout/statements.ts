import type pg from 'pg';

/** Marks what the bench itself asks of the database while the rollout is on, so that it is not counted. */
export const OUR_OWN = '/* bench */';

/** Longest piece of a statement that is printed. */
const SHOWN = 110;

export async function forgetStatements(database: pg.Pool): Promise<void> {
  await database.query('SELECT pg_stat_statements_reset()');
}

/** Statements of all processes since they were forgotten; the `shown` most frequent are printed with their calls and time. */
export async function countStatementsOf(database: pg.Pool, shown: number): Promise<number> {
  const { rows } = await database.query<{ query: string; calls: number; ms: number }>(
    'SELECT query, calls::int, total_exec_time AS ms FROM pg_stat_statements WHERE query NOT LIKE $1 ORDER BY calls DESC',
    [`%${OUR_OWN}%`],
  );
  for (const { query, calls, ms } of rows.slice(0, shown)) {
    const text = query.replaceAll(/\s+/g, ' ').trim().slice(0, SHOWN);
    console.log(`  ${String(calls).padStart(6)} ${ms.toFixed(0).padStart(7)} ms  ${text}`);
  }
  return rows.reduce((sum, { calls }) => sum + calls, 0);
}
