import type { Listening } from '../domain/device/axes.ts';
import type { Db, Tx } from './client.ts';

/** Listening goes on over a gap of so long: a worker that was started again, or a broker that blinked. */
const MAX_GAP_S = 15;

/** Notes that devices can be heard now. After a longer gap listening begins anew. */
export async function noteListening(db: Db, now: Date): Promise<void> {
  await db.$executeRaw`
    INSERT INTO listening AS l (since, until) VALUES (${now}::timestamptz, ${now}::timestamptz)
    ON CONFLICT (id) DO UPDATE SET until = greatest(l.until, excluded.until),
      since = CASE WHEN excluded.until > l.until + ${MAX_GAP_S} * interval '1 second' THEN excluded.since ELSE l.since END`;
}

/** When devices could be heard last without a gap. Null before anyone listened. */
export function findListening(tx: Tx): Promise<Listening | null> {
  return tx.listening.findUnique({ where: { id: 1 }, select: { since: true, until: true } });
}
