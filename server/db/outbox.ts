import type { Db } from './client.ts';

export type OutboxMessage = { deviceId: string; jws: string };

/** Documents that wait to be published, oldest first, with their newest content. A device that is in the outbox twice is there once. */
export async function readOutbox(db: Db, limit: number): Promise<{ messages: OutboxMessage[]; upTo: bigint | null }> {
  const rows = await db.$queryRaw<{ id: bigint; device_id: string; jws: string | null }[]>`
    SELECT o.id, o.device_id, s.jws FROM outbox o LEFT JOIN desired_state s ON s.device_id = o.device_id
    WHERE o.kind = 'desired' ORDER BY o.id LIMIT ${limit}`;
  const newest = new Map(rows.flatMap((row) => (row.jws ? [[row.device_id, row.jws] as const] : [])));
  return { messages: [...newest].map(([deviceId, jws]) => ({ deviceId, jws })), upTo: rows.at(-1)?.id ?? null };
}

/** Forgets what was published. */
export async function clearOutbox(db: Db, upTo: bigint): Promise<void> {
  await db.$executeRaw`DELETE FROM outbox WHERE kind = 'desired' AND id <= ${upTo}`;
}

/** Puts every device's document into the outbox: for a broker that has forgotten its retained messages. */
export async function republishAll(db: Db): Promise<void> {
  await db.$executeRaw`
    INSERT INTO outbox (organization_id, device_id, kind)
    SELECT s.organization_id, s.device_id, 'desired' FROM desired_state s JOIN device d ON d.id = s.device_id WHERE d.decommissioned_at IS NULL`;
}
