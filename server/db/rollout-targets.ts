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
  labels: Record<string, string>;
  /** The release that its newest report keeps in the penalty box, and until when. */
  penalty: { releaseId: string; until: Date } | null;
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
      labels: Record<string, string> | null;
      boxed: string | null;
      boxed_until: number | null;
    }[]
  >(Prisma.sql`
    SELECT d.id, d.name, d.online, d.last_heard_at, d.facts, s.serving_release_id,
      (SELECT jsonb_object_agg(l.key, l.value) FROM device_label l WHERE l.device_id = d.id) AS labels,
      CASE WHEN s.report -> 'reason' ->> 'code' = 'penalty.box' THEN s.report ->> 'releaseId' END AS boxed,
      (s.report -> 'reason' ->> 'nextTryAt')::float8 AS boxed_until
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
    labels: row.labels ?? {},
    penalty: row.boxed && row.boxed_until ? { releaseId: row.boxed, until: new Date(row.boxed_until) } : null,
  }));
}
