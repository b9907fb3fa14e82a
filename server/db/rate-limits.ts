import type { Tx } from './client.ts';

/** Counts `by` more in a window, and says how many there are now. The row is locked until the transaction ends. */
export async function addToWindow(tx: Tx, key: string, windowStart: Date, by: number): Promise<number> {
  const rows = await tx.$queryRaw<{ count: number }[]>`
    INSERT INTO rate_limit (key, window_start, count) VALUES (${key}, ${windowStart}, GREATEST(${by}::int, 0))
    ON CONFLICT (key, window_start) DO UPDATE SET count = GREATEST(rate_limit.count + ${by}::int, 0)
    RETURNING count`;
  return rows[0]?.count ?? 0;
}

export async function countInWindow(tx: Tx, key: string, windowStart: Date): Promise<number> {
  const row = await tx.rateLimit.findUnique({ where: { key_windowStart: { key, windowStart } } });
  return row?.count ?? 0;
}
