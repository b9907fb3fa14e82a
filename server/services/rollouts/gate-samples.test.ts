import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { StoredRelease } from '../../db/releases.ts';
import { loadRolloutView } from '../../db/rollout-view.ts';
import { findRollout } from '../../db/rollouts.ts';
import { forTenant } from '../../db/scope.ts';
import { sumTelemetry } from '../../db/telemetry.ts';
import {
  demoRelease,
  type Ingest,
  onlineDevices,
  type TestDeps,
  type TestDevice,
  type Told,
} from '../../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestFleet, testFleet } from '../../testing/test-fleet.ts';
import { addLabels } from '../labels/add-labels.ts';
import { advanceRollout } from './advance-rollout.ts';
import { CreateRollout, createRollout } from './create-rollout.ts';

let clock: TestFleet['clock'];
let deps: TestDeps;
let ours: TestOrganization;
let ingest: Ingest;
let release: StoredRelease;
let devices: TestDevice[];
let toldAt: Date;
const fleet = testFleet(async (made) => {
  ({ clock, deps, ours, ingest } = made);
  release = await demoRelease(deps, ours.owner, '1.0.0');
  devices = await onlineDevices(deps, ours.owner, ingest, 'abc');
});

const NONE = { devices: 0, n: 0, bad: 0 };
const at = (index: number): TestDevice => {
  const device = devices[index];
  if (!device) throw new Error('no such device');
  return device;
};

/** What a device says that it did with the release, a second after it was told and for ten, unless it says otherwise. */
type Said = Omit<Told, 'agoMs'> & { afterMs?: number };
async function says(device: TestDevice, { afterMs = 1_000, ...more }: Said): Promise<void> {
  const agoMs = clock.now().getTime() - toldAt.getTime() - afterMs;
  const plain = { labelled: undefined, slot: 'default', durationMs: 10_000, inferences: 0, errors: 0 };
  await device.measures({ agoMs, releaseId: release.id, ...plain, ...more });
}

/** A rollout whose first wave, devices a and b, bakes; 50 s have passed since they were told. */
async function baking(slot = 'default', bake: object = { seconds: 600 }): Promise<string> {
  const waves = [
    { name: 'Two', size: { count: 2 }, bake },
    { name: 'All', size: { percent: 100 }, bake },
  ];
  const input = CreateRollout.parse({ releaseId: release.id, start: true, plan: { slot, waves } });
  const { id } = await createRollout(deps, ours.owner, input);
  await advance(id);
  toldAt = clock.now();
  for (const device of [at(0), at(1)]) await obey(id, device, slot);
  await advance(id);
  clock.forwardMs(50_000);
  return id;
}
/** The device serves what it was told. */
async function obey(rolloutId: string, device: TestDevice, slot = 'default'): Promise<void> {
  const where = { rolloutId, deviceId: device.id, state: 'notified' };
  const { id: deployment } = await fleet.db.deployment.findFirstOrThrow({ where });
  await device.reports('active', { deployment, releaseId: release.id }, release.id, {}, slot);
}
async function advance(id: string): Promise<void> {
  for (let look = 0; look < 20; look += 1) if (!(await advanceRollout(deps, ours.organizationId, id))) return;
}
async function viewOf(id: string) {
  const scope = forTenant(fleet.db, ours.organizationId);
  const rollout = await findRollout(scope, id);
  if (!rollout) throw new Error('no rollout');
  return loadRolloutView(scope, rollout, clock.now());
}
/** What the gates of each wave see: devices that said something, observations, and the bad ones among them. */
const samplesOf = async (id: string) =>
  (await viewOf(id)).waves.map(({ samples: { devices: seen } }) => ({
    error_rate: totalOf(seen.map(({ after }) => after.inferences)),
    accuracy: totalOf(seen.map(({ after }) => after.labels)),
  }));
function totalOf(counts: { n: number; bad: number }[]) {
  const some = counts.filter(({ n }) => n > 0);
  return {
    devices: some.length,
    n: some.reduce((sum, { n }) => sum + n, 0),
    bad: some.reduce((sum, { bad }) => sum + bad, 0),
  };
}
const stateOf = async (id: string) => (await viewOf(id)).waves.map(({ state }) => state);

describe('what the gates of a wave see', () => {
  it('is the sum over its devices of what they did with the release since they were told', async () => {
    const id = await baking();
    await says(at(0), { inferences: 90, errors: 10, labelled: { n: 50, correct: 45 } });
    await says(at(0), { inferences: 100, afterMs: 20_000, labelled: { n: 50, correct: 50 } });
    await says(at(1), { inferences: 7, errors: 1 });
    expect(await samplesOf(id)).toEqual([
      { error_rate: { devices: 2, n: 208, bad: 11 }, accuracy: { devices: 1, n: 100, bad: 5 } },
      { error_rate: NONE, accuracy: NONE },
    ]);
  });

  it('is nothing before anything was said, or when nothing was done', async () => {
    const id = await baking();
    expect(await samplesOf(id)).toEqual([
      { error_rate: NONE, accuracy: NONE },
      { error_rate: NONE, accuracy: NONE },
    ]);
    await says(at(0), { labelled: { n: 0, correct: 0 } });
    expect((await samplesOf(id))[0]).toEqual({ error_rate: NONE, accuracy: NONE });
  });

  it('begins with the window that begins when the device was told', async () => {
    const id = await baking();
    await says(at(0), { inferences: 1, afterMs: -1 });
    expect((await samplesOf(id))[0]?.error_rate).toEqual(NONE);
    await says(at(0), { inferences: 2, afterMs: 0 });
    expect((await samplesOf(id))[0]?.error_rate).toEqual({ devices: 1, n: 2, bad: 0 });
  });

  const foreign: [string, () => Promise<[TestDevice, Said]>][] = [
    ['of a device of another wave', async () => [at(2), {}]],
    ['of another release', async () => [at(0), { releaseId: (await demoRelease(deps, ours.owner, '2.0.0')).id }]],
    ['of a release that is not known', async () => [at(0), { releaseId: uuidv7() }]],
    ['of another slot', async () => [at(0), { slot: 'second' }]],
    ['of the time before', async () => [at(0), { afterMs: -3_600_000 }]],
    [
      'of another organization’s device',
      async () => {
        const theirs = await createTestOrganization(fleet.db);
        const [device] = await onlineDevices(deps, theirs.owner, ingest, 'x');
        return [device ?? at(0), {}];
      },
    ],
  ];
  it.each(foreign)('is not a window %s', async (_, other) => {
    const id = await baking();
    const [device, said] = await other();
    await says(device, { inferences: 5, errors: 5, labelled: { n: 5, correct: 0 }, ...said });
    expect(await samplesOf(id)).toEqual([
      { error_rate: NONE, accuracy: NONE },
      { error_rate: NONE, accuracy: NONE },
    ]);
  });

  it('is each slot’s own when two slots of a device get one release', async () => {
    const [first, second] = [await baking('default'), await baking('second')];
    await says(at(0), { inferences: 10, slot: 'default', labelled: { n: 10, correct: 10 } });
    await says(at(0), { errors: 20, slot: 'second', labelled: { n: 20, correct: 0 } });
    expect((await samplesOf(first))[0]).toEqual({
      error_rate: { devices: 1, n: 10, bad: 0 },
      accuracy: { devices: 1, n: 10, bad: 0 },
    });
    expect((await samplesOf(second))[0]).toEqual({
      error_rate: { devices: 1, n: 20, bad: 20 },
      accuracy: { devices: 1, n: 20, bad: 20 },
    });
  });

  it('counts answers with a label, but not those of which nobody says whether they were right', async () => {
    const id = await baking();
    await says(at(0), { inferences: 10, labelled: { n: 10, absErrorSum: 2.5 } });
    expect((await samplesOf(id))[0]).toEqual({ error_rate: { devices: 1, n: 10, bad: 0 }, accuracy: NONE });
    await says(at(1), { inferences: 10, labelled: { n: 4, correct: 3 } });
    expect((await samplesOf(id))[0]?.accuracy).toEqual({ devices: 1, n: 4, bad: 1 });
    const range = { from: toldAt, to: clock.now() };
    const charted = await sumTelemetry(forTenant(fleet.db, ours.organizationId), range, 'none', 3_600_000);
    expect(charted).toMatchObject([{ inferences: 20, labelledN: 4, labelledCorrect: 3 }]);
  });

  it('of a wave that is over is read no more, for its verdict is kept, and is not the next one’s', async () => {
    const id = await baking('default', { seconds: 30 });
    await says(at(0), { inferences: 10 });
    expect((await samplesOf(id))[0]?.error_rate.n).toBe(10);
    await advance(id);
    await obey(id, at(2));
    await advance(id);
    clock.forwardMs(10_000);
    for (const device of [at(0), at(2)]) await says(device, { inferences: 7, afterMs: 55_000 });
    expect(await stateOf(id)).toEqual(['passed', 'baking']);
    expect((await samplesOf(id)).map(({ error_rate }) => error_rate.n)).toEqual([0, 7]);
  });
});

describe('what gates see beside windows', () => {
  const gates = ['accuracy', 'estimated_accuracy', 'drift'].map((metric) =>
    metric === 'drift' ? { metric, limit: 0.2 } : { metric, limit: 0.5 },
  );
  const confidence = (bin: number) => Array.from({ length: 20 }, (_, at) => (at === bin ? 400 : 0));

  it('is labels that come later, joined to what the device answered', async () => {
    const id = await baking('default', { seconds: 600, gates });
    const predictions = ['i-1', 'i-2', 'i-3', 'i-4'].map((inference, place) => ({
      id: inference,
      at: toldAt.getTime() + 1_000 + place,
      class: 1,
    }));
    await says(at(0), { inferences: 400, predictions });
    expect((await samplesOf(id))[0]?.accuracy).toEqual(NONE);
    const labels = ['i-1', 'i-2', 'i-3'].map((inference, place) => ({ id: inference, class: place === 0 ? 0 : 1 }));
    await addLabels(deps, ours.owner, { labels });
    const seen = (await samplesOf(id))[0]?.accuracy;
    expect([seen?.devices, seen?.n, Math.round(seen?.bad ?? 0)]).toEqual([1, 3, 1]);
  });

  it('is what the calibrated confidence promises', async () => {
    const id = await baking('default', { seconds: 600, gates });
    const estimated = { n: 100, truePositives: [40, 50], falsePositives: [5, 5], falseNegatives: [5, 5], variance: 9 };
    await says(at(0), { inferences: 100, outputs: { estimated } });
    const [wave] = (await viewOf(id)).waves;
    expect(wave?.samples.devices.map(({ after }) => after.estimated)).toEqual([
      { n: 100, bad: expect.closeTo(10), windows: 1, burst: expect.closeTo(1) },
    ]);
  });

  it('is how far the answers are from the version’s reference', async () => {
    const id = await baking('default', { seconds: 600, gates });
    const { versionId } = await fleet.db.release.findFirstOrThrow({ where: { id: release.id } });
    const profile = { n: 4_000, features: [], outputs: { confidence: confidence(19).map((count) => count * 10) } };
    await fleet.db.versionReference.upsert({
      where: { versionId },
      create: {
        organizationId: ours.organizationId,
        versionId,
        source: 'registered',
        profile,
        learnHours: 24,
        updatedAt: clock.now(),
      },
      update: { source: 'registered', profile },
    });
    await says(at(0), { inferences: 400, outputs: { confidence: confidence(19) } });
    await says(at(1), { inferences: 400, outputs: { confidence: confidence(3) } });
    const [wave] = (await viewOf(id)).waves;
    const distance = (device: TestDevice) =>
      wave?.samples.devices.find(({ deviceId }) => deviceId === device.id)?.after.drift?.distance;
    expect(distance(at(0))).toBe(0);
    expect(distance(at(1))).toBeGreaterThan(0.9);
  });
});

describe('a gate', () => {
  const gates = [{ metric: 'accuracy', limit: 0.9, minInferences: 50 }];

  it('passes a wave on enough good data, and takes one back on bad data, from stored telemetry', async () => {
    const good = await baking('default', { seconds: 30, gates });
    await says(at(0), { inferences: 100, labelled: { n: 49, correct: 49 } });
    await advance(good);
    expect((await stateOf(good))[0]).toBe('baking');
    await says(at(1), { inferences: 100, labelled: { n: 1, correct: 1 } });
    await advance(good);
    expect((await stateOf(good))[0]).toBe('passed');
    const bad = await baking('second', { seconds: 30, gates });
    await says(at(0), { inferences: 100, slot: 'second', labelled: { n: 100, correct: 50 } });
    await advance(bad);
    expect([(await stateOf(bad))[0], (await viewOf(bad)).state]).toEqual(['failed', 'rolling-back']);
  });
});
