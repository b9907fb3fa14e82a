import type { DesiredState } from '@flotilla/protocol';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { JsonFile } from '../state/json-file.ts';
import { cutVariants, MemoryFileSystem } from '../state/testing/memory-file-system.ts';
import { Accepted, DesiredStore } from './desired-store.ts';

const DEVICE = '0198c5a0-0000-7000-8000-000000000001';
const NOW = 1_800_000_000_000;
type Signer = { kid: string; privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']; x: string };
let first: Signer;
let second: Signer;

async function makeSigner(kid: string): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return { kid, privateKey, x: (await exportJWK(publicKey)).x ?? '' };
}
const trusted = ({ kid, x }: Signer) => ({ kid, kty: 'OKP' as const, crv: 'Ed25519' as const, x });
beforeAll(async () => {
  first = await makeSigner('first');
  second = await makeSigner('second');
});

function documentOf(changes: Partial<DesiredState>) {
  const telemetry = { windowS: 15, logLevel: 'info' };
  return {
    v: 1,
    deviceId: DEVICE,
    generation: 5,
    issuedAt: NOW,
    expiresAt: NOW + 1000,
    slots: {},
    telemetry,
    ...changes,
  };
}

async function sign(changes: Partial<DesiredState>, signer = first, kid = signer.kid) {
  const payload = new TextEncoder().encode(JSON.stringify(documentOf(changes)));
  return new CompactSign(payload).setProtectedHeader({ alg: 'EdDSA', kid }).sign(signer.privateKey);
}

function storeOn(disk: MemoryFileSystem, accepted: Accepted) {
  return new DesiredStore(new JsonFile(disk, '/d/desired.json', Accepted), accepted, DEVICE, () => NOW);
}
const fresh = (disk = new MemoryFileSystem()) =>
  storeOn(disk, { generation: 4, trustedKeys: [trusted(first)], document: null });

test('a good document is accepted once, and is on disk when it is handed out', async () => {
  const disk = new MemoryFileSystem();
  const store = fresh(disk);
  expect((await store.accept(await sign({})))?.generation).toBe(5);
  const found = await new JsonFile(disk.afterPowerCut(cutVariants[0]), '/d/desired.json', Accepted).load();
  expect(found?.generation).toBe(5);
  expect(await store.accept(await sign({}))).toBeNull();
});

test.each([
  ['another device', () => sign({ deviceId: '0198c5a0-0000-7000-8000-00000000ffff' }), 'desired.wrong_device'],
  ['an older generation', () => sign({ generation: 3 }), 'desired.stale'],
  ['an expired one', () => sign({ expiresAt: NOW }), 'desired.expired'],
  ['a key this device does not trust', () => sign({}, second), 'desired.unknown_key'],
  ['a foreign signature under a trusted name', () => sign({}, second, 'first'), 'desired.signature'],
  ['no signature at all', async () => JSON.stringify(documentOf({})), 'desired.signature'],
  ['another version', () => sign({ v: 2 as 1 }), 'desired.malformed'],
  ['one that is too long', async () => 'x'.repeat(200_000), 'desired.malformed'],
])('%s is refused with the reason, and nothing is remembered', async (_, make, code) => {
  const store = fresh();
  await expect(store.accept(await make())).rejects.toMatchObject({ code });
  expect(store.generation).toBe(4);
});

test('an accepted document rotates the keys: the new one signs from then on, the old one no longer', async () => {
  const store = fresh();
  await store.accept(await sign({ trustedKeys: [trusted(second)] }));
  await expect(store.accept(await sign({ generation: 6 }))).rejects.toMatchObject({ code: 'desired.unknown_key' });
  expect((await store.accept(await sign({ generation: 6 }, second)))?.generation).toBe(6);
});
