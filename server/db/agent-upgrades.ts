import { AgentReport, type Reason } from '@flotilla/protocol';
import type { UpgradeDevice, UpgradeDeviceState } from '../domain/agent-upgrade/step.ts';
import { connectivityOf } from '../domain/device/axes.ts';
import type { Db } from './client.ts';
import { selectorCondition } from './device-filter.ts';
import { Prisma } from './generated/client.ts';
import { findListening } from './listening.ts';
import type { Scope } from './scope.ts';

export type StoredUpgrade = {
  id: string;
  version: string;
  selector: string | null;
  firstDevices: number;
  stableS: number;
  state: 'running' | 'done' | 'stopped';
  stoppedBy: 'device' | 'person' | null;
  createdById: string | null;
  createdAt: Date;
  finishedAt: Date | null;
};

/** A device that an upgrade may take. `report` is null for an agent that does not know upgrades. */
export type UpgradeCandidate = { deviceId: string; name: string; isReachable: boolean; report: AgentReport | null };

/** Upgrades that a page shows: the newest. */
const MAX_UPGRADES = 50;

/** The devices that a selector holds, or these; in order of name. @throws AppError `invalid` */
export async function listUpgradeCandidates(
  { tx, organizationId }: Scope,
  by: { selector: string } | { deviceIds: readonly string[] },
  now: Date,
): Promise<UpgradeCandidate[]> {
  const listening = await findListening(tx);
  const which = 'selector' in by ? selectorCondition(by.selector) : Prisma.sql`d.id = ANY(${by.deviceIds}::uuid[])`;
  const rows = await tx.$queryRaw<
    { id: string; name: string; online: boolean; lastHeardAt: Date | null; report: unknown }[]
  >(
    Prisma.sql`SELECT d.id, d.name, d.online, d.last_heard_at AS "lastHeardAt", a.report FROM device d LEFT JOIN device_agent a ON a.device_id = d.id
      WHERE d.organization_id = ${organizationId}::uuid AND d.decommissioned_at IS NULL AND ${which} ORDER BY d.name COLLATE "C"`,
  );
  return rows.map(({ id, name, report, ...device }) => ({
    deviceId: id,
    name,
    isReachable: connectivityOf(device, now, listening) === 'online',
    report: reportOf(report),
  }));
}

export async function insertUpgrade(
  { tx, organizationId }: Scope,
  upgrade: Pick<
    StoredUpgrade,
    'id' | 'version' | 'selector' | 'firstDevices' | 'stableS' | 'createdById' | 'createdAt'
  >,
  devices: readonly { deviceId: string; fromVersion: string }[],
): Promise<void> {
  await tx.agentUpgrade.create({ data: { ...upgrade, organizationId } });
  await tx.agentUpgradeDevice.createMany({
    data: devices.map((each) => ({ ...each, organizationId, upgradeId: upgrade.id })),
  });
}

/** Upgrades under way, of all organizations, oldest first. */
export function findOpenUpgrades(db: Db): Promise<{ organizationId: string; id: string }[]> {
  return db.agentUpgrade.findMany({
    where: { finishedAt: null },
    orderBy: { createdAt: 'asc' },
    select: { organizationId: true, id: true },
  });
}

/** An upgrade under way, locked until the transaction ends; null when there is none of that name, or it is over. */
export async function lockUpgrade({ tx, organizationId }: Scope, id: string): Promise<StoredUpgrade | null> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM agent_upgrade WHERE organization_id = ${organizationId}::uuid AND id = ${id}::uuid AND finished_at IS NULL FOR UPDATE`;
  return rows.length === 0 ? null : findUpgrade({ tx, organizationId }, id);
}

export async function findUpgrade({ tx, organizationId }: Scope, id: string): Promise<StoredUpgrade | null> {
  const row = await tx.agentUpgrade.findFirst({ where: { organizationId, id }, omit: { organizationId: true } });
  return row as StoredUpgrade | null;
}

export async function listUpgrades({ tx, organizationId }: Scope): Promise<StoredUpgrade[]> {
  const rows = await tx.agentUpgrade.findMany({
    where: { organizationId },
    omit: { organizationId: true },
    orderBy: { createdAt: 'desc' },
    take: MAX_UPGRADES,
  });
  return rows as StoredUpgrade[];
}

/** The devices of an upgrade as they are now, in the order in which they are told. */
export async function listUpgradeDevices(
  { tx, organizationId }: Scope,
  id: string,
  now: Date,
): Promise<UpgradeDevice[]> {
  const listening = await findListening(tx);
  const rows = await tx.$queryRaw<
    (Pick<UpgradeDevice, 'deviceId' | 'state' | 'toldAt' | 'isGone' | 'wantedOrder'> & {
      online: boolean;
      lastHeardAt: Date | null;
      report: unknown;
    })[]
  >`
    SELECT u.device_id AS "deviceId", u.state, u.told_at AS "toldAt", d.decommissioned_at IS NOT NULL AS "isGone", s.agent ->> 'order' AS "wantedOrder",
      d.online, d.last_heard_at AS "lastHeardAt", a.report
    FROM agent_upgrade_device u JOIN device d ON d.id = u.device_id
      LEFT JOIN desired_state s ON s.device_id = d.id LEFT JOIN device_agent a ON a.device_id = d.id
    WHERE u.organization_id = ${organizationId}::uuid AND u.upgrade_id = ${id}::uuid ORDER BY d.name COLLATE "C"`;
  return rows.map(({ online, lastHeardAt, report, ...row }) => ({
    ...row,
    isReachable: connectivityOf({ online, lastHeardAt }, now, listening) === 'online',
    report: reportOf(report),
  }));
}

export async function markDevices(
  { tx, organizationId }: Scope,
  upgradeId: string,
  deviceIds: readonly string[],
  change: { state: UpgradeDeviceState; toldAt?: Date; finishedAt?: Date; reason?: Reason },
): Promise<void> {
  if (deviceIds.length === 0) return;
  const { reason, ...rest } = change;
  const data = { ...rest, ...(reason && { reason: reason as Prisma.InputJsonObject }) };
  await tx.agentUpgradeDevice.updateMany({
    where: { organizationId, upgradeId, deviceId: { in: [...deviceIds] } },
    data,
  });
}

/** These devices are another upgrade's from now on. */
export async function supersedeDevices(
  { tx, organizationId }: Scope,
  deviceIds: readonly string[],
  now: Date,
): Promise<void> {
  await tx.agentUpgradeDevice.updateMany({
    where: { organizationId, deviceId: { in: [...deviceIds] }, state: { in: ['waiting', 'told'] } },
    data: { state: 'superseded', finishedAt: now },
  });
}

export async function endUpgrade(
  { tx, organizationId }: Scope,
  id: string,
  end: Pick<StoredUpgrade, 'state' | 'stoppedBy'> & { finishedAt: Date },
): Promise<void> {
  await tx.agentUpgrade.updateMany({ where: { organizationId, id }, data: end });
}

/** How many devices of each upgrade are in each state. */
export async function countUpgradeDevices(
  { tx, organizationId }: Scope,
  ids: readonly string[],
): Promise<Map<string, Partial<Record<UpgradeDeviceState, number>>>> {
  const groups = await tx.agentUpgradeDevice.groupBy({
    by: ['upgradeId', 'state'],
    where: { organizationId, upgradeId: { in: [...ids] } },
    _count: true,
  });
  const counts = new Map<string, Partial<Record<UpgradeDeviceState, number>>>();
  for (const { upgradeId, state, _count } of groups)
    counts.set(upgradeId, { ...counts.get(upgradeId), [state]: _count });
  return counts;
}

export type FailedDevice = { upgradeId: string; deviceId: string; name: string; reason: Reason | null };

export async function listFailedDevices(
  { tx, organizationId }: Scope,
  ids: readonly string[],
): Promise<FailedDevice[]> {
  const rows = await tx.agentUpgradeDevice.findMany({
    where: { organizationId, upgradeId: { in: [...ids] }, state: 'failed' },
    select: { upgradeId: true, deviceId: true, reason: true, device: { select: { name: true } } },
  });
  return rows.map(({ device, reason, ...row }) => ({ ...row, name: device.name, reason: reason as Reason | null }));
}

/** How many devices run each version, by what their agents say. */
export async function countAgentVersions({
  tx,
  organizationId,
}: Scope): Promise<{ version: string | null; devices: number }[]> {
  return tx.$queryRaw`
    SELECT coalesce(a.report ->> 'version', d.facts ->> 'agentVersion') AS version, count(*)::int AS devices
    FROM device d LEFT JOIN device_agent a ON a.device_id = d.id
    WHERE d.organization_id = ${organizationId}::uuid AND d.decommissioned_at IS NULL GROUP BY 1 ORDER BY 2 DESC, 1`;
}

/** What this device's agent says of itself; null when it does not know upgrades. */
export async function findAgentReport({ tx, organizationId }: Scope, deviceId: string): Promise<AgentReport | null> {
  const row = await tx.deviceAgent.findFirst({ where: { organizationId, deviceId }, select: { report: true } });
  return reportOf(row?.report ?? null);
}

function reportOf(report: unknown): AgentReport | null {
  return report === null ? null : AgentReport.parse(report);
}
