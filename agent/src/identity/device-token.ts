import { type KeyObject, randomUUID } from 'node:crypto';
import { DEVICE_JWT_AUDIENCE, DEVICE_JWT_MAX_AGE_S } from '@flotilla/protocol';
import { SignJWT } from 'jose';

/** A fresh ES256 token for one HTTPS call, signed by the device key. */
export function signDeviceToken(deviceId: string, key: KeyObject, nowMs: number): Promise<string> {
  const issuedAtS = Math.floor(nowMs / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256' })
    .setSubject(deviceId)
    .setAudience(DEVICE_JWT_AUDIENCE)
    .setIssuedAt(issuedAtS)
    .setExpirationTime(issuedAtS + DEVICE_JWT_MAX_AGE_S)
    .setJti(randomUUID())
    .sign(key);
}
