import pg from 'pg';

/**
 * Connections for {@link inTransaction}. Statements that need nothing of each other's answers are sent without waiting for them: where processors
 * are busy, each wait for an answer is two turns in the queue for one. They are kept however rarely they are used: a new one costs PostgreSQL a process
 * that meets each page of its memory for the first time again, over a second of processor time by the time it has met a gigabyte.
 */
export function ingestPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString, max, pipeline: true, idleTimeoutMillis: 0, keepAlive: true });
  // One that breaks while nobody uses it has left the pool; unheard, it ends the process.
  return pool.on('error', ignore);
}

/**
 * For a transaction whose statements find rows by their keys and are planned once: a plan that was made when a table was nearly empty, or that
 * believes it is, reads all of it for each key, until the table is analyzed.
 */
export const BY_INDEX = 'enable_seqscan = off';

/**
 * Runs `work` in one transaction on a connection of its own, with a setting of PostgreSQL for it. Ingest crosses tenants: each row takes its
 * organization from its device.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  setting: string | null = null,
): Promise<T> {
  const client = await pool.connect();
  // A connection that breaks between two statements tells it here, and to nobody else; unheard, it ends the process.
  client.on('error', ignore);
  try {
    const begun = client.query(setting === null ? 'BEGIN' : `BEGIN; SET LOCAL ${setting}`);
    const [result] = await Promise.all([work(client), begun]);
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
