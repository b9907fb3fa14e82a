import type pg from 'pg';

/** Runs `work` in one transaction on a connection of its own. Ingest crosses tenants: each row takes its organization from its device. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // A connection that breaks between two statements tells it here, and to nobody else; unheard, it ends the process.
  client.on('error', ignore);
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.off('error', ignore);
    client.release();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    client.release(true);
    throw error;
  }
}

/** The next statement on the connection fails, and says why. */
function ignore(): void {}

/**
 * Will the same statement fail again? SQLSTATE classes 22 (data) and 23 (constraint) are the data's fault, and 21 and 42 ours; all
 * else is the database being away.
 */
export function isDataError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /^(21|22|23|42)/.test(code);
}
