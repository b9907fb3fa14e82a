import { DesiredState } from '@flotilla/protocol';
import { compactVerify, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import type { StoredRelease } from '../../db/releases.ts';
import { enrollTestDevice } from '../../testing/enrollment.ts';
import { demoRelease, type Ingest, onlineDevices, type TestDeps, type TestDevice } from '../../testing/fleet.ts';
import { createTestMember, createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestFleet, testFleet } from '../../testing/test-fleet.ts';
import { advanceRollout } from './advance-rollout.ts';
import { controlRollout } from './control-rollout.ts';
import { CreateRollout, createRollout } from './create-rollout.ts';
import type { RolloutControl } from './rollout-controls.ts';

let clock: TestFleet['clock'];
let deps: TestDeps;
let ours: TestOrganization;
let ingest: Ingest;
const fleet = testFleet(async (made) => {
  ({ clock, deps, ours, ingest } = made);
});

const oneWave = [{ name: 'All', size: { percent: 100 }, bake: { seconds: 0 } }];
const create = (release: StoredRelease, more: { plan?: object; start?: boolean } = {}, actor = ours.owner) =>
  createRollout(
    deps,
    actor,
    CreateRollout.parse({ releaseId: release.id, start: more.start ?? true, plan: { waves: oneWave, ...more.plan } }),
  ).then(({ id }) => id);
const control = (id: string, what: RolloutControl, actor = ours.owner) =>
  controlRollout(deps, actor, { id, control: what });
const advance = async (id: string) => {
  for (let look = 0; look < 20; look += 1) if (!(await advanceRollout(deps, ours.organizationId, id))) return;
  throw new Error('the engine does not come to rest');
};
const rolloutOf = (id: string) => fleet.db.rollout.findUniqueOrThrow({ where: { id } });
const deploymentsOf = (rolloutId: string) =>
  fleet.db.deployment.findMany({
    where: { rolloutId },
    include: { device: true },
    orderBy: { device: { name: 'asc' } },
  });
const statesOf = async (id: string) => (await deploymentsOf(id)).map(({ device, state }) => `${device.name} ${state}`);
const desiredOf = (device: TestDevice) => fleet.db.desiredState.findUniqueOrThrow({ where: { deviceId: device.id } });
const toldOf = async (id: string, device: TestDevice) => {
  const found = (await deploymentsOf(id)).find(({ deviceId }) => deviceId === device.id);
  if (!found) throw new Error('the rollout has no such device');
  return found;
};
/** The device does what its newest document says, and reports it. */
const obey = async (device: TestDevice) => {
  const slots = (await desiredOf(device)).slots as Record<string, { deployment: string; releaseId: string } | null>;
  const told = slots.default ?? null;
  await (told ? device.reports('active', told, told.releaseId) : device.reports('idle', null));
};

describe('creating a rollout', () => {
  it('without devices, or with none that match, says so', async () => {
    const release = await demoRelease(deps, ours.owner, '1.0.0');
    await expect(create(release)).rejects.toMatchObject({ code: 'invalid', reason: 'no_devices' });
    await onlineDevices(deps, ours.owner, ingest, 'a');
    await expect(create(release, { plan: { selector: 'site=oslo' } })).rejects.toMatchObject({
      reason: 'no_devices',
      userMessage: expect.stringContaining('site=oslo'),
    });
    await expect(create(release, { plan: { selector: '===' } })).rejects.toMatchObject({
      code: 'invalid',
      reason: 'selector',
    });
    expect(await fleet.db.rollout.count({ where: { organizationId: ours.organizationId } })).toBe(0);
  });

  it('that fits no device, or that all serve already, says which', async () => {
    const release = await demoRelease(deps, ours.owner, '1.0.0');
    const [device] = await onlineDevices(deps, ours.owner, ingest, 'a');
    const { facts } = await fleet.db.device.findUniqueOrThrow({ where: { id: device?.id ?? '' } });
    const setFacts = (more: object) =>
      fleet.db.device.update({ where: { id: device?.id ?? '' }, data: { facts: { ...(facts as object), ...more } } });
    await setFacts({ maxOpset: 1 });
    await expect(create(release)).rejects.toMatchObject({
      reason: 'no_compatible_device',
      userMessage: expect.stringContaining('opset'),
    });
    await setFacts({ maxOpset: 23 });
    await device?.reports('active', null, release.id);
    await expect(create(release)).rejects.toMatchObject({ reason: 'already_there' });
  });

  it('needs the permission, and a release of one’s own', async () => {
    const theirs = await createTestOrganization(fleet.db);
    const release = await demoRelease(deps, theirs.owner, '1.0.0');
    await onlineDevices(deps, ours.owner, ingest, 'a');
    await expect(create(release)).rejects.toMatchObject({ code: 'not_found' });
    const viewer = await createTestMember(fleet.db, theirs.organizationId, 'viewer');
    await expect(create(release, {}, viewer)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('makes a draft that tells nobody, one deployment per device, audited', async () => {
    const release = await demoRelease(deps, ours.owner, '1.0.0');
    await onlineDevices(deps, ours.owner, ingest, 'ab');
    await enrollTestDevice(deps, ours.owner, 'dark');
    const id = await create(release, {
      start: false,
      plan: { waves: [{ name: 'One', size: { count: 1 } }, ...oneWave] },
    });
    await advance(id);
    expect(await statesOf(id)).toEqual(['a queued', 'b queued', 'dark queued']);
    expect((await deploymentsOf(id)).map(({ wavePosition }) => wavePosition)).toEqual([0, 1, 1]);
    expect(await rolloutOf(id)).toMatchObject({
      state: 'draft',
      name: 'vibration-fault 1.0.0',
      createdById: ours.owner.userId,
    });
    expect(await fleet.db.auditEntry.count({ where: { action: 'rollout.create', subjectId: id } })).toBe(1);
  });
});

describe('a person', () => {
  it('starts, pauses, resumes and aborts, and is told what is possible when it is not', async () => {
    const release = await demoRelease(deps, ours.owner, '1.0.0');
    await onlineDevices(deps, ours.owner, ingest, 'a');
    const id = await create(release, { start: false });
    await expect(control(id, 'pause')).rejects.toMatchObject({
      code: 'conflict',
      details: { state: 'draft', possible: ['start', 'abort'] },
    });
    const path = [
      ['start', 'running', ['pause', 'skip-wave', 'abort', 'roll-back']],
      ['pause', 'paused', ['resume', 'skip-wave', 'abort', 'roll-back']],
      ['resume', 'running', ['pause', 'skip-wave', 'abort', 'roll-back']],
      ['abort', 'aborting', []],
    ] as const;
    for (const [what, state, possible] of path) {
      await control(id, what);
      expect((await rolloutOf(id)).state).toBe(state);
      await expect(control(id, what)).rejects.toMatchObject({ reason: 'rollout_state', details: { possible } });
    }
    await advance(id);
    expect(await rolloutOf(id)).toMatchObject({ state: 'aborted', finishedAt: clock.now() });
    expect(await statesOf(id)).toEqual(['a cancelled']);
    const decisions = await fleet.db.rolloutDecision.findMany({ where: { rolloutId: id }, orderBy: { id: 'asc' } });
    expect(decisions.map(({ kind }) => kind)).toEqual([
      'create',
      'start',
      'pause',
      'resume',
      'abort',
      'cancel-queued',
      'finish',
    ]);
  });

  it('of another organization, or without the permission, moves nothing', async () => {
    const release = await demoRelease(deps, ours.owner, '1.0.0');
    await onlineDevices(deps, ours.owner, ingest, 'a');
    const id = await create(release);
    const theirs = await createTestOrganization(fleet.db);
    await expect(control(id, 'pause', theirs.owner)).rejects.toMatchObject({ code: 'not_found' });
    expect(await advanceRollout(deps, theirs.organizationId, id)).toBe(false);
    const viewer = await createTestMember(fleet.db, ours.organizationId, 'viewer');
    await expect(control(id, 'pause', viewer)).rejects.toMatchObject({ code: 'forbidden' });
    expect((await rolloutOf(id)).state).toBe('running');
  });

  it('who resumes passes over the wave that failed', async () => {
    const release = await demoRelease(deps, ours.owner, '1.0.0');
    const [a, b] = await onlineDevices(deps, ours.owner, ingest, 'ab');
    if (!a || !b) throw new Error('no devices');
    const id = await create(release, { plan: { waves: [{ name: 'One', size: { count: 1 } }, ...oneWave] } });
    await advance(id);
    const { id: deployment } = await toldOf(id, a);
    await a.reports('failed', { deployment, releaseId: release.id }, null, {
      reason: { code: 'proof.golden', detail: 'x', retry: 'never' },
    });
    await advance(id);
    expect(await rolloutOf(id)).toMatchObject({ state: 'paused', stateReason: { code: 'errors' } });
    expect(await statesOf(id)).toEqual(['a rejected', 'b queued']);
    await control(id, 'resume');
    await advance(id);
    expect(await statesOf(id)).toEqual(['a rejected', 'b notified']);
    await obey(b);
    await advance(id);
    expect((await rolloutOf(id)).state).toBe('succeeded');
  });
});

describe('the engine', () => {
  it('tells devices by a signed document, generation by generation, with a row for each to publish', async () => {
    const [one, two] = [await demoRelease(deps, ours.owner, '1.0.0'), await demoRelease(deps, ours.owner, '2.0.0')];
    const [device] = await onlineDevices(deps, ours.owner, ingest, 'a');
    if (!device) throw new Error('no device');
    for (const [at, release] of [one, two].entries()) {
      const id = await create(release);
      await advance(id);
      const told = await toldOf(id, device);
      expect(told.state).toBe('notified');
      const { jws, generation } = await desiredOf(device);
      expect(generation).toBe(at + 1);
      const { payload } = await compactVerify(jws, await importJWK(deps.signer.trustedKeys[0] ?? {}, 'EdDSA'));
      expect(DesiredState.parse(JSON.parse(new TextDecoder().decode(payload)))).toMatchObject({
        deviceId: device.id,
        generation: at + 1,
        slots: { default: { deployment: told.id, release: release.document } },
      });
      expect(await fleet.db.outbox.count({ where: { deviceId: device.id } })).toBe(at + 1);
      await obey(device);
      await advance(id);
      expect((await rolloutOf(id)).state).toBe('succeeded');
    }
  });

  it('tells a dark device when it comes back', async () => {
    const release = await demoRelease(deps, ours.owner, '1.0.0');
    const [a, b] = await onlineDevices(deps, ours.owner, ingest, 'ab');
    await b?.says(false);
    const id = await create(release, { plan: { waves: [{ ...oneWave[0], bake: { seconds: 600 } }] } });
    await advance(id);
    expect(await statesOf(id)).toEqual(['a notified', 'b queued']);
    if (a) await obey(a);
    await advance(id);
    await b?.says(true);
    clock.forwardMs(1_000);
    await advance(id);
    expect(await statesOf(id)).toEqual(['a succeeded', 'b queued']);
    clock.forwardMs(600_000);
    for (const device of [a, b]) await device?.says(true);
    await advance(id);
    expect(await statesOf(id)).toEqual(['a succeeded', 'b notified']);
  });

  it('lets a newer rollout supersede an older one, which then ends', async () => {
    const [one, two] = [await demoRelease(deps, ours.owner, '1.0.0'), await demoRelease(deps, ours.owner, '2.0.0')];
    const [device] = await onlineDevices(deps, ours.owner, ingest, 'a');
    const older = await create(one);
    await advance(older);
    const newer = await create(two);
    await advance(newer);
    expect(await statesOf(older)).toEqual(['a superseded']);
    await advance(older);
    expect((await rolloutOf(older)).state).toBe('succeeded');
    if (device)
      await device.reports('active', { deployment: (await toldOf(older, device)).id, releaseId: one.id }, one.id);
    expect(await statesOf(older)).toEqual(['a superseded']);
    expect(await statesOf(newer)).toEqual(['a notified']);
  });

  it('two at once decide once', async () => {
    const release = await demoRelease(deps, ours.owner, '1.0.0');
    const [device] = await onlineDevices(deps, ours.owner, ingest, 'a');
    const id = await create(release);
    await Promise.all(Array.from({ length: 4 }, () => advance(id)));
    expect(device && (await desiredOf(device)).generation).toBe(1);
  });
});

describe('rolling back', () => {
  it('sends every moved device to what it served before, and is over when all are back', async () => {
    const [one, two] = [await demoRelease(deps, ours.owner, '1.0.0'), await demoRelease(deps, ours.owner, '2.0.0')];
    const devices = await onlineDevices(deps, ours.owner, ingest, 'ab');
    const [a, b] = devices;
    await a?.reports('active', null, one.id);
    const id = await create(two);
    await advance(id);
    for (const device of devices) await obey(device);
    await advance(id);
    expect((await rolloutOf(id)).state).toBe('succeeded');
    await control(id, 'roll-back');
    await advance(id);
    const back = await fleet.db.rollout.findFirstOrThrow({ where: { rollbackOfId: id } });
    expect((await deploymentsOf(back.id)).map(({ releaseId }) => releaseId)).toEqual([one.id, null]);
    await advance(back.id);
    expect((await rolloutOf(id)).state).toBe('rolling-back');
    expect(b && (await desiredOf(b)).slots).toEqual({ default: null });
    for (const device of devices) await obey(device);
    await advance(back.id);
    await advance(id);
    expect([(await rolloutOf(back.id)).state, (await rolloutOf(id)).state]).toEqual(['succeeded', 'rolled-back']);
    await expect(control(back.id, 'roll-back')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('ends incomplete when a device does not come back in time', async () => {
    const release = await demoRelease(deps, ours.owner, '1.0.0');
    const [device] = await onlineDevices(deps, ours.owner, ingest, 'a');
    const id = await create(release);
    await advance(id);
    await control(id, 'roll-back');
    await advance(id);
    await device?.says(false);
    const back = await fleet.db.rollout.findFirstOrThrow({ where: { rollbackOfId: id } });
    await advance(back.id);
    expect(await statesOf(back.id)).toEqual(['a notified']);
    clock.forwardMs(1_800_000);
    await advance(back.id);
    expect((await rolloutOf(back.id)).state).toBe('running');
    clock.forwardMs(1_801_000);
    await advance(back.id);
    await advance(id);
    expect([(await rolloutOf(back.id)).state, (await rolloutOf(id)).state]).toEqual([
      'succeeded',
      'rollback-incomplete',
    ]);
  });
});
