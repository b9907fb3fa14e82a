import type { ReferenceProfile } from '@flotilla/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { LEARN_HOURS } from '../domain/drift/learn.ts';
import { HOUR_MS } from '../domain/drift/watch.ts';
import { driftFindings, driftView } from '../queries/drift.ts';
import { judgeDrift } from '../services/monitoring/judge-drift.ts';
import { resetReference } from '../services/monitoring/reset-reference.ts';
import { monitoredFleet, ofVersion } from '../testing/monitored-fleet.ts';

const fleet = monitoredFleet();
const WELL = [75, 150, 75];
const OFF = [20, 100, 180];
const profile: ReferenceProfile = {
  v: 1,
  samples: 10_000,
  features: [
    { name: 'load', input: 'signal', of: { element: 0 }, edges: [0, 1], counts: [2_500, 5_000, 2_500], missing: 0 },
  ],
};
/** What a device counts in an hour of 300 inferences. */
const counted = (counts: number[]) => ({ inferences: 300, inputs: { load: { counts } } });
/** Hours with these counts, each judged when it has ended. */
async function hours(release: string, all: readonly number[][]): Promise<void> {
  for (const counts of all) {
    await fleet.send(0, counted(counts), release);
    await fleet.hourEnds();
  }
}

describe('drift', () => {
  const second = { model: 'vibration-fault', version: '2.0.0' };
  let release: string;
  beforeEach(async () => {
    const { inputs } = (
      await fleet.db.modelVersion.findFirstOrThrow({ where: { organizationId: fleet.ours.organizationId } })
    ).facts as unknown as { inputs: { name: string }[] };
    const features = profile.features.map((feature) => ({ ...feature, input: inputs[0]?.name ?? '' }));
    release = await fleet.releaseWith({ ...profile, features }, second.version);
  });

  it('is found on the device and on the fleet when two windows are off, with its numbers, and over after two that are well', async () => {
    await hours(release, [WELL, OFF]);
    expect(await driftFindings(fleet.deps, fleet.ours.owner, { limit: 10 })).toEqual([]);
    const since = Math.floor((fleet.clock.now().getTime() - HOUR_MS) / HOUR_MS) * HOUR_MS;
    await hours(release, [OFF]);
    const found = await driftFindings(fleet.deps, fleet.ours.owner, { isOpen: true, limit: 10 });
    expect(found.map(({ deviceId }) => deviceId).toSorted()).toEqual([fleet.deviceId(0), null].toSorted());
    expect(found[0]).toMatchObject({
      kind: 'input',
      feature: 'load',
      severity: 'strong',
      numbers: { n: 300, m: 10_000, isOff: true },
    });
    expect(Math.abs((found[0]?.since.getTime() ?? 0) - since)).toBeLessThanOrEqual(HOUR_MS);
    const view = await driftView(fleet.deps, fleet.ours.owner, { ...second, deviceId: fleet.deviceId(0) });
    expect(view).toMatchObject({ reference: { source: 'registered' }, gathering: { samples: 0, needed: 200 } });
    expect(view.features[0]).toMatchObject({
      name: 'load',
      state: 'drifting',
      isLearned: false,
      edges: [0, 1],
      referenceShares: [0.25, 0.5, 0.25, 0],
    });
    await hours(release, [WELL, WELL]);
    expect(await driftFindings(fleet.deps, fleet.ours.owner, { isOpen: true, limit: 10 })).toEqual([]);
    const after = await driftView(fleet.deps, fleet.ours.owner, second);
    expect([after.features[0]?.state, after.past.map(({ closedBy }) => closedBy)]).toEqual(['steady', ['over']]);
  });

  it('of one device of many does not become the fleet’s', async () => {
    for (let n = 0; n < 3; n += 1) {
      const many = WELL.map((count) => count * 20);
      await fleet.send(1, { inferences: 6_000, inputs: { load: { counts: many } } }, release);
      await hours(release, [OFF]);
    }
    expect(
      (await driftFindings(fleet.deps, fleet.ours.owner, { isOpen: true, limit: 10 })).map(({ deviceId }) => deviceId),
    ).toEqual([fleet.deviceId(0)]);
  });

  it('is judged once by however many workers', async () => {
    for (const counts of [OFF, OFF, OFF]) {
      await fleet.send(0, counted(counts), release);
      fleet.clock.forwardMs(HOUR_MS);
    }
    fleet.clock.forwardMs(HOUR_MS);
    await fleet.fold();
    for (let n = 0; n < 3; n += 1) await judgeDrift(fleet.deps);
    const watch = await fleet.db.driftWatch.findFirstOrThrow({ where: { deviceId: fleet.deviceId(0) } });
    expect((watch.watch as { windows: unknown[] }).windows).toHaveLength(3);
    expect(await judgeDrift(fleet.deps)).toBe(0);
  });

  it('is judged when nothing of the hour waits to be added to it', async () => {
    const windowsOf = async () =>
      (await fleet.db.driftWatch.findFirst({ where: { deviceId: fleet.deviceId(0) } }))?.watch;
    const [first, late] = [1, 2].map(() => fleet.message(0, [{ ageMs: 20_000, window: counted(WELL) }], release));
    await first?.send();
    await fleet.fold();
    await late?.send();
    fleet.clock.forwardMs(2 * HOUR_MS);
    expect([await judgeDrift(fleet.deps), await windowsOf()]).toEqual([0, undefined]);
    await fleet.fold();
    await judgeDrift(fleet.deps);
    const watch = (await windowsOf()) as { windows: { features: { n: number }[] }[] };
    expect(watch.windows[0]?.features.map(({ n }) => n)).toEqual([600]);
  });

  it('is judged on others when a device counted beyond what can be read', async () => {
    for (let n = 0; n < 2; n += 1)
      await fleet.send(0, { inputs: { load: { counts: WELL.map(() => Number.MAX_SAFE_INTEGER) } } }, release);
    await fleet.send(1, counted(WELL), release);
    await fleet.hourEnds();
    const { watch } = await fleet.db.driftWatch.findFirstOrThrow({ where: { deviceId: fleet.deviceId(1) } });
    expect((watch as { windows: unknown[] }).windows).toHaveLength(1);
    expect(await judgeDrift(fleet.deps)).toBe(0);
  });

  it('needs 200 samples: less is shown as gathering', async () => {
    await fleet.send(0, { inferences: 60, inputs: { load: { counts: [15, 30, 15] } } }, release);
    const view = await driftView(fleet.deps, fleet.ours.owner, second);
    expect(view).toMatchObject({
      window: null,
      gathering: { samples: 60, needed: 200 },
      features: [{ state: 'few', numbers: null }],
    });
  });
});

it('without a reference one is learned from the first good day, shown as learned, and reset on demand', async () => {
  const classCounts = [200, 100];
  const hour = async (counts: number[]) => {
    await fleet.send(0, { inferences: 300, outputs: { classCounts: counts } });
    await fleet.hourEnds();
  };
  for (let n = 0; n < LEARN_HOURS - 1; n += 1) await hour(classCounts);
  const learning = await driftView(fleet.deps, fleet.ours.owner, ofVersion);
  expect(learning.reference).toMatchObject({
    source: 'learned',
    learning: { hours: LEARN_HOURS - 1, needHours: LEARN_HOURS },
  });
  expect(learning.features).toEqual([]);
  await hour(classCounts);
  await hour([50, 250]);
  await hour([50, 250]);
  const view = await driftView(fleet.deps, fleet.ours.owner, ofVersion);
  expect(view.features).toMatchObject([
    { kind: 'answer', state: 'drifting', isLearned: true, finding: { severity: 'strong' } },
  ]);
  await resetReference(fleet.deps, fleet.ours.owner, { ...ofVersion, hours: 1 });
  const reset = await driftView(fleet.deps, fleet.ours.owner, ofVersion);
  expect([reset.features, reset.reference?.learning?.needHours, reset.past[0]?.closedBy]).toEqual([[], 1, 'reference']);
});
