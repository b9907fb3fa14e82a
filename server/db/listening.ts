import type { Listening } from '../domain/device/axes.ts';
import type { Db, Tx } from './client.ts';
import { Prisma } from './generated/client.ts';
import { epochMs } from './json-columns.ts';

/** Listening goes on over a gap of so long: a worker that was started again, or a broker that blinked. */
const MAX_GAP_S = 15;

/** Notes that devices can be heard now. After a longer gap listening begins anew. */
export async function noteListening(db: Db, now: Date): Promise<void> {
  await db.$executeRaw`
    INSERT INTO listening AS l (since, until) VALUES (${now}::timestamptz, ${now}::timestamptz)
    ON CONFLICT (id) DO UPDATE SET until = greatest(l.until, excluded.until),
      since = CASE WHEN excluded.until > l.until + ${MAX_GAP_S} * interval '1 second' THEN excluded.since ELSE l.since END`;
}

export type ReadListening = { since: number; until: number } | null;

/** When devices could be heard last without a gap, as one JSON value, for {@link toListening}. Null before anyone listened. */
export const listeningQuery = Prisma.sql`SELECT json_build_object('since', ${epochMs('since')}, 'until', ${epochMs('until')}) FROM listening`;

export function toListening(read: ReadListening): Listening | null {
  return read && { since: new Date(read.since), until: new Date(read.until) };
}

/** When devices could be heard last without a gap. Null before anyone listened. */
export async function findListening(tx: Tx): Promise<Listening | null> {
  const [row] = await tx.$queryRaw<{ listening: ReadListening }[]>`SELECT (${listeningQuery}) AS listening`;
  return toListening(row?.listening ?? null);
}
