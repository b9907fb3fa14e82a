import { ingestPool, inTransaction } from '../../db/ingest/transaction.ts';
import { insertWindows } from '../../db/ingest/windows.ts';
import { wireToBytes } from '../../domain/telemetry/sketch-bytes.ts';
import type { BenchDatabase } from '../database.ts';
import { windowVariants } from '../windows.ts';

const WINDOW_MS = 15_000;

/** Windows that are stored in one transaction. */
const BATCH = 5_000;

/** A window of 15 s of every device that is online, one after another, from a time to another: what boards say of their memory and disk. */
export async function fillWindows(
  { client, url }: BenchDatabase,
  organizationId: string,
  { from, to }: { from: Date; to: Date },
): Promise<number> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM device WHERE organization_id = $1 AND online', [
    organizationId,
  ]);
  const variants = windowVariants().map((window) => ({ window, latency: wireToBytes(window.latencyMs.run) }));
  const pool = ingestPool(url, 1);
  let seq = 0;
  try {
    for (let atMs = from.getTime(); atMs < to.getTime(); atMs += WINDOW_MS)
      for (let start = 0; start < rows.length; start += BATCH) {
        const windows = rows.slice(start, start + BATCH).flatMap(({ id }, at) => {
          const variant = variants[(at * 7 + seq) % variants.length];
          seq += 1;
          const [startAt, receivedAt] = [new Date(atMs), new Date(atMs + WINDOW_MS)];
          return variant
            ? [
                {
                  organizationId,
                  deviceId: id,
                  boot: id,
                  seq,
                  position: 0,
                  startAt,
                  receivedAt,
                  versionId: null,
                  ...variant,
                },
              ]
            : [];
        });
        await inTransaction(pool, (connection) => insertWindows(connection, windows));
      }
  } finally {
    await pool.end();
  }
  await client.query('VACUUM (ANALYZE) telemetry_window');
  return seq;
}
