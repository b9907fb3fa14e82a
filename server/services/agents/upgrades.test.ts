import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentReport, DesiredState, Reported } from '@flotilla/protocol';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { agentUpgrades, agentVersions } from '../../queries/agent-upgrades.ts';
import { onlineDevices } from '../../testing/fleet.ts';
import { createTestMember, createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { fileFleet, type TestFleet } from '../../testing/test-fleet.ts';
import { decommissionDevice } from '../devices/decommission-device.ts';
import { findDeviceArtifact } from '../devices/find-artifact.ts';
import { advanceUpgrade } from './advance-upgrade.ts';
import { registerAgentVersion } from './register-version.ts';
import { planUpgrade, StartUpgrade, startUpgrade } from './start-upgrade.ts';
import { stopUpgrade } from './stop-upgrade.ts';

let deps: TestFleet['deps'];
let ours: TestOrganization;
let ingest: TestFleet['ingest'];
let packageDir: string;
const bytes = Buffer.from('an archive');
const sha256 = createHash('sha256').update(bytes).digest('hex');

const manifest = (version: string, digest = sha256) =>
  JSON.stringify({
    version,
    packages: { 'linux-x64': { sha256: digest, sizeBytes: bytes.length, unpackedBytes: 20 } },
  });

const stand = fileFleet(async (made) => {
  ({ deps, ingest } = made);
  packageDir = mkdtempSync(join(tmpdir(), 'flotilla-packages-'));
  writeFileSync(join(packageDir, 'flotilla-agent-linux-x64.tar.gz'), bytes);
  for (const version of ['0.9.0+a', '1.0.0+b']) {
    writeFileSync(join(packageDir, 'manifest.json'), manifest(version));
    expect(await registerAgentVersion({ ...deps, now: () => new Date() }, packageDir)).toBe(version);
  }
});
beforeEach(async () => {
  ours = await createTestOrganization(stand.db);
  revs.clear();
});
afterAll(() => rmSync(packageDir, { recursive: true }));

const revs = new Map<string, number>();
async function says(deviceId: string, agent: Partial<AgentReport> = {}) {
  const rev = (revs.get(deviceId) ?? 0) + 1;
  revs.set(deviceId, rev);
  const report = { version: '0.9.0+a', isUpgradable: true, ...agent };
  await ingest(deviceId, 'reported', Reported.parse({ session: 1, rev, generation: 0, slots: {}, agent: report }));
}
async function fleet(names: string): Promise<string[]> {
  const ids = (await onlineDevices(deps, ours.owner, ingest, names)).map(({ id }) => id);
  for (const id of ids) await says(id);
  return ids;
}
async function wanted(deviceId: string) {
  const row = await stand.db.desiredState.findUnique({ where: { deviceId } });
  const [, payload = ''] = row?.jws.split('.') ?? [];
  return row ? DesiredState.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())).agent : undefined;
}
const start = (input: Parameters<typeof StartUpgrade.parse>[0]) =>
  startUpgrade(deps, ours.owner, StartUpgrade.parse(input));
const look = async (id: string) => {
  for (let more = true; more; ) more = await advanceUpgrade(deps, ours.organizationId, id);
};
const now = async () => (await agentUpgrades(deps, ours.owner))[0];

describe('the agent that a server brings', () => {
  it('is among the versions, newest first, and an older one stays', async () => {
    const [a = ''] = await fleet('a');
    await says(a, { version: '0.1.0+elsewhere' });
    expect((await agentVersions(deps, ours.owner)).map(({ version, devices }) => [version, devices])).toEqual([
      ['1.0.0+b', 0],
      ['0.9.0+a', 0],
      ['0.1.0+elsewhere', 1],
    ]);
  });

  it('is refused when its bytes are not those of its manifest', async () => {
    writeFileSync(join(packageDir, 'manifest.json'), manifest('2.0.0+c', 'ab'.repeat(32)));
    await expect(registerAgentVersion(deps, packageDir)).rejects.toThrow('not the package that its manifest names');
    expect((await agentVersions(deps, ours.owner)).map(({ version }) => version)).not.toContain('2.0.0+c');
    expect(await registerAgentVersion(deps, join(packageDir, 'nowhere'))).toBeNull();
  });
});

describe('an upgrade of agents', () => {
  it('goes to one device, then to the others; each may fetch what it is told of, and no other', async () => {
    const [a = '', b = '', c = ''] = await fleet('abc');
    const { id, ...plan } = await start({ selector: '' });
    expect(plan).toEqual({ version: '1.0.0+b', matching: 3, already: 0, unable: 0, willUpgrade: 3, reachable: 3 });
    await look(id);
    const packages = { 'linux-x64': { sha256, sizeBytes: bytes.length, unpackedBytes: 20 } };
    expect(await wanted(a)).toEqual({ order: id, version: '1.0.0+b', packages, stableS: 60 });
    expect([await wanted(b), await wanted(c)]).toEqual([undefined, undefined]);
    const actor = (deviceId: string) => ({ kind: 'device', organizationId: ours.organizationId, deviceId }) as const;
    expect(await findDeviceArtifact(deps, actor(a), sha256)).toEqual({ sha256, sizeBytes: bytes.length });
    await expect(findDeviceArtifact(deps, actor(b), sha256)).rejects.toMatchObject({ code: 'not_found' });
    await says(a, { version: '1.0.0+b', phase: 'observing', order: id, target: '1.0.0+b' });
    await look(id);
    expect(await wanted(b)).toBeUndefined();
    await says(a, { version: '1.0.0+b', phase: 'active', order: id, target: '1.0.0+b' });
    await look(id);
    expect([(await wanted(b))?.order, (await wanted(c))?.order]).toEqual([id, id]);
    for (const device of [b, c])
      await says(device, { version: '1.0.0+b', phase: 'active', order: id, target: '1.0.0+b' });
    await look(id);
    expect(await now()).toMatchObject({ state: 'done', counts: { confirmed: 3 } });
  });

  it('says for how long each device must serve with it', async () => {
    const [a = '', b = ''] = await fleet('ab');
    const { id } = await start({ selector: '', stableS: 900 });
    await look(id);
    expect(await wanted(a)).toMatchObject({ order: id, stableS: 900 });
    expect(await now()).toMatchObject({ stableS: 900 });
    await says(a, { version: '1.0.0+b', phase: 'active', order: id, target: '1.0.0+b' });
    await look(id);
    expect(await wanted(b)).toMatchObject({ order: id, stableS: 900 });
    for (const stableS of [0, 1.5, 86_401, '60'])
      expect(StartUpgrade.safeParse({ selector: '', stableS }).success).toBe(false);
  });

  it('stops at the first that went back: nobody else begins, and what others were told is taken back', async () => {
    const [a = '', b = '', c = ''] = await fleet('abc');
    const { id } = await start({ selector: '', firstDevices: 2 });
    await look(id);
    const reason = { code: 'upgrade.crashed', detail: 'did not stay up', retry: 'never' } as const;
    await says(a, { phase: 'reverted', order: id, target: '1.0.0+b', reason });
    await look(id);
    expect(await wanted(b)).toBeUndefined();
    expect(await wanted(c)).toBeUndefined();
    expect(await now()).toMatchObject({
      state: 'stopped',
      stoppedBy: 'device',
      counts: { failed: 1, withdrawn: 2 },
      failed: [{ deviceId: a, name: 'a', detail: 'did not stay up' }],
    });
    const again = await start({ deviceIds: [a] });
    await look(again.id);
    expect((await wanted(a))?.order).toBe(again.id);
  });

  it('is stopped by a person: what confirmed stays', async () => {
    const [a = '', b = ''] = await fleet('ab');
    const { id } = await start({ selector: '' });
    await look(id);
    await says(a, { version: '1.0.0+b', phase: 'active', order: id, target: '1.0.0+b' });
    await look(id);
    await stopUpgrade(deps, ours.owner, { upgradeId: id });
    await stopUpgrade(deps, ours.owner, { upgradeId: id });
    expect([(await wanted(a))?.order, await wanted(b)]).toEqual([id, undefined]);
    expect(await now()).toMatchObject({
      state: 'stopped',
      stoppedBy: 'person',
      counts: { confirmed: 1, withdrawn: 1 },
    });
    const audited = await stand.db.auditEntry.findMany({ where: { subjectId: id }, orderBy: { at: 'asc' } });
    expect(audited.map(({ action }) => action).sort()).toEqual(['agent-upgrade.start', 'agent-upgrade.stop']);
  });

  it('takes devices over from an earlier one, and lets those go that left the fleet', async () => {
    const [a = '', b = ''] = await fleet('ab');
    const first = await start({ selector: '' });
    await look(first.id);
    const second = await start({ deviceIds: [a], version: '1.0.0+b' });
    await look(second.id);
    await look(first.id);
    expect((await wanted(a))?.order).toBe(second.id);
    expect((await wanted(b))?.order).toBe(first.id);
    await decommissionDevice(deps, ours.owner, { deviceId: b });
    await look(first.id);
    expect((await agentUpgrades(deps, ours.owner)).map(({ state }) => state)).toEqual(['running', 'done']);
  });

  it('counts before it begins: those that run it, and those that cannot replace themselves', async () => {
    const [a = '', b = ''] = await fleet('abc');
    await says(a, { version: '1.0.0+b' });
    await says(b, { isUpgradable: false });
    await onlineDevices(deps, ours.owner, ingest, 'd');
    const plan = { version: '1.0.0+b', matching: 4, already: 1, unable: 2, willUpgrade: 1, reachable: 1 };
    expect(await planUpgrade(deps, ours.owner, { selector: '' })).toEqual(plan);
    await expect(start({ deviceIds: [b] })).rejects.toMatchObject({ code: 'conflict', reason: 'nothing_to_upgrade' });
    await expect(start({ selector: '', version: '7' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is for operators of the organization, on its own devices', async () => {
    const [a = ''] = await fleet('a');
    const viewer = await createTestMember(stand.db, ours.organizationId, 'viewer');
    const { owner: stranger } = await createTestOrganization(stand.db);
    const input = StartUpgrade.parse({ deviceIds: [a] });
    await expect(startUpgrade(deps, viewer, input)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(startUpgrade(deps, stranger, input)).rejects.toMatchObject({ code: 'not_found' });
    const { id } = await start({ deviceIds: [a] });
    await expect(stopUpgrade(deps, stranger, { upgradeId: id })).rejects.toMatchObject({ code: 'not_found' });
    expect(await agentUpgrades(deps, stranger)).toEqual([]);
    expect((await agentVersions(deps, stranger)).map(({ devices }) => devices)).toEqual([0, 0]);
    expect(StartUpgrade.safeParse({ selector: '', deviceIds: [a] }).success).toBe(false);
    expect(StartUpgrade.safeParse({}).success).toBe(false);
  });
});
