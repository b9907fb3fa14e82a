import type { EnrollRequest } from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import { writeAudit } from '../../db/audit.ts';
import { insertCertificate } from '../../db/certificates.ts';
import {
  findDeviceByKey,
  insertDevice,
  lockName,
  type NewDevice,
  replaceLabels,
  takenNames,
} from '../../db/devices-identity.ts';
import { findToken, takeUse } from '../../db/enrollment-tokens.ts';
import { notifyLive } from '../../db/notify.ts';
import { inTenant, type Scope } from '../../db/scope.ts';
import { deviceNameFrom, freeNumber, numberedName } from '../../domain/device/name.ts';
import { tokenState } from '../../domain/device/token-state.ts';
import type { RequestedKey } from '../deps.ts';
import type { EnrollDeps, ProvenToken } from './enroll-device.ts';
import { unusableToken } from './refusals.ts';

/**
 * Makes a device. Null when another request made one with this key in the meantime.
 * @throws AppError when the token's last use went to another device.
 */
export async function enrollNew(
  deps: EnrollDeps,
  token: ProvenToken,
  key: RequestedKey,
  request: EnrollRequest,
): Promise<{ deviceId: string; certificatePem: string } | null> {
  const [id, now, { organizationId }] = [uuidv7(), deps.now(), token];
  const certificate = await deps.ca.issue({ deviceId: id, publicKeyPem: key.publicKeyPem, now });
  return inTenant(deps.db, organizationId, async (scope) => {
    const name = await insertNamed(scope, deviceNameFrom(request.name ?? request.facts.hostname), {
      id,
      publicKey: key.publicKeyPem,
      keyFingerprint: key.fingerprint,
      enrollmentTokenId: token.id,
      facts: request.facts,
      createdAt: now,
    });
    if (name === null) return null;
    await replaceLabels(scope, id, token.labels);
    await insertCertificate(scope, id, { ...certificate, createdAt: now });
    const actor = { kind: 'device', organizationId, deviceId: id } as const;
    const detail = { name, tokenId: token.id, serial: certificate.serial };
    await writeAudit(scope, actor, 'device.enroll', { kind: 'device', id }, detail);
    await notifyLive(scope, 'device', id);
    await notifyLive(scope, 'enrollment-token', token.id);
    // Last, because every device of this token waits here for the ones before it.
    if (!(await takeUse(scope, token.id, now))) throw await refusalNow(scope, token, now);
    return { deviceId: id, certificatePem: certificate.pem };
  });
}

/** Inserts under the first free name: `camera`, `camera-2` …. Null when the key is taken. */
async function insertNamed(scope: Scope, base: string, device: Omit<NewDevice, 'name'>): Promise<string | null> {
  let name = base;
  while (!(await insertDevice(scope, { ...device, name }))) {
    if (await findDeviceByKey(scope.tx, device.keyFingerprint)) return null;
    // A site's devices often have one host name: without the lock they would all try the same number, and all but one in vain.
    if (name === base) await lockName(scope, base);
    name = numberedName(base, await freeNumber((numbers) => takenNumbers(scope, base, numbers)));
  }
  return name;
}

async function takenNumbers(scope: Scope, base: string, numbers: number[]): Promise<ReadonlySet<number>> {
  const numberOf = new Map(numbers.map((number) => [numberedName(base, number), number]));
  const taken = await takenNames(scope, [...numberOf.keys()]);
  return new Set([...taken].flatMap((name) => numberOf.get(name) ?? []));
}

async function refusalNow(scope: Scope, token: ProvenToken, now: Date): Promise<Error> {
  const state = tokenState((await findToken(scope, token.id)) ?? token, now);
  return unusableToken(state === 'active' ? 'used-up' : state, token);
}
