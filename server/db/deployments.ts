import type { ProofReport, Reason } from '@flotilla/protocol';
import { type DeploymentState, finishedStates } from '../domain/rollout/states.ts';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

export type StoredDeployment = {
  id: string;
  rolloutId: string;
  wavePosition: number;
  deviceId: string;
  deviceName: string;
  slot: string;
  releaseId: string | null;
  previousReleaseId: string | null;
  state: DeploymentState;
  stateSince: Date;
  reason: Reason | null;
  progress: { bytes: number; totalBytes: number } | null;
  proof: ProofReport | null;
  attempts: number;
  tries: number;
  notifiedAt: Date | null;
  finishedAt: Date | null;
};

export type NewDeployment = {
  wavePosition: number;
  deviceId: string;
  releaseId: string | null;
  /** Refused from the start, because the release does not fit; else it waits. */
  refused?: Reason;
};

/** Ten thousand rows as arrays: row by row, the query alone would take seconds to make. */
export async function insertDeployments(
  { tx, organizationId }: Scope,
  rolloutId: string,
  slot: string,
  rows: readonly NewDeployment[],
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO deployment (organization_id, rollout_id, slot, wave_position, device_id, release_id, state, reason)
    SELECT ${organizationId}::uuid, ${rolloutId}::uuid, ${slot}, g.wave, g.device, g.release,
      CASE WHEN g.refused IS NULL THEN 'queued' ELSE 'rejected' END, g.refused::jsonb
    FROM unnest(${rows.map(({ wavePosition }) => wavePosition)}::int[], ${rows.map(({ deviceId }) => deviceId)}::uuid[],
      ${rows.map(({ releaseId }) => releaseId)}::uuid[], ${rows.map(({ refused }) => (refused ? JSON.stringify(refused) : null))}::text[])
      AS g (wave, device, release, refused)`;
}

export type DeploymentFilter = {
  rolloutId?: string;
  deviceId?: string;
  state?: DeploymentState;
  limit: number;
  before?: string | undefined;
};

/** Newest first. */
export async function listDeployments(
  { tx, organizationId }: Scope,
  { limit, before, ...filter }: DeploymentFilter,
): Promise<StoredDeployment[]> {
  const where = { organizationId, ...filter, ...(before ? { id: { lt: before } } : {}) };
  const rows = await tx.deployment.findMany({
    where,
    include: { device: { select: { name: true } } },
    orderBy: { id: 'desc' },
    take: limit,
  });
  return rows.map(({ device, organizationId: _, state, reason, progress, proof, ...row }) => ({
    ...row,
    deviceName: device.name,
    state: state as DeploymentState,
    reason: reason as Reason | null,
    progress: progress as StoredDeployment['progress'],
    proof: proof as ProofReport | null,
  }));
}

export type Notified = { id: string; deviceId: string; slot: string; releaseId: string | null };

/** Tells waiting deployments to move, remembering what each device served when it was told first. Returns those that still waited. */
export async function markNotified(
  { tx, organizationId }: Scope,
  ids: readonly string[],
  at: Date,
): Promise<Notified[]> {
  return tx.$queryRaw<Notified[]>`
    UPDATE deployment d SET state = 'notified', state_since = ${at}::timestamptz, notified_at = ${at}::timestamptz, tries = d.tries + 1, finished_at = NULL, reason = NULL,
      previous_release_id = CASE WHEN d.tries > 0 THEN d.previous_release_id
        ELSE (SELECT s.serving_release_id FROM device_slot s WHERE s.device_id = d.device_id AND s.slot = d.slot) END
    WHERE d.organization_id = ${organizationId}::uuid AND d.id = ANY(${ids}::uuid[]) AND d.state IN ('queued', 'failed', 'timed-out')
    RETURNING d.id, d.device_id AS "deviceId", d.slot, d.release_id AS "releaseId"`;
}

/**
 * A device takes part in one deployment per slot at a time: those of older rollouts give way, also one that would be told again. A newer
 * rollout that has not reached the device yet keeps it.
 */
export async function supersedeOthers(
  { tx, organizationId }: Scope,
  rolloutId: string,
  slot: string,
  deviceIds: readonly string[],
  at: Date,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE deployment SET state = 'superseded', state_since = ${at}::timestamptz, finished_at = ${at}::timestamptz, reason = ${JSON.stringify(SUPERSEDED)}::jsonb
    WHERE organization_id = ${organizationId}::uuid AND device_id = ANY(${deviceIds}::uuid[]) AND slot = ${slot}
      AND rollout_id < ${rolloutId}::uuid AND (state <> ALL(${[...finishedStates]}::text[]) OR (state IN ('failed', 'timed-out')
        AND EXISTS (SELECT FROM rollout r WHERE r.id = deployment.rollout_id AND r.state IN ('running', 'paused'))))`;
}

const SUPERSEDED: Reason = { code: 'superseded.newer', detail: 'A newer rollout moves this device.', retry: 'never' };

/** Ends deployments on the server's own decision. */
export async function closeDeployments(
  { tx, organizationId }: Scope,
  rolloutId: string,
  from: { ids: readonly string[] } | { state: 'queued' },
  state: 'timed-out' | 'cancelled' | 'reverted',
  at: Date,
  reason: Reason,
): Promise<number> {
  const which = 'ids' in from ? { id: { in: [...from.ids] } } : { state: from.state };
  const { count } = await tx.deployment.updateMany({
    where: { organizationId, rolloutId, ...which },
    data: { state, stateSince: at, finishedAt: at, reason: asJson(reason) },
  });
  return count;
}

/** Every device that a rollout told to move, with what it served before: what a roll back must bring back. */
export async function listMoved(
  { tx, organizationId }: Scope,
  rolloutId: string,
): Promise<{ deviceId: string; previousReleaseId: string | null }[]> {
  return tx.deployment.findMany({
    where: { organizationId, rolloutId, notifiedAt: { not: null }, state: { not: 'superseded' } },
    select: { deviceId: true, previousReleaseId: true },
  });
}
