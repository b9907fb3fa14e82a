import { DesiredAgent, DesiredSlot } from '@flotilla/protocol';
import * as z from 'zod';
import { Prisma } from './generated/client.ts';
import { workNotification } from './notify.ts';
import type { Scope } from './scope.ts';

/** What is wanted in each slot, before it becomes a signed document. */
export const WantedSlot = z.object({
  deployment: z.uuid(),
  releaseId: z.uuid(),
  ...DesiredSlot.pick({ download: true, activate: true }).shape,
});
export type WantedSlot = z.infer<typeof WantedSlot>;

export const WantedSlots = z.record(z.string(), WantedSlot.nullable());
export type WantedSlots = z.infer<typeof WantedSlots>;

/** The agent that is wanted, before its packages are named. */
export const WantedAgent = DesiredAgent.pick({ order: true, version: true, stableS: true });
export type WantedAgent = z.infer<typeof WantedAgent>;

export type StoredDesired = {
  deviceId: string;
  generation: number;
  slots: WantedSlots;
  agent: WantedAgent | null;
  jws: string;
  issuedAt: Date;
  expiresAt: Date;
};

/** The present documents of these devices, locked until the transaction ends. A device without one is absent. */
export async function lockDesired(
  { tx, organizationId }: Scope,
  deviceIds: readonly string[],
): Promise<Map<string, Pick<StoredDesired, 'generation' | 'slots' | 'agent'>>> {
  const rows = await tx.$queryRaw<{ device_id: string; generation: number; slots: unknown; agent: unknown }[]>`
    SELECT device_id, generation, slots, agent FROM desired_state
    WHERE organization_id = ${organizationId}::uuid AND device_id = ANY(${deviceIds}::uuid[]) ORDER BY device_id FOR UPDATE`;
  return new Map(
    rows.map(({ device_id, generation, slots, agent }) => [
      device_id,
      { generation, slots: WantedSlots.parse(slots), agent: WantedAgent.nullable().parse(agent) },
    ]),
  );
}

/** Writes new documents and the messages that carry them, and wakes who publishes those, in one statement however many there are. */
export async function saveDesired({ tx, organizationId }: Scope, rows: readonly StoredDesired[]): Promise<void> {
  const column = <T>(pick: (row: StoredDesired) => T) => rows.map(pick);
  await tx.$executeRaw(Prisma.sql`
    WITH saved AS (
      INSERT INTO desired_state (device_id, organization_id, generation, slots, agent, jws, issued_at, expires_at)
      SELECT device_id, ${organizationId}::uuid, generation, slots::jsonb, agent::jsonb, jws, issued_at, expires_at
      FROM unnest(${column((row) => row.deviceId)}::uuid[], ${column((row) => row.generation)}::int[], ${column((row) => JSON.stringify(row.slots))}::text[],
                  ${column((row) => row.agent && JSON.stringify(row.agent))}::text[], ${column((row) => row.jws)}::text[], ${column((row) => row.issuedAt)}::timestamptz[], ${column((row) => row.expiresAt)}::timestamptz[])
           AS given (device_id, generation, slots, agent, jws, issued_at, expires_at)
      ON CONFLICT (device_id) DO UPDATE
      SET generation = excluded.generation, slots = excluded.slots, agent = excluded.agent, jws = excluded.jws, issued_at = excluded.issued_at, expires_at = excluded.expires_at
      WHERE desired_state.organization_id = excluded.organization_id AND desired_state.generation < excluded.generation
      RETURNING device_id
    ), put AS (INSERT INTO outbox (organization_id, device_id, kind) SELECT ${organizationId}::uuid, device_id, 'desired' FROM saved)
    ${workNotification({ kind: 'outbox' })}`);
}

/** Every document of an organization, by its generation. */
export function listDesired({ tx, organizationId }: Scope): Promise<{ deviceId: string; generation: number }[]> {
  return tx.desiredState.findMany({ where: { organizationId }, select: { deviceId: true, generation: true } });
}

export async function findDesired({ tx, organizationId }: Scope, deviceId: string): Promise<StoredDesired | null> {
  const row = await tx.desiredState.findFirst({ where: { organizationId, deviceId } });
  return row
    ? {
        deviceId,
        generation: row.generation,
        slots: WantedSlots.parse(row.slots),
        agent: WantedAgent.nullable().parse(row.agent),
        jws: row.jws,
        issuedAt: row.issuedAt,
        expiresAt: row.expiresAt,
      }
    : null;
}
