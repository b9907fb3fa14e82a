import type { RenewResponse } from '@flotilla/protocol';
import { writeAudit } from '../../db/audit.ts';
import { certificateStanding, insertCertificate } from '../../db/certificates.ts';
import { findDevice, findDeviceByKey, lockDevice } from '../../db/devices-identity.ts';
import { notifyLive } from '../../db/notify.ts';
import { inTenant } from '../../db/scope.ts';
import type { Actor } from '../../domain/access/actor.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';
import { takeAttempt } from '../limits/rate-limit.ts';
import { CERTIFICATES_BY_DEVICE } from './certificate-limit.ts';
import { decommissionedDevice, revokedDevice } from './refusals.ts';

/** A device that was off when its certificate ended may still renew it for so long. */
const GRACE_MS = 30 * 24 * 3_600_000;

/**
 * A new certificate for the same device and key. The old one stays good until it ends.
 * @throws AppError with reason csr, key_changed, device_decommissioned, device_revoked, certificate_lapsed or rate_limited.
 */
export async function renewCertificate(
  deps: Pick<Deps, 'db' | 'now' | 'ca'>,
  actor: Extract<Actor, { kind: 'device' }>,
  input: { csr: string },
): Promise<RenewResponse> {
  const { deviceId, organizationId } = actor;
  const key = await deps.ca.readRequest(input.csr);
  await takeAttempt(deps, CERTIFICATES_BY_DEVICE, deviceId);
  const now = deps.now();
  const certificate = await deps.ca.issue({ deviceId, publicKeyPem: key.publicKeyPem, now });
  await inTenant(deps.db, organizationId, async (scope) => {
    await lockDevice(scope, deviceId);
    const device = await findDevice(scope, deviceId);
    if (!device) throw notFound('device');
    if (device.decommissionedAt !== null) throw decommissionedDevice();
    if ((await findDeviceByKey(scope.tx, key.fingerprint))?.id !== deviceId) throw keyChanged();
    const { lastsUntil } = await certificateStanding(scope, deviceId);
    if (lastsUntil === null) throw revokedDevice();
    if (now.getTime() - lastsUntil.getTime() > GRACE_MS) throw lapsed(lastsUntil);
    await insertCertificate(scope, deviceId, { ...certificate, createdAt: now });
    const detail = { serial: certificate.serial };
    await writeAudit(scope, actor, 'certificate.renew', { kind: 'device', id: deviceId }, detail);
    await notifyLive(scope, 'device', deviceId);
  });
  return { certificate: certificate.pem, ca: deps.ca.certificatePem };
}

function keyChanged(): AppError {
  return new AppError({
    code: 'forbidden',
    reason: 'key_changed',
    userMessage: 'The request is for another key than the one this device enrolled with. Renew with the same key.',
  });
}

function lapsed(endedAt: Date): AppError {
  return new AppError({
    code: 'forbidden',
    reason: 'certificate_lapsed',
    userMessage: `This device's last certificate ended at ${endedAt.toISOString()}, more than 30 days ago. Enroll it again with a new token.`,
  });
}
