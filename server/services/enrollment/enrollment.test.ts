import { X509Certificate } from 'node:crypto';
import { EnrollRequest, EnrollResponse } from '@flotilla/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testClock } from '../../testing/clock.ts';
import { testDatabase } from '../../testing/database.ts';
import { enrollDeps, enrollTestDevice, testFacts } from '../../testing/enrollment.ts';
import { createTestMember, createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { deviceKeyAndCsr, type TestPki, testPki } from '../../testing/pki.ts';
import { decommissionDevice } from '../devices/decommission-device.ts';
import { revokeCertificates } from '../devices/revoke-certificates.ts';
import { CreateToken, createToken } from './create-token.ts';
import { type EnrollDeps, enrollDevice } from './enroll-device.ts';
import { listTokens } from './list-tokens.ts';
import { renewCertificate } from './renew-certificate.ts';
import { revokeToken } from './revoke-token.ts';

const database = testDatabase();
const DAY_MS = 86_400_000;

let pki: TestPki;
let ours: TestOrganization;
let theirs: TestOrganization;
let clock: ReturnType<typeof testClock>;
let deps: EnrollDeps;
beforeAll(async () => {
  pki = await testPki();
});
beforeEach(async () => {
  clock = testClock();
  deps = await enrollDeps(database.db(), pki.dir, () => clock.now());
  ours = await createTestOrganization(database.db());
  theirs = await createTestOrganization(database.db());
});
afterAll(() => pki.remove());

const newToken = (input: Partial<CreateToken> = {}, { owner } = ours) =>
  createToken(deps, owner, CreateToken.parse({ name: 'site', ...input }));
const enroll = (token: string, csr: string, more: Partial<EnrollRequest> = {}, address = '192.0.2.1') =>
  enrollDevice(deps, { token, csr, facts: testFacts, ...more }, { address });
const reasonOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'let in',
    (error) => error.reason,
  );
const usesOf = async (id: string) => (await listTokens(deps, ours.owner)).find((token) => token.id === id)?.uses;
const audited = (action: string, subjectId: string) => database.db().auditEntry.count({ where: { action, subjectId } });

describe('an enrollment token', () => {
  it('is shown once, stored as a hash, and audited', async () => {
    const { token, secret } = await newToken({ labels: { site: 'oslo' } });
    const stored = await database.db().enrollmentToken.findUniqueOrThrow({ where: { id: token.id } });
    expect(JSON.stringify(stored)).not.toContain(secret.slice(-43));
    expect(EnrollRequest.shape.token.safeParse(secret).success).toBe(true);
    expect(await audited('enrollment-token.create', token.id)).toBe(1);
    expect(await listTokens(deps, ours.owner)).toEqual([token]);
  });

  it('is made and revoked by operators and above, and read by viewers', async () => {
    const viewer = await createTestMember(database.db(), ours.organizationId, 'viewer');
    const operator = await createTestMember(database.db(), ours.organizationId, 'operator');
    const { token } = await createToken(deps, operator, CreateToken.parse({ name: 'site' }));
    expect(await listTokens(deps, viewer)).toHaveLength(1);
    await expect(createToken(deps, viewer, CreateToken.parse({ name: 'x' }))).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(revokeToken(deps, viewer, { tokenId: token.id })).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('of another organization is neither seen nor revoked', async () => {
    const { token } = await newToken();
    expect(await listTokens(deps, theirs.owner)).toEqual([]);
    await expect(revokeToken(deps, theirs.owner, { tokenId: token.id })).rejects.toMatchObject({ code: 'not_found' });
    expect((await listTokens(deps, ours.owner))[0]?.state).toBe('active');
  });
});

describe('enrolling', () => {
  it('gives an identity under the CA, the token’s labels, and rows that say so', async () => {
    const { token, secret } = await newToken({ labels: { site: 'oslo', stage: '' } });
    const key = await deviceKeyAndCsr('whatever');
    const response = await enroll(secret, key.csr, { name: 'gate-1' });
    expect(EnrollResponse.parse(response)).toEqual(response);
    const certificate = new X509Certificate(response.certificate);
    expect(certificate.subject).toBe(`CN=${response.deviceId}`);
    expect(certificate.verify(new X509Certificate(response.ca).publicKey)).toBe(true);
    const device = await database.db().device.findUniqueOrThrow({
      where: { id: response.deviceId },
      include: { labels: { orderBy: { key: 'asc' } }, certificates: true },
    });
    expect(device).toMatchObject({ organizationId: ours.organizationId, name: 'gate-1', facts: testFacts });
    expect(device.labels.map(({ key: label, value }) => [label, value])).toEqual([
      ['site', 'oslo'],
      ['stage', ''],
    ]);
    expect(device.certificates.map(({ serial }) => serial)).toEqual([certificate.serialNumber.toLowerCase()]);
    expect(await audited('device.enroll', device.id)).toBe(1);
    expect(await usesOf(token.id)).toBe(1);
  });

  it('of 20 devices at once with a token for 5 lets in exactly 5, each under a name of its own', async () => {
    const { token, secret } = await newToken({ maxUses: 5 });
    const keys = await Promise.all(Array.from({ length: 20 }, () => deviceKeyAndCsr()));
    const reasons = await Promise.all(keys.map(({ csr }) => reasonOf(enroll(secret, csr))));
    expect(reasons.filter((reason) => reason === 'let in')).toHaveLength(5);
    expect(reasons.filter((reason) => reason === 'token_used_up')).toHaveLength(15);
    const devices = await database.db().device.findMany({ where: { organizationId: ours.organizationId } });
    expect(devices.map(({ name }) => name).toSorted()).toEqual([
      'camera',
      'camera-2',
      'camera-3',
      'camera-4',
      'camera-5',
    ]);
    expect((await listTokens(deps, ours.owner))[0]).toMatchObject({ id: token.id, uses: 5, state: 'used-up' });
  });

  it('again with the same key gives the same device a fresh certificate and costs no use, also when the token is used up', async () => {
    const { token, secret } = await newToken({ maxUses: 1 });
    const { csr } = await deviceKeyAndCsr();
    const [first, second] = [await enroll(secret, csr), await enroll(secret, csr, { name: 'another' })];
    expect(second.deviceId).toBe(first.deviceId);
    expect(second.certificate).not.toBe(first.certificate);
    expect(await usesOf(token.id)).toBe(1);
    expect(await audited('device.enroll-again', first.deviceId)).toBe(1);
    expect(await reasonOf(enroll(secret, (await deviceKeyAndCsr()).csr))).toBe('token_used_up');
    const another = await newToken({ maxUses: 1 });
    await enroll(another.secret, (await deviceKeyAndCsr()).csr);
    expect(await reasonOf(enroll(another.secret, csr))).toBe('token_used_up');
  });

  it('five times at once with the same key makes one device and costs one use', async () => {
    const { token, secret } = await newToken({ maxUses: 3 });
    const { csr } = await deviceKeyAndCsr();
    const answers = await Promise.all(Array.from({ length: 5 }, () => enroll(secret, csr)));
    expect(new Set(answers.map(({ deviceId }) => deviceId)).size).toBe(1);
    expect(await usesOf(token.id)).toBe(1);
  });

  it('names every refusal', async () => {
    const fresh = () => deviceKeyAndCsr().then(({ csr }) => csr);
    const { secret } = await newToken({ maxUses: 10 });
    const wrongSecret = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;
    const unknownId = secret.replace(/flt_enr_[0-9a-f]{32}/, `flt_enr_${'0'.repeat(32)}`);
    for (const token of [wrongSecret, unknownId, 'flt_enr_x', secret.replace('enr', 'key')]) {
      expect(await reasonOf(enroll(token, await fresh()))).toBe('token_unknown');
    }
    expect(await reasonOf(enroll(secret, 'garbage'))).toBe('csr');
    expect(await reasonOf(enroll(secret, await fresh(), { facts: { ...testFacts, board: 'a\0b' } }))).toBe('facts');
    expect(await reasonOf(enroll(secret, await fresh(), { facts: { ...testFacts, more: 'x'.repeat(20_000) } }))).toBe(
      'facts',
    );

    const revoked = await newToken();
    expect((await revokeToken(deps, ours.owner, { tokenId: revoked.token.id })).state).toBe('revoked');
    expect(await reasonOf(enroll(revoked.secret, await fresh()))).toBe('token_revoked');
    const expired = await newToken({ expiresInS: 60 });
    clock.forwardMs(60_000);
    expect(await reasonOf(enroll(expired.secret, await fresh()))).toBe('token_expired');
    expect(await database.db().device.count({ where: { organizationId: ours.organizationId } })).toBe(0);

    const { csr, deviceId } = await enrollTestDevice(deps, ours.owner);
    const foreign = await newToken({ maxUses: 10 }, theirs);
    expect(await reasonOf(enroll(foreign.secret, csr))).toBe('token_foreign');
    await decommissionDevice(deps, ours.owner, { deviceId });
    expect(await reasonOf(enroll(secret, csr))).toBe('device_decommissioned');
  });

  it('after a revocation needs a token that was made since, and uses it', async () => {
    const { token, secret } = await newToken({ maxUses: 10 });
    const { csr } = await deviceKeyAndCsr();
    const { deviceId } = await enroll(secret, csr);
    clock.forwardMs(1_000);
    expect(await revokeCertificates(deps, ours.owner, { deviceId })).toEqual({ revoked: 1 });
    expect(await reasonOf(enroll(secret, csr))).toBe('device_revoked');
    clock.forwardMs(1_000);
    const since = await newToken({ maxUses: 1 });
    expect((await enroll(since.secret, csr)).deviceId).toBe(deviceId);
    expect((await enroll(since.secret, csr)).deviceId).toBe(deviceId);
    expect([await usesOf(token.id), await usesOf(since.token.id)]).toEqual([1, 1]);
  });

  it('is limited by refusals per address; devices that are let in do not count', async () => {
    const { secret } = await newToken({ maxUses: 1000 });
    for (let device = 0; device < 3; device++) await enroll(secret, (await deviceKeyAndCsr()).csr, {}, '192.0.2.50');
    for (let attempt = 0; attempt < 60; attempt++) {
      expect(await reasonOf(enroll('nonsense', 'nonsense', {}, '192.0.2.50'))).toBe('token_unknown');
    }
    const { csr } = await deviceKeyAndCsr();
    await expect(enroll(secret, csr, {}, '192.0.2.50')).rejects.toMatchObject({ code: 'rate_limited' });
    await enroll(secret, csr, {}, '192.0.2.51');
  });
});

describe('renewing a certificate', () => {
  const actorOf = (deviceId: string) => ({ kind: 'device', organizationId: ours.organizationId, deviceId }) as const;

  it('keeps the id and leaves the old certificate good', async () => {
    const { deviceId, csr, certificate } = await enrollTestDevice(deps, ours.owner);
    const renewed = await renewCertificate(deps, actorOf(deviceId), { csr });
    expect(new X509Certificate(renewed.certificate).subject).toBe(`CN=${deviceId}`);
    expect(renewed.certificate).not.toBe(certificate);
    expect(await database.db().certificate.count({ where: { deviceId, revokedAt: null } })).toBe(2);
    expect(await audited('certificate.renew', deviceId)).toBe(1);
  });

  it('works for 30 days after the certificate ended, and then no more', async () => {
    const { deviceId, csr } = await enrollTestDevice(deps, ours.owner);
    clock.forwardMs(119 * DAY_MS);
    await renewCertificate(deps, actorOf(deviceId), { csr });
    clock.forwardMs(121 * DAY_MS);
    expect(await reasonOf(renewCertificate(deps, actorOf(deviceId), { csr }))).toBe('certificate_lapsed');
  });

  it('is refused for another key, after a revocation, after decommissioning, and to another organization', async () => {
    const { deviceId, csr } = await enrollTestDevice(deps, ours.owner);
    const other = await enrollTestDevice(deps, ours.owner, 'other');
    expect(await reasonOf(renewCertificate(deps, actorOf(deviceId), { csr: other.csr }))).toBe('key_changed');
    const stranger = { kind: 'device', organizationId: theirs.organizationId, deviceId } as const;
    expect(await reasonOf(renewCertificate(deps, stranger, { csr }))).toBe('not_found');
    await revokeCertificates(deps, ours.owner, { deviceId });
    expect(await reasonOf(renewCertificate(deps, actorOf(deviceId), { csr }))).toBe('device_revoked');
    await decommissionDevice(deps, ours.owner, { deviceId: other.deviceId });
    expect(await reasonOf(renewCertificate(deps, actorOf(other.deviceId), { csr: other.csr }))).toBe(
      'device_decommissioned',
    );
  });

  it('is bounded: a device in a loop gets 20 certificates an hour', async () => {
    const { deviceId, csr } = await enrollTestDevice(deps, ours.owner);
    for (let round = 0; round < 20; round++) await renewCertificate(deps, actorOf(deviceId), { csr });
    expect(await reasonOf(renewCertificate(deps, actorOf(deviceId), { csr }))).toBe('rate_limited');
  });
});
