import type { Db } from './client.ts';

export type OutboxMessage = { deviceId: string; generation: number; jws: string };

/** Documents that wait to be published, oldest first, with their newest content. A device that is in the outbox twice is there once. */
export async function readOutbox(db: Db, limit: number): Promise<{ ids: bigint[]; messages: OutboxMessage[] }> {
  const rows = await db.$queryRaw<{ id: bigint; device_id: string; generation: number | null; jws: string | null }[]>`
    SELECT o.id, o.device_id, s.generation, s.jws FROM outbox o LEFT JOIN desired_state s ON s.device_id = o.device_id
    WHERE o.kind = 'desired' ORDER BY o.id LIMIT ${limit}`;
  const newest = new Map<string, OutboxMessage>();
  for (const { device_id: deviceId, generation, jws } of rows)
    if (generation !== null && jws !== null) newest.set(deviceId, { deviceId, generation, jws });
  return { ids: rows.map(({ id }) => id), messages: [...newest.values()] };
}

/**
 * Forgets what was published: by id, because a row with a lower id may be committed later. A device whose document is newer by now goes
 * into the outbox again: another worker may have published the newer one first, and the broker would keep the older. Returns how many do.
 */
export async function clearOutbox(
  db: Db,
  ids: readonly bigint[],
  published: readonly Pick<OutboxMessage, 'deviceId' | 'generation'>[],
): Promise<number> {
  return db.$executeRaw`
    WITH done AS (DELETE FROM outbox WHERE id = ANY(${ids}::bigint[]))
    INSERT INTO outbox (organization_id, device_id, kind)
    SELECT s.organization_id, s.device_id, 'desired' FROM desired_state s
      JOIN unnest(${published.map(({ deviceId }) => deviceId)}::uuid[], ${published.map(({ generation }) => generation)}::int[]) AS p (device_id, generation)
        ON s.device_id = p.device_id AND s.generation > p.generation`;
}

/** Puts every device's document into the outbox: for a broker that has forgotten its retained messages. */
export async function republishAll(db: Db): Promise<void> {
  await db.$executeRaw`
    INSERT INTO outbox (organization_id, device_id, kind)
    SELECT s.organization_id, s.device_id, 'desired' FROM desired_state s JOIN device d ON d.id = s.device_id WHERE d.decommissioned_at IS NULL`;
}
