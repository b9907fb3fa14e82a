import { KnownFacts } from '../domain/device/facts.ts';
import { selectorCondition } from './device-filter.ts';
import { Prisma } from './generated/client.ts';
import type { Scope } from './scope.ts';

export type RolloutTarget = {
  deviceId: string;
  name: string;
  online: boolean;
  lastHeardAt: Date | null;
  facts: KnownFacts;
  servingReleaseId: string | null;
};

/** Most devices one rollout may take. */
const MAX_TARGETS = 100_000;

/** The devices that a selector holds now, with what a dry run needs to know of each. */
export async function findTargets(
  { tx, organizationId }: Scope,
  selector: string,
  slot: string,
): Promise<RolloutTarget[]> {
  const rows = await tx.$queryRaw<
    {
      id: string;
      name: string;
      online: boolean;
      last_heard_at: Date | null;
      facts: unknown;
      serving_release_id: string | null;
    }[]
  >(Prisma.sql`
    SELECT d.id, d.name, d.online, d.last_heard_at, d.facts, s.serving_release_id
    FROM device d LEFT JOIN device_slot s ON s.device_id = d.id AND s.slot = ${slot}
    WHERE d.organization_id = ${organizationId}::uuid AND d.decommissioned_at IS NULL AND ${selectorCondition(selector)}
    ORDER BY d.name LIMIT ${MAX_TARGETS}`);
  return rows.map((row) => ({
    deviceId: row.id,
    name: row.name,
    online: row.online,
    lastHeardAt: row.last_heard_at,
    facts: KnownFacts.catch({}).parse(row.facts),
    servingReleaseId: row.serving_release_id,
  }));
}
