import type { DryRunDevice } from '../domain/rollout/dry-run.ts';
import type { Estimate } from '../domain/rollout/estimate.ts';
import type { RolloutState } from '../domain/rollout/states.ts';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

/** Another open rollout of the slot, and how many of the devices it has. The newer one takes them. */
export type Overlap = { rolloutId: string; name: string; state: RolloutState; devices: number };

export type StoredDryRun = { at: Date; devices: DryRunDevice[]; estimate: Estimate; overlaps: Overlap[] };

/** Overlaps that a dry run lists. */
const MAX_OVERLAPS = 20;

/** Open rollouts of the slot that have some of these devices, those with the most first. */
export async function findOverlaps(
  { tx, organizationId }: Scope,
  slot: string,
  deviceIds: readonly string[],
): Promise<Overlap[]> {
  return tx.$queryRaw<Overlap[]>`
    SELECT r.id AS "rolloutId", r.name, r.state, count(*)::int AS devices FROM rollout r JOIN deployment p ON p.rollout_id = r.id
    WHERE r.organization_id = ${organizationId}::uuid AND r.slot = ${slot} AND p.device_id = ANY(${deviceIds}::uuid[])
      AND r.state IN ('draft', 'pending-approval', 'scheduled', 'running', 'paused', 'aborting', 'rolling-back') AND p.finished_at IS NULL
    GROUP BY r.id ORDER BY devices DESC, r.id DESC LIMIT ${MAX_OVERLAPS}`;
}

export async function insertDryRun(
  { tx, organizationId }: Scope,
  rolloutId: string,
  { at, ...content }: StoredDryRun,
): Promise<void> {
  await tx.rolloutDryRun.create({ data: { organizationId, rolloutId, at, content: asJson(content) } });
}

/** What was promised when the rollout was made; null for a roll back. Times inside are text. */
export async function findDryRun({ tx, organizationId }: Scope, rolloutId: string): Promise<StoredDryRun | null> {
  const row = await tx.rolloutDryRun.findUnique({ where: { organizationId_rolloutId: { organizationId, rolloutId } } });
  return row ? { at: row.at, ...(row.content as unknown as Omit<StoredDryRun, 'at'>) } : null;
}
