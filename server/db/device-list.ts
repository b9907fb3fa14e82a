import { KnownFacts } from '../domain/device/facts.ts';
import type { DeploymentState } from '../domain/rollout/states.ts';
import { selectorCondition } from './device-filter.ts';
import { Prisma } from './generated/client.ts';
import type { Scope } from './scope.ts';

export type DeviceRow = {
  id: string;
  name: string;
  labels: Record<string, string>;
  facts: KnownFacts;
  createdAt: Date;
  decommissionedAt: Date | null;
  online: boolean;
  onlineChangedAt: Date | null;
  lastHeardAt: Date | null;
  clockOffsetMs: number | null;
  reportedGeneration: number;
  /** What the device's default slot serves. */
  serving: { releaseId: string; versionId: string; modelName: string; version: string; since: Date | null } | null;
  /** The newest deployment of the device. */
  deployment: {
    id: string;
    rolloutId: string;
    state: DeploymentState;
    stateSince: Date;
    reasonCode: string | null;
    version: string | null;
    bytes: number | null;
    totalBytes: number | null;
  } | null;
};

export type DeviceFilter = {
  ids?: readonly string[] | undefined;
  servingVersionId?: string | undefined;
  q?: string | undefined;
  selector?: string | undefined;
  after?: string | undefined;
  limit: number;
  includeDecommissioned?: boolean | undefined;
};

type Raw = Omit<DeviceRow, 'facts'> & { facts: unknown };

/** The devices that a filter holds, as the condition of a query over `device d`. The version is that of `v`. */
export function deviceConditions({ organizationId }: Scope, filter: DeviceFilter): Prisma.Sql {
  const conditions = [
    Prisma.sql`d.organization_id = ${organizationId}::uuid`,
    filter.includeDecommissioned ? Prisma.sql`TRUE` : Prisma.sql`d.decommissioned_at IS NULL`,
    filter.ids ? Prisma.sql`d.id = ANY(${filter.ids}::uuid[])` : Prisma.sql`TRUE`,
    filter.q ? Prisma.sql`d.name ILIKE ${`%${filter.q.replaceAll(/[\\%_]/g, '\\$&')}%`}` : Prisma.sql`TRUE`,
    filter.servingVersionId ? Prisma.sql`v.id = ${filter.servingVersionId}::uuid` : Prisma.sql`TRUE`,
    selectorCondition(filter.selector ?? ''),
    filter.after ? Prisma.sql`d.name > ${filter.after}` : Prisma.sql`TRUE`,
  ];
  return Prisma.join(conditions, ' AND ');
}

/** The newest deployment of a device `d` that was not called back or overtaken. */
export const NEWEST_DEPLOYMENT = Prisma.sql`SELECT * FROM deployment x WHERE x.organization_id = d.organization_id AND x.device_id = d.id
  AND x.state NOT IN ('superseded', 'cancelled') ORDER BY x.id DESC LIMIT 1`;

/** Devices in order of name, with what they serve and how their newest deployment stands. `after` is the name of the last one seen. */
export async function listDeviceRows(scope: Scope, filter: DeviceFilter): Promise<DeviceRow[]> {
  const rows = await scope.tx.$queryRaw<Raw[]>(Prisma.sql`
    SELECT d.id, d.name, d.facts, d.created_at AS "createdAt", d.decommissioned_at AS "decommissionedAt", d.online, d.online_changed_at AS "onlineChangedAt",
      d.last_heard_at AS "lastHeardAt", d.clock_offset_ms AS "clockOffsetMs", d.reported_generation::float8 AS "reportedGeneration",
      coalesce((SELECT jsonb_object_agg(l.key, l.value) FROM device_label l WHERE l.device_id = d.id), '{}') AS labels,
      CASE WHEN r.id IS NULL THEN NULL ELSE jsonb_build_object('releaseId', r.id, 'versionId', v.id, 'modelName', m.name, 'version', v.version, 'since', s.serving_since) END AS serving,
      CASE WHEN p.id IS NULL THEN NULL ELSE jsonb_build_object('id', p.id, 'rolloutId', p.rollout_id, 'state', p.state, 'stateSince', p.state_since,
        'reasonCode', p.reason ->> 'code', 'version', pv.version, 'bytes', p.progress -> 'bytes', 'totalBytes', p.progress -> 'totalBytes') END AS deployment
    FROM device d
      LEFT JOIN device_slot s ON s.device_id = d.id AND s.slot = 'default'
      LEFT JOIN release r ON r.id = s.serving_release_id AND r.organization_id = d.organization_id
      LEFT JOIN model_version v ON v.id = r.version_id LEFT JOIN model m ON m.id = v.model_id
      LEFT JOIN LATERAL (${NEWEST_DEPLOYMENT}) p ON TRUE
      LEFT JOIN release pr ON pr.id = p.release_id LEFT JOIN model_version pv ON pv.id = pr.version_id
    WHERE ${deviceConditions(scope, filter)} ORDER BY d.name COLLATE "C" LIMIT ${filter.limit}`);
  return rows.map(toRow);
}

function toRow(raw: Raw): DeviceRow {
  const { serving, deployment } = raw;
  return {
    ...raw,
    facts: KnownFacts.catch({}).parse(raw.facts),
    serving: serving && { ...serving, since: serving.since && new Date(serving.since) },
    deployment: deployment && { ...deployment, stateSince: new Date(deployment.stateSince) },
  };
}

/** The devices that a selector holds now, decommissioned ones too: what they measured is still theirs. @throws AppError `invalid` */
export async function listDeviceIds({ tx, organizationId }: Scope, selector: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT d.id FROM device d WHERE d.organization_id = ${organizationId}::uuid AND ${selectorCondition(selector)}`);
  return rows.map(({ id }) => id);
}

/** Names of devices, decommissioned ones too. */
export async function listDeviceNames(
  { tx, organizationId }: Scope,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await tx.device.findMany({
    where: { organizationId, id: { in: [...ids] } },
    select: { id: true, name: true },
  });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Keys of all labels in use, in order. */
export async function listLabelKeys({ tx, organizationId }: Scope): Promise<string[]> {
  const rows = await tx.deviceLabel.findMany({
    where: { organizationId },
    select: { key: true },
    distinct: ['key'],
    orderBy: { key: 'asc' },
  });
  return rows.map(({ key }) => key);
}

/** Devices in the fleet that are not decommissioned. */
export async function countDevices({ tx, organizationId }: Scope): Promise<number> {
  return await tx.device.count({ where: { organizationId, decommissionedAt: null } });
}
