import type { Db } from './client.ts';
import { Prisma } from './generated/client.ts';
import { type Lease, leaseTaken } from './leases.ts';

/**
 * Takes or renews the lease, and finds every rollout that the engine has to look at, in all organizations, oldest first; none when somebody
 * else has the lease. Paused ones too, because their devices still time out; those that wait for a moment, once it has come; and those that
 * were taken back, when a device came back after the end.
 */
export async function takeEngineWork(
  db: Db,
  lease: Lease,
  now: Date,
): Promise<{ organizationId: string; id: string }[]> {
  return db.$queryRaw(Prisma.sql`
    WITH taken AS (${leaseTaken(lease)})
    SELECT r.organization_id AS "organizationId", r.id FROM rollout r
    WHERE EXISTS (SELECT FROM taken) AND (r.state IN ('running', 'aborting', 'rolling-back')
      OR (r.state = 'paused' AND EXISTS (SELECT FROM deployment p WHERE p.rollout_id = r.id AND p.notified_at IS NOT NULL AND p.finished_at IS NULL))
      OR (r.state = 'scheduled' AND (r.plan ->> 'startsAt' IS NULL OR (r.plan ->> 'startsAt')::timestamptz <= ${now}::timestamptz))
      OR (r.state IN ('scheduled', 'pending-approval', 'paused') AND (r.plan -> 'mustEndBy' ->> 'at')::timestamptz <= ${now}::timestamptz)
      OR (r.state = 'rollback-incomplete' AND EXISTS (
        SELECT FROM rollout b JOIN deployment bp ON bp.rollout_id = b.id AND bp.state = 'succeeded'
          JOIN deployment p ON p.rollout_id = r.id AND p.device_id = bp.device_id AND p.state = 'succeeded' WHERE b.rollback_of_id = r.id))
      OR (r.state = 'rollback-incomplete' AND EXISTS (SELECT FROM rollout b WHERE b.rollback_of_id = r.id AND NOT EXISTS (
        SELECT FROM deployment bp WHERE bp.rollout_id = b.id AND bp.state NOT IN ('succeeded', 'superseded')))))
    ORDER BY r.id`);
}
