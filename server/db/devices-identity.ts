import type { DeviceFacts } from '@flotilla/protocol';
import type { Labels } from '../domain/device/labels.ts';
import type { Db, Tx } from './client.ts';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

export type DeviceIdentity = {
  id: string;
  organizationId: string;
  name: string;
  publicKey: string;
  enrollmentTokenId: string | null;
  decommissionedAt: Date | null;
};

const identity = {
  id: true,
  organizationId: true,
  name: true,
  publicKey: true,
  enrollmentTokenId: true,
  decommissionedAt: true,
} as const;

/** A device by its key, in whichever organization: only who holds the key can ask. */
export async function findDeviceByKey(db: Tx, keyFingerprint: string): Promise<DeviceIdentity | null> {
  return db.device.findUnique({ where: { keyFingerprint }, select: identity });
}

/** A device by its id, in whichever organization: for authentication, before the organization is known. */
export async function findDeviceIdentity(db: Db, id: string): Promise<DeviceIdentity | null> {
  return db.device.findUnique({ where: { id }, select: identity });
}

export async function findDevice(scope: Scope, id: string): Promise<(DeviceIdentity & { labels: Labels }) | null> {
  const row = await scope.tx.device.findFirst({
    where: { organizationId: scope.organizationId, id },
    select: { ...identity, labels: { orderBy: { key: 'asc' } } },
  });
  if (!row) return null;
  return { ...row, labels: Object.fromEntries(row.labels.map(({ key, value }) => [key, value])) };
}

/** Which of these names devices of the organization have. */
export async function takenNames({ tx, organizationId }: Scope, names: string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.device.findMany({ where: { organizationId, name: { in: names } }, select: { name: true } });
  return new Set(rows.map(({ name }) => name));
}

/** Until the transaction ends, no other device of the organization searches for a number behind this name. */
export async function lockName({ tx, organizationId }: Scope, name: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`device-name:${organizationId}:${name}`}, 0))`;
}

export type NewDevice = {
  id: string;
  name: string;
  publicKey: string;
  keyFingerprint: string;
  enrollmentTokenId: string;
  facts: DeviceFacts;
  createdAt: Date;
};

/** False when the name or the key is taken, also by a transaction that commits while this one waits for it. */
export async function insertDevice({ tx, organizationId }: Scope, device: NewDevice): Promise<boolean> {
  const data = { ...device, organizationId, facts: asJson(device.facts) };
  const { count } = await tx.device.createMany({ data: [data], skipDuplicates: true });
  return count > 0;
}

/** Makes the labels of a device exactly these. */
export async function replaceLabels({ tx, organizationId }: Scope, deviceId: string, labels: Labels): Promise<void> {
  await tx.deviceLabel.deleteMany({ where: { organizationId, deviceId } });
  const data = Object.entries(labels).map(([key, value]) => ({ organizationId, deviceId, key, value }));
  if (data.length > 0) await tx.deviceLabel.createMany({ data });
}

/** @throws a unique violation when another device of the organization has this name. */
export async function renameDevice({ tx, organizationId }: Scope, id: string, name: string): Promise<void> {
  await tx.device.updateMany({ where: { organizationId, id }, data: { name } });
}

/** Holds the device until the transaction ends, so that a revocation and a new certificate cannot pass each other unseen. */
export async function lockDevice({ tx, organizationId }: Scope, id: string): Promise<void> {
  await tx.$executeRaw`
    SELECT 1 FROM device WHERE organization_id = ${organizationId}::uuid AND id = ${id}::uuid FOR NO KEY UPDATE`;
}

/** Notes with which token a device came (back). */
export async function setEnrollmentToken({ tx, organizationId }: Scope, id: string, tokenId: string): Promise<void> {
  await tx.device.updateMany({ where: { organizationId, id }, data: { enrollmentTokenId: tokenId } });
}

/** False when it was decommissioned already. */
export async function markDecommissioned({ tx, organizationId }: Scope, id: string, now: Date): Promise<boolean> {
  const { count } = await tx.device.updateMany({
    where: { organizationId, id, decommissionedAt: null },
    data: { decommissionedAt: now, online: false, onlineChangedAt: now },
  });
  return count > 0;
}
