import { DEVICE_JWT_AUDIENCE, DEVICE_JWT_MAX_AGE_S } from '@flotilla/protocol';
import { decodeJwt, errors, importSPKI, jwtVerify } from 'jose';
import * as z from 'zod';
import { certificateStanding } from '../db/certificates.ts';
import { type DeviceIdentity, findDeviceIdentity } from '../db/devices-identity.ts';
import { forTenant } from '../db/scope.ts';
import type { Actor } from '../domain/access/actor.ts';
import { AppError } from '../domain/errors.ts';
import type { Deps } from '../services/deps.ts';

/** How far a device's clock may be ahead. */
const CLOCK_TOLERANCE_S = 60;

const MAX_JWT_LENGTH = 4_096;

export type AuthenticatedDevice = { actor: Extract<Actor, { kind: 'device' }>; device: DeviceIdentity };

/**
 * Which device signed this bearer JWT: ES256 by the key it enrolled with, `sub` its id, ending within five minutes. A certificate that has
 * run out does not matter, one that was revoked does.
 * @throws AppError `unauthenticated`, reason `jwt`, `clock` (with `details.serverTime`), `device_unknown`, `device_revoked` or `device_decommissioned`.
 */
export async function authenticateDevice(
  deps: Pick<Deps, 'db' | 'now'>,
  bearerJwt: string,
): Promise<AuthenticatedDevice> {
  const device = await findDeviceIdentity(deps.db, subjectOf(bearerJwt));
  if (!device) throw refusal('device_unknown', 'This device is not known here. Enroll it again.');
  await verify(deps, device, bearerJwt);
  if (device.decommissionedAt !== null) {
    throw refusal(
      'device_decommissioned',
      'This device was decommissioned. Delete its key and state to enroll it anew.',
    );
  }
  const { organizationId, id: deviceId } = device;
  const { lastsUntil } = await certificateStanding(forTenant(deps.db, organizationId), deviceId);
  if (lastsUntil === null) {
    throw refusal('device_revoked', "This device's certificates were revoked. Enroll it again with a new token.");
  }
  return { actor: { kind: 'device', organizationId, deviceId }, device };
}

/** Who it claims to be, only to find the key that proves it. */
function subjectOf(jwt: string): string {
  try {
    if (jwt.length <= MAX_JWT_LENGTH) return z.uuid().parse(decodeJwt(jwt).sub);
  } catch {
    // Falls through: what it is instead does not matter.
  }
  throw refusal('jwt', 'The Authorization header does not carry a JWT of a device.');
}

async function verify(deps: Pick<Deps, 'now'>, device: DeviceIdentity, jwt: string): Promise<void> {
  const now = deps.now();
  try {
    const key = await importSPKI(device.publicKey, 'ES256');
    const { payload } = await jwtVerify(jwt, key, {
      algorithms: ['ES256'],
      audience: DEVICE_JWT_AUDIENCE,
      subject: device.id,
      requiredClaims: ['exp', 'sub', 'aud'],
      currentDate: now,
    });
    const leftS = (payload.exp ?? 0) - now.getTime() / 1000;
    if (leftS > DEVICE_JWT_MAX_AGE_S + CLOCK_TOLERANCE_S) throw wrongClock(now);
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) throw wrongClock(now, cause);
    if (cause instanceof errors.JOSEError)
      throw refusal('jwt', "The JWT is not signed by this device's key for this server.", cause);
    throw cause;
  }
}

function wrongClock(now: Date, cause?: unknown): AppError {
  return new AppError({
    code: 'unauthenticated',
    reason: 'clock',
    userMessage: `The JWT is expired, or good for more than ${DEVICE_JWT_MAX_AGE_S} s. Set the device's clock (see GET time) and sign a new one.`,
    details: { serverTime: now.getTime() },
    cause,
  });
}

function refusal(reason: string, userMessage: string, cause?: unknown): AppError {
  return new AppError({ code: 'unauthenticated', reason, userMessage, cause });
}
