import type { DeviceFacts, EnrollResponse } from '@flotilla/protocol';
import type { Db } from '../db/client.ts';
import type { Actor } from '../domain/access/actor.ts';
import { loadDeviceCa } from '../pki/device-ca.ts';
import { loadDocumentSigner } from '../pki/document-signer.ts';
import { CreateToken, createToken } from '../services/enrollment/create-token.ts';
import { type EnrollDeps, enrollDevice } from '../services/enrollment/enroll-device.ts';
import { type DeviceKey, deviceKeyAndCsr } from './pki.ts';

export const testFacts: DeviceFacts = {
  hostname: 'camera',
  arch: 'arm64',
  os: 'Debian 12',
  kernel: '6.1.0',
  cpuModel: 'Cortex-A76',
  cpuCores: 4,
  memoryBytes: 8 * 2 ** 30,
  agentVersion: '0.1.0',
  ortVersion: '1.30.0',
  executionProviders: ['cpu'],
  maxOpset: 23,
  runtimes: ['process'],
};

/** Everything that enrollment needs, on a folder of keys. */
export async function enrollDeps(db: Db, pkiDir: string, now: () => Date = () => new Date()): Promise<EnrollDeps> {
  return {
    db,
    now,
    ca: await loadDeviceCa(pkiDir),
    signer: await loadDocumentSigner(pkiDir),
    urls: { api: 'http://localhost:3000', mqtt: 'mqtts://localhost:8883' },
  };
}

export type EnrolledDevice = DeviceKey & { deviceId: string; certificate: string; response: EnrollResponse };

/** A device that came in by the front door, with a token of its own. */
export async function enrollTestDevice(deps: EnrollDeps, actor: Actor, name = 'camera'): Promise<EnrolledDevice> {
  const { secret } = await createToken(deps, actor, CreateToken.parse({ name: `for ${name}` }));
  const key = await deviceKeyAndCsr(name);
  const response = await enrollDevice(
    deps,
    { token: secret, csr: key.csr, facts: testFacts, name },
    { address: '192.0.2.1' },
  );
  return { ...key, deviceId: response.deviceId, certificate: response.certificate, response };
}
