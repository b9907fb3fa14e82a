import { KnownFacts } from '../domain/device/facts.ts';
import { selectorCondition } from './device-filter.ts';
import { Prisma } from './generated/client.ts';
import type { StoredRollout } from './rollouts.ts';
import type { Scope } from './scope.ts';

/** Devices that one look takes in; the next look takes the next. */
const MAX_AT_ONCE = 500;

/** Devices that match a rollout's selector now and are not part of it: neither do they serve its release, nor does a newer rollout have them. */
export async function findJoiners(
  { tx, organizationId }: Scope,
  { id, slot, releaseId, plan }: StoredRollout,
): Promise<{ deviceId: string; facts: KnownFacts }[]> {
  const rows = await tx.$queryRaw<{ id: string; facts: unknown }[]>(Prisma.sql`
    SELECT d.id, d.facts FROM device d
    WHERE d.organization_id = ${organizationId}::uuid AND d.decommissioned_at IS NULL AND ${selectorCondition(plan.selector)}
      AND NOT EXISTS (SELECT FROM deployment p WHERE p.rollout_id = ${id}::uuid AND p.device_id = d.id)
      AND NOT EXISTS (SELECT FROM deployment n WHERE n.device_id = d.id AND n.slot = ${slot} AND n.rollout_id > ${id}::uuid AND n.state <> 'cancelled')
      AND NOT EXISTS (SELECT FROM device_slot s WHERE s.device_id = d.id AND s.slot = ${slot} AND s.serving_release_id = ${releaseId}::uuid)
    ORDER BY d.id LIMIT ${MAX_AT_ONCE}`);
  return rows.map(({ id: deviceId, facts }) => ({ deviceId, facts: KnownFacts.catch({}).parse(facts) }));
}
