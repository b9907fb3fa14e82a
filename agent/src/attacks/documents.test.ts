/**
 * One test for each attack of the TUF specification (1.5.2) and the Uptane standard (4) on a device, named as they name it. Here: what is desired.
 * Each ends with the same three things: what served serves on, nothing of the attacker's is kept, and the event that is
 * reported names the suspicion.
 */
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { staleDocument } from '../desired/watch-freshness.ts';
import { DEVICE, documentOf, NOW, sign as signBy, trusted, useAttackedDevice } from '../testing/attacked-device.ts';
import { uuid } from '../testing/release.ts';

const device = useAttackedDevice();
const sign = (payload: object, signer = device.server, kid = signer.kid) => signBy(payload, signer, kid);

test.each([
  ['signed by a key nobody knows', () => sign(documentOf(), device.attacker), 'desired.unknown_key'],
  [
    'signed by a foreign key under a trusted name',
    () => sign(documentOf(), device.attacker, 'server'),
    'desired.signature',
  ],
  ['not signed', async () => JSON.stringify(documentOf()), 'desired.signature'],
  ['changed after it was signed', async () => changed(await sign(documentOf())), 'desired.signature'],
  ['with the algorithm "none"', async () => unsigned(), 'desired.signature'],
  ['with the public key as a shared secret', () => sharedSecret(), 'desired.signature'],
])('TUF, Uptane: arbitrary software: a document %s is refused', async (_, make, code) => {
  await device.expectRefused(await make(), code);
});

function changed(jws: string): string {
  const [head, , signature] = jws.split('.');
  const payload = Buffer.from(JSON.stringify(documentOf({ generation: 7 }))).toString('base64url');
  return `${head}.${payload}.${signature}`;
}
function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', kid: 'server' })}.${part(documentOf())}.`;
}
function sharedSecret(): Promise<string> {
  return new SignJWT(documentOf())
    .setProtectedHeader({ alg: 'HS256', kid: 'server' })
    .sign(Buffer.from(device.server.x, 'base64url'));
}

test('TUF: wrong software: a document for another device is refused', async () => {
  await device.expectRefused(await sign(documentOf({ deviceId: uuid(2) })), 'desired.wrong_device');
});

test('Uptane: replay by a missing vehicle id: a document for nobody is refused', async () => {
  const { deviceId: _, ...forAll } = documentOf();
  await device.expectRefused(await sign(forAll), 'desired.malformed');
});

test('Uptane: replay of another kind: a signed command is no desired state', async () => {
  const command = { id: uuid(9), deviceId: DEVICE, op: 'ping', args: {}, issuedAt: NOW, expiresAt: NOW + 1000 };
  await device.expectRefused(await sign(command), 'desired.malformed');
});

test('TUF, Uptane: rollback: a document of a lower generation is refused', async () => {
  await device.expectRefused(await sign(documentOf({ generation: 4 })), 'desired.stale');
});

test('TUF, Uptane: rollback under the same number: other content of the accepted generation is not obeyed', async () => {
  await device.inbox.receiveDesired(await sign(documentOf({ generation: 5, slots: { default: null } })));
  expect(device.obeyed).toEqual([]);
});

test('TUF: fast-forward: who cannot sign cannot push the generation up, and a number beyond counting is refused', async () => {
  await device.inbox.receiveDesired(
    await sign(documentOf({ generation: Number.MAX_SAFE_INTEGER }), device.attacker, 'server'),
  );
  await device.inbox.receiveDesired(await sign(documentOf({ generation: 2 ** 60 })));
  expect(device.events).toMatchObject([
    { reason: { code: 'desired.signature' } },
    { reason: { code: 'desired.malformed' } },
  ]);
  await device.inbox.receiveDesired(await sign(documentOf({ generation: 6 })));
  expect(device.desired.generation).toBe(6);
});

test('TUF, Uptane: freeze: an expired document is refused, and a device that gets no fresh one says so', async () => {
  await device.expectRefused(await sign(documentOf({ expiresAt: NOW })), 'desired.expired');
  expect(staleDocument(device.desired.document, NOW + 999)).toBeNull();
  await device.inbox.receiveDesired(await sign(documentOf()));
  expect(staleDocument(device.desired.document, NOW + 999)).toBeNull();
  expect(staleDocument(device.desired.document, NOW + 1000)).toMatchObject({ code: 'desired.frozen', retry: 'later' });
  expect(device.obeyed).toHaveLength(1);
});

test('TUF: vulnerability to key compromise: after a rotation the old key signs nothing any more', async () => {
  await device.inbox.receiveDesired(await sign(documentOf({ trustedKeys: [trusted(device.attacker)] })));
  await device.inbox.receiveDesired(await sign(documentOf({ generation: 7 })));
  expect(device.desired.generation).toBe(6);
  expect(device.events).toMatchObject([{ reason: { code: 'desired.unknown_key' } }]);
});

test('TUF, Uptane: endless data: a document without end is refused unread', async () => {
  await device.expectRefused('x'.repeat(10_000_000), 'desired.malformed');
});

test('Uptane: denial of service: the same forged document a hundred times is one event, and the next good one is obeyed', async () => {
  const forged = await sign(documentOf(), device.attacker);
  for (let n = 0; n < 100; n++) await device.inbox.receiveDesired(forged);
  expect(device.events).toHaveLength(1);
  await device.inbox.receiveDesired(await sign(documentOf()));
  expect(device.obeyed).toHaveLength(1);
});
