import type { DeploymentState } from '../domain/rollout/states.ts';
import type { Scope } from './scope.ts';

/** Deployments of each rollout, by state. */
export async function countDeployments(
  { tx, organizationId }: Scope,
  rolloutIds: readonly string[],
): Promise<Map<string, Partial<Record<DeploymentState, number>>>> {
  const rows = await tx.deployment.groupBy({
    by: ['rolloutId', 'state'],
    where: { organizationId, rolloutId: { in: [...rolloutIds] } },
    _count: true,
  });
  const counts = new Map<string, Partial<Record<DeploymentState, number>>>();
  for (const { rolloutId, state, _count } of rows) counts.set(rolloutId, { ...counts.get(rolloutId), [state]: _count });
  return counts;
}

export type MemberRow = {
  deploymentId: string;
  deviceId: string;
  deviceName: string;
  wavePosition: number;
  state: DeploymentState;
  stateSince: Date;
  reasonCode: string | null;
  reasonDetail: string | null;
  nextTryAt: number | null;
  bytes: number | null;
  totalBytes: number | null;
  online: boolean;
  lastHeardAt: Date | null;
  previousReleaseId: string | null;
};

/** Every device of a rollout with its state, in wave order: small rows, because there may be ten thousand. */
export async function listMembers({ tx, organizationId }: Scope, rolloutId: string): Promise<MemberRow[]> {
  return tx.$queryRaw<MemberRow[]>`
    SELECT p.id AS "deploymentId", d.id AS "deviceId", d.name AS "deviceName", p.wave_position AS "wavePosition", p.state, p.state_since AS "stateSince",
      p.reason ->> 'code' AS "reasonCode", p.reason ->> 'detail' AS "reasonDetail", (p.reason ->> 'nextTryAt')::float8 AS "nextTryAt",
      (p.progress ->> 'bytes')::float8 AS bytes, (p.progress ->> 'totalBytes')::float8 AS "totalBytes", d.online, d.last_heard_at AS "lastHeardAt", p.previous_release_id AS "previousReleaseId"
    FROM deployment p JOIN device d ON d.id = p.device_id
    WHERE p.organization_id = ${organizationId}::uuid AND p.rollout_id = ${rolloutId}::uuid ORDER BY p.wave_position, d.name`;
}

/** The releases that the devices of a rollout come from, as far as they were told; most devices first. */
export async function countSources(
  { tx, organizationId }: Scope,
  rolloutId: string,
): Promise<{ releaseId: string | null; devices: number }[]> {
  const rows = await tx.deployment.groupBy({
    by: ['previousReleaseId'],
    where: { organizationId, rolloutId, state: { notIn: ['queued', 'cancelled'] } },
    _count: true,
  });
  return rows
    .map(({ previousReleaseId, _count }) => ({ releaseId: previousReleaseId, devices: _count }))
    .sort((a, b) => b.devices - a.devices);
}

/** Names of the people behind ids. */
export async function userNames({ tx }: Scope, ids: readonly (string | null)[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids.flatMap((id) => (id ? [id] : [])))];
  if (wanted.length === 0) return new Map();
  const rows = await tx.user.findMany({ where: { id: { in: wanted } }, select: { id: true, name: true } });
  return new Map(rows.map(({ id, name }) => [id, name]));
}
