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

/** A device that a rollout left out when it was made: the release does not fit it, or it served it before. */
export type LeftOut = Pick<DryRunDevice, 'deviceId' | 'name'> & {
  verdict: Exclude<DryRunDevice['verdict'], { kind: 'will-update' }>;
};

/** All that were left out, or one of them if it was; `at` is when. Null for a roll back, which has no dry run. */
export async function findLeftOut(
  { tx, organizationId }: Scope,
  rolloutId: string,
  deviceId?: string,
): Promise<{ at: Date; devices: LeftOut[] } | null> {
  const path = deviceId === undefined ? LEFT_OUT : `${LEFT_OUT} ? (@.deviceId == $id)`;
  const [row] = await tx.$queryRaw<{ at: Date; devices: LeftOut[] }[]>`
    SELECT at, jsonb_path_query_array(content, ${path}::jsonpath, jsonb_build_object('id', ${deviceId ?? ''}::text)) AS devices
    FROM rollout_dry_run WHERE organization_id = ${organizationId}::uuid AND rollout_id = ${rolloutId}::uuid`;
  return row ?? null;
}

const LEFT_OUT = '$.devices[*] ? (@.verdict.kind != "will-update")';
