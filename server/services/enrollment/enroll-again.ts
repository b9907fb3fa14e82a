import { writeAudit } from '../../db/audit.ts';
import { certificateStanding, insertCertificate } from '../../db/certificates.ts';
import { type DeviceIdentity, lockDevice, setEnrollmentToken } from '../../db/devices-identity.ts';
import { takeUse } from '../../db/enrollment-tokens.ts';
import { notifyLive } from '../../db/notify.ts';
import { inTenant, type Scope } from '../../db/scope.ts';
import { tokenState } from '../../domain/device/token-state.ts';
import { takeAttempt } from '../limits/rate-limit.ts';
import { CERTIFICATES_BY_DEVICE } from './certificate-limit.ts';
import type { EnrollDeps, ProvenToken } from './enroll-device.ts';
import { decommissionedDevice, foreignToken, revokedDevice, unusableToken } from './refusals.ts';

/**
 * A fresh certificate for a device that is known by its key; its name and labels stay. The token that it once came with is good for that
 * even when it is used up, for its use was this device's. After a revocation only a token made since lets it in, and loses a use.
 */
export async function enrollAgain(
  deps: EnrollDeps,
  token: ProvenToken,
  device: DeviceIdentity,
): Promise<{ deviceId: string; certificatePem: string }> {
  const { id, organizationId } = device;
  if (organizationId !== token.organizationId) throw foreignToken();
  if (device.decommissionedAt !== null) throw decommissionedDevice();
  const now = deps.now();
  const state = tokenState(token, now);
  const isOwnUse = state === 'used-up' && device.enrollmentTokenId === token.id;
  if (state !== 'active' && !isOwnUse) throw unusableToken(state, token);
  await takeAttempt(deps, CERTIFICATES_BY_DEVICE, id);
  const certificate = await deps.ca.issue({ deviceId: id, publicKeyPem: device.publicKey, now });
  await inTenant(deps.db, organizationId, async (scope) => {
    await lockDevice(scope, id);
    await requireStanding(scope, token, id, now);
    await insertCertificate(scope, id, { ...certificate, createdAt: now });
    const actor = { kind: 'device', organizationId, deviceId: id } as const;
    const detail = { tokenId: token.id, serial: certificate.serial };
    await writeAudit(scope, actor, 'device.enroll-again', { kind: 'device', id }, detail);
    await notifyLive(scope, 'device', id);
  });
  return { deviceId: id, certificatePem: certificate.pem };
}

async function requireStanding(scope: Scope, token: ProvenToken, deviceId: string, now: Date): Promise<void> {
  const { lastsUntil, revokedAt } = await certificateStanding(scope, deviceId);
  if (lastsUntil !== null || revokedAt === null) return;
  if (token.createdAt <= revokedAt) throw revokedDevice();
  if (!(await takeUse(scope, token.id, now))) throw unusableToken('used-up', token);
  await setEnrollmentToken(scope, deviceId, token.id);
}
