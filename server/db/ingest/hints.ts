import type pg from 'pg';
import { LIVE_CHANNEL, type LiveHint, WORK_CHANNEL, type WorkHint } from '../notify.ts';

/** Notifies open consoles and the engine in one statement, when the transaction commits. */
export async function notifyHints(
  client: pg.PoolClient,
  live: readonly LiveHint[],
  work: readonly WorkHint[],
): Promise<void> {
  const all = [
    ...live.map((hint) => [LIVE_CHANNEL, hint] as const),
    ...work.map((hint) => [WORK_CHANNEL, hint] as const),
  ];
  if (all.length === 0) return;
  await client.query('SELECT pg_notify(c, p) FROM unnest($1::text[], $2::text[]) AS g (c, p)', [
    all.map(([channel]) => channel),
    all.map(([, hint]) => JSON.stringify(hint)),
  ]);
}
