import type { Db, Tx } from './client.ts';
import type { Scope } from './scope.ts';

export type CertificateRow = { serial: string; pem: string; notBefore: Date; notAfter: Date };

export async function insertCertificate(
  { tx, organizationId }: Scope,
  deviceId: string,
  certificate: CertificateRow & { createdAt: Date },
): Promise<void> {
  await tx.certificate.create({ data: { ...certificate, organizationId, deviceId } });
}

/** Revokes all certificates of a device that are not yet. Says how many that were. */
export async function markCertificatesRevoked(
  { tx, organizationId }: Scope,
  deviceId: string,
  now: Date,
): Promise<number> {
  const { count } = await tx.certificate.updateMany({
    where: { organizationId, deviceId, revokedAt: null },
    data: { revokedAt: now },
  });
  return count;
}

/** Where a device stands: until when its newest certificate that is not revoked lasts, and when one was last revoked. */
export type CertificateStanding = { lastsUntil: Date | null; revokedAt: Date | null };

export async function certificateStanding(
  { tx, organizationId }: Scope,
  deviceId: string,
): Promise<CertificateStanding> {
  const good = await tx.certificate.aggregate({
    where: { organizationId, deviceId, revokedAt: null },
    _max: { notAfter: true },
  });
  const revoked = await tx.certificate.aggregate({ where: { organizationId, deviceId }, _max: { revokedAt: true } });
  return { lastsUntil: good._max.notAfter, revokedAt: revoked._max.revokedAt };
}

/** The organization of a device that may connect with this certificate; null when either is unknown, revoked or decommissioned. */
export async function findConnectable(
  db: Db,
  deviceId: string,
  serial: string,
): Promise<{ organizationId: string } | null> {
  return db.certificate.findFirst({
    where: { serial, deviceId, revokedAt: null, device: { decommissionedAt: null } },
    select: { organizationId: true },
  });
}

/** What lost its right to connect since then: serial numbers of certificates, and ids of devices. */
export async function findCutOff(tx: Tx, since: Date): Promise<{ serials: string[]; deviceIds: string[] }> {
  const rows = await tx.$queryRaw<{ serial: string | null; deviceId: string | null }[]>`
    SELECT serial, NULL::uuid AS "deviceId" FROM certificate WHERE revoked_at >= ${since}::timestamptz
    UNION ALL SELECT NULL, id FROM device WHERE decommissioned_at >= ${since}::timestamptz`;
  return {
    serials: rows.flatMap(({ serial }) => serial ?? []),
    deviceIds: rows.flatMap(({ deviceId }) => deviceId ?? []),
  };
}

export type RevokedCertificate = { serial: string; deviceId: string; revokedAt: Date; isDecommissioned: boolean };

/** A certificate that ran out is refused without a list; those whose clock is behind get a day. */
const LISTED_AFTER_END_MS = 86_400_000;

/** Every certificate that has not run out and whose holder lost the right to connect: what a revocation list must name. */
export async function findRevoked(tx: Tx, now: Date): Promise<RevokedCertificate[]> {
  const rows = await tx.certificate.findMany({
    where: {
      notAfter: { gt: new Date(now.getTime() - LISTED_AFTER_END_MS) },
      OR: [{ revokedAt: { not: null } }, { device: { decommissionedAt: { not: null } } }],
    },
    select: { serial: true, deviceId: true, revokedAt: true, device: { select: { decommissionedAt: true } } },
    orderBy: { serial: 'asc' },
  });
  return rows.map(({ serial, deviceId, revokedAt, device }) => ({
    serial,
    deviceId,
    revokedAt: revokedAt ?? device.decommissionedAt ?? now,
    isDecommissioned: device.decommissionedAt !== null,
  }));
}
