import type { DeploymentState } from '../domain/rollout/states.ts';
import { Prisma } from './generated/client.ts';
import { type ColumnsOf, epochMs, rowsOf, selectColumns, selectRows } from './json-columns.ts';
import { type Member, memberColumns, membersQuery } from './rollout-members.ts';
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
};

type ReadMember = Omit<MemberRow, 'stateSince' | 'lastHeardAt'> & { stateSinceMs: number; lastHeardMs: number | null };

const namedColumns: { [Name in keyof ReadMember]: Prisma.Sql } = {
  deploymentId: Prisma.sql`p.id`,
  deviceId: Prisma.sql`d.id`,
  deviceName: Prisma.sql`d.name`,
  wavePosition: Prisma.sql`p.wave_position`,
  state: Prisma.sql`p.state`,
  stateSinceMs: epochMs('p.state_since'),
  reasonCode: Prisma.sql`p.reason ->> 'code'`,
  reasonDetail: Prisma.sql`p.reason ->> 'detail'`,
  nextTryAt: Prisma.sql`(p.reason ->> 'nextTryAt')::float8`,
  bytes: Prisma.sql`(p.progress ->> 'bytes')::float8`,
  totalBytes: Prisma.sql`(p.progress ->> 'totalBytes')::float8`,
  online: Prisma.sql`d.online`,
  lastHeardMs: epochMs('d.last_heard_at'),
};

/** Every device of a rollout with its state, in wave order: there may be ten thousand. */
export async function listMembers({ tx, organizationId }: Scope, rolloutId: string): Promise<MemberRow[]> {
  const rows = await selectRows<ReadMember>(
    tx,
    namedColumns,
    Prisma.sql`FROM deployment p JOIN device d ON d.id = p.device_id
      WHERE p.organization_id = ${organizationId}::uuid AND p.rollout_id = ${rolloutId}::uuid ORDER BY p.wave_position, d.name`,
  );
  return rows.map(toRow);
}

/** The devices of a rollout, or one of them, for the engine's eyes (`members`) and for a person's, read once. */
export async function readForBoth(
  scope: Scope,
  rolloutId: string,
  deviceId?: string,
): Promise<{ members: ColumnsOf<Member> | null; rows: MemberRow[] }> {
  const columns = { ...memberColumns, ...namedColumns };
  const found = await selectColumns<Member & ReadMember>(scope.tx, columns, membersQuery(scope, rolloutId, deviceId));
  return { members: found, rows: found ? rowsOf<ReadMember>(found).map(toRow) : [] };
}

function toRow({ stateSinceMs, lastHeardMs, ...row }: ReadMember): MemberRow {
  return {
    ...row,
    stateSince: new Date(stateSinceMs),
    lastHeardAt: lastHeardMs === null ? null : new Date(lastHeardMs),
  };
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
