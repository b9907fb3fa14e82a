import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ReleaseRuntime } from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inTenant } from '../../db/scope.ts';
import { SetCredential } from '../../domain/release/registry-credential.ts';
import { testClock } from '../../testing/clock.ts';
import { testDatabase } from '../../testing/database.ts';
import { enrollTestDevice } from '../../testing/enrollment.ts';
import { demoRelease, removeArtifacts, type TestDeps, testDeps } from '../../testing/fleet.ts';
import { createTestMember, createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestPki, testPki } from '../../testing/pki.ts';
import { issueDesired } from '../devices/issue-desired.ts';
import { CreateRelease, createRelease } from '../releases/create-release.ts';
import { issueRegistryToken } from './issue-token.ts';
import { listCredentials } from './list-credentials.ts';
import { removeCredential } from './remove-credential.ts';
import { setCredential } from './set-credential.ts';

const PASSWORD = 'a password that nobody else has';
const database = testDatabase();
const clock = testClock();
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let theirs: TestOrganization;
let registry: string;
let server: Server;
let answer: RequestListener;
const seen: string[] = [];

beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, clock.now);
  ours = await createTestOrganization(database.db());
  theirs = await createTestOrganization(database.db());
  server = createServer((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization ?? 'nobody'}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => seen.splice(0));
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await removeArtifacts(deps);
  await pki.remove();
});

const image = (name: string) => `${registry}/team/${name}@sha256:${'ab'.repeat(32)}`;
const set = (organization = ours, password = PASSWORD) =>
  setCredential(deps, organization.owner, SetCredential.parse({ registry, username: 'puller', password }));

/** A device that is told to run this image, with a companion. */
async function deviceWith(organization: TestOrganization, name = 'app') {
  const device = await enrollTestDevice(deps, organization.owner, `d-${uuidv7()}`);
  await demoRelease(deps, organization.owner, '1.0.0').catch(() => {});
  const companions = [{ name: 'camera', image: image('grabber'), memoryMb: 64, cpus: 1 }];
  const runtime = ReleaseRuntime.parse({
    kind: 'container',
    image: image(name).replace('@', ':1.2@'),
    memoryMb: 64,
    cpus: 1,
    companions,
  });
  const wanted = CreateRelease.parse({ model: 'vibration-fault', version: '1.0.0', runtime });
  const { release } = await createRelease(deps, organization.owner, wanted);
  const slot = { deployment: uuidv7(), releaseId: release.id };
  await inTenant(deps.db, organization.organizationId, (scope) =>
    issueDesired(deps, scope, [{ deviceId: device.deviceId, slot: 'default', wanted: slot }]),
  );
  return { kind: 'device', organizationId: organization.organizationId, deviceId: device.deviceId } as const;
}

describe('a registry credential', () => {
  it('is sealed in the database, listed without its password, and audited without it', async () => {
    const { id } = await set();
    const row = await database.db().registryCredential.findUniqueOrThrow({ where: { id } });
    expect(JSON.stringify(row)).not.toContain(PASSWORD);
    expect(() => deps.secrets.open(row.sealedPassword, 'another row')).toThrow();
    const listed = await listCredentials(deps, ours.owner);
    expect(listed).toMatchObject([{ id, registry, username: 'puller', lastUsedAt: null }]);
    expect(JSON.stringify(listed)).not.toContain('ealed');
    const audit = await database.db().auditEntry.findFirst({ where: { subjectId: id } });
    expect(audit).toMatchObject({ action: 'registry-credential.set', organizationId: ours.organizationId });
    expect(JSON.stringify(audit)).not.toContain(PASSWORD);
    expect(await listCredentials(deps, theirs.owner)).toEqual([]);
  });

  it('takes the place of the one before it, and goes for good', async () => {
    const first = await set();
    const second = await set(ours, 'new');
    expect((await listCredentials(deps, ours.owner)).map(({ id }) => id)).toEqual([second.id]);
    await expect(removeCredential(deps, ours.owner, { credentialId: first.id })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(removeCredential(deps, theirs.owner, { credentialId: second.id })).rejects.toMatchObject({
      code: 'not_found',
    });
    await removeCredential(deps, ours.owner, { credentialId: second.id });
    expect(await listCredentials(deps, ours.owner)).toEqual([]);
  });

  it('is set by admins and owners only', async () => {
    for (const role of ['operator', 'viewer'] as const) {
      const member = await createTestMember(database.db(), ours.organizationId, role);
      const input = SetCredential.parse({ registry, username: 'u', password: 'p' });
      await expect(setCredential(deps, member, input)).rejects.toMatchObject({ code: 'forbidden' });
    }
  });

  it.each(['library', 'https://ghcr.io', 'ghcr.io/org', 'user@ghcr.io', ''])('%j is no registry', (given) => {
    expect(SetCredential.safeParse({ registry: given, username: 'u', password: 'p' }).success).toBe(false);
  });
});

describe('a device that pulls', () => {
  const bearer: RequestListener = (request, response) => {
    const realm = `Bearer realm="http://${registry}/token",service="registry"`;
    if (request.url === '/v2/') return response.writeHead(401, { 'www-authenticate': realm }).end();
    response.end(JSON.stringify({ token: 'short', expires_in: 300 }));
  };

  it('gets a token for this one repository where the registry gives such, and never the password', async () => {
    answer = bearer;
    const { id } = await set();
    const device = await deviceWith(ours);
    const given = await issueRegistryToken(deps, device, { image: image('app') });
    expect(given).toEqual({ scheme: 'bearer', token: 'short', expiresAt: clock.now().getTime() + 300_000 });
    expect(seen).toEqual([
      '/v2/ nobody',
      `/token?service=registry&scope=repository%3Ateam%2Fapp%3Apull Basic ${Buffer.from(`puller:${PASSWORD}`).toString('base64')}`,
    ]);
    const used = (await listCredentials(deps, ours.owner)).find((each) => each.id === id);
    expect(used?.lastUsedAt).toEqual(clock.now());
    const desired = await database.db().desiredState.findFirstOrThrow({ where: { deviceId: device.deviceId } });
    const payload = Buffer.from(desired.jws.split('.')[1] ?? '', 'base64url').toString();
    expect(payload).toContain('team/app');
    expect(payload).not.toMatch(/puller|password that nobody|short/);
  });

  it('gets user and password where the registry has no token service, and nothing where none is set', async () => {
    answer = (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    await set();
    const device = await deviceWith(ours);
    const basic = { scheme: 'basic', username: 'puller', password: PASSWORD };
    expect(await issueRegistryToken(deps, device, { image: image('app') })).toEqual(basic);
    expect(await issueRegistryToken(deps, device, { image: image('grabber') })).toEqual(basic);
    const stranger = await deviceWith(theirs);
    expect(await issueRegistryToken(deps, stranger, { image: image('app') })).toEqual({ scheme: 'none' });
  });

  it('gets nothing for an image that it is not told to run', async () => {
    const device = await deviceWith(ours);
    const others = [image('other'), image('app').replace('ab', 'cd'), image('app').split('@')[0] ?? '', 'x'];
    for (const each of others) {
      await expect(issueRegistryToken(deps, device, { image: each })).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it('is told apart: a registry that refuses, and one that is away', async () => {
    await set();
    const device = await deviceWith(ours);
    const ask = () => issueRegistryToken(deps, device, { image: image('app') });
    answer = (request, response) =>
      request.url === '/v2/' ? bearer(request, response) : response.writeHead(401).end('{}');
    await expect(ask()).rejects.toMatchObject({ code: 'conflict', reason: 'registry_refused' });
    answer = (request, response) =>
      request.url === '/v2/' ? bearer(request, response) : response.writeHead(500).end('{}');
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable', reason: 'registry_unreachable' });
    answer = (_, response) => response.destroy();
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
