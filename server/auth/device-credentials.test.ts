import { DEVICE_JWT_AUDIENCE } from '@flotilla/protocol';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decommissionDevice } from '../services/devices/decommission-device.ts';
import { revokeCertificates } from '../services/devices/revoke-certificates.ts';
import type { EnrollDeps } from '../services/enrollment/enroll-device.ts';
import { testDatabase } from '../testing/database.ts';
import { type EnrolledDevice, enrollDeps, enrollTestDevice } from '../testing/enrollment.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { authenticateDevice } from './device-credentials.ts';

const database = testDatabase();
const nowS = () => Math.floor(Date.now() / 1000);
let pki: TestPki;
let deps: EnrollDeps;
let ours: TestOrganization;
let device: EnrolledDevice;
beforeAll(async () => {
  pki = await testPki();
  deps = await enrollDeps(database.db(), pki.dir);
  ours = await createTestOrganization(database.db());
  device = await enrollTestDevice(deps, ours.owner);
});
afterAll(() => pki.remove());

type Claims = { sub?: string; aud?: string; exp?: number };
function jwtOf({ deviceId, keys }: EnrolledDevice, claims: Claims = {}): Promise<string> {
  return new SignJWT({ sub: deviceId, aud: DEVICE_JWT_AUDIENCE, exp: nowS() + 240, ...claims })
    .setProtectedHeader({ alg: 'ES256' })
    .sign(keys.privateKey);
}
const reasonOf = (jwt: string) =>
  authenticateDevice(deps, jwt).then(
    () => 'let in',
    (error) => `${error.code}: ${error.reason}`,
  );

describe('a device’s JWT', () => {
  it('says which device of which organization calls', async () => {
    const { actor, device: row } = await authenticateDevice(deps, await jwtOf(device));
    expect(actor).toEqual({ kind: 'device', organizationId: ours.organizationId, deviceId: device.deviceId });
    expect(row).toMatchObject({ id: device.deviceId, name: 'camera' });
  });

  it('is refused when it names another device, another audience, or is not signed by the key', async () => {
    const other = await enrollTestDevice(deps, ours.owner, 'other');
    const stolenName = await jwtOf(other, { sub: device.deviceId });
    const [header, , signature] = (await jwtOf(device)).split('.');
    const claims = Buffer.from(JSON.stringify({ sub: device.deviceId, aud: DEVICE_JWT_AUDIENCE, exp: nowS() + 60 }));
    const altered = [header, claims.toString('base64url'), signature].join('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const hmac = await new SignJWT({ sub: device.deviceId, aud: DEVICE_JWT_AUDIENCE, exp: nowS() + 60 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(device.publicKeyPem));
    const wrongAudience = await jwtOf(device, { aud: 'someone-else' });
    for (const jwt of [stolenName, altered, `${none}.${claims.toString('base64url')}.`, hmac, wrongAudience]) {
      expect(await reasonOf(jwt)).toBe('unauthenticated: jwt');
    }
  });

  it('is refused when it is not a JWT, or of an unknown device', async () => {
    for (const jwt of ['', 'a.b.c', 'x'.repeat(10_000), await jwtOf(device, { sub: '__proto__' })]) {
      expect(await reasonOf(jwt)).toBe('unauthenticated: jwt');
    }
    const unknown = await jwtOf(device, { sub: '019aa000-0000-7000-8000-000000000001' });
    expect(await reasonOf(unknown)).toBe('unauthenticated: device_unknown');
  });

  it('lives five minutes at most; a device with a wrong clock is told the time', async () => {
    expect(await reasonOf(await jwtOf(device, { exp: nowS() + 340 }))).toBe('let in');
    for (const exp of [nowS() - 1, nowS() + 400]) {
      const error = await authenticateDevice(deps, await jwtOf(device, { exp })).catch((refused) => refused);
      expect(error).toMatchObject({ reason: 'clock', details: { serverTime: expect.any(Number) } });
    }
    const endless = await new SignJWT({ sub: device.deviceId, aud: DEVICE_JWT_AUDIENCE })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(device.keys.privateKey);
    expect(await reasonOf(endless)).toBe('unauthenticated: jwt');
  });

  it('is refused once the device is revoked or decommissioned', async () => {
    const [revoked, gone] = [
      await enrollTestDevice(deps, ours.owner, 'a'),
      await enrollTestDevice(deps, ours.owner, 'b'),
    ];
    await revokeCertificates(deps, ours.owner, { deviceId: revoked.deviceId });
    await decommissionDevice(deps, ours.owner, { deviceId: gone.deviceId });
    expect(await reasonOf(await jwtOf(revoked))).toBe('unauthenticated: device_revoked');
    expect(await reasonOf(await jwtOf(gone))).toBe('unauthenticated: device_decommissioned');
  });
});
