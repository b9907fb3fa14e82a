import { addToSketch, emptySketch, sketchToWire } from '@flotilla/protocol';
import { describe, expect, test } from 'vitest';
import type { StoredRelease } from '../db/releases.ts';
import { defaultWaves } from '../domain/rollout/plan.ts';
import { updateDevice } from '../services/devices/update-device.ts';
import { CreateRollout, createRollout } from '../services/rollouts/create-rollout.ts';
import { demoRelease, onlineDevices, type TestDevice } from '../testing/fleet.ts';
import { createTestOrganization } from '../testing/organizations.ts';
import { fileFleet, type TestFleet } from '../testing/test-fleet.ts';
import { ExploreInput, explore, exploreChoices } from './explore.ts';

let clock: TestFleet['clock'];
let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let first: StoredRelease;
let second: StoredRelease;
let devices: Record<string, TestDevice>;

/** One window of ten inferences of so many ms. */
async function measured(name: string, { id: releaseId }: StoredRelease, ms: number, inferences = 10): Promise<void> {
  const run = emptySketch();
  for (let at = 0; at < inferences; at += 1) addToSketch(run, ms);
  const latencyMs = { run: sketchToWire(run) };
  await devices[name]?.measures({ agoMs: 60_000, releaseId, durationMs: 15_000, inferences, errors: 0, latencyMs });
}

const fleet = fileFleet(async (made) => {
  ({ clock, deps, ours } = made);
  const [a, b, c] = await onlineDevices(deps, ours.owner, made.ingest, 'abc');
  if (!a || !b || !c) throw new Error('there are three devices');
  devices = { a, b, c };
  await updateDevice(deps, ours.owner, { deviceId: a.id, labels: { site: 'oslo' } });
  await updateDevice(deps, ours.owner, { deviceId: b.id, labels: { site: 'bergen' } });
  first = await demoRelease(deps, ours.owner, '1.0.0');
  second = await demoRelease(deps, ours.owner, '2.0.0');
  await measured('a', first, 4);
  await measured('a', second, 8);
  await measured('b', second, 16, 30);
  await measured('c', first, 32, 5);
});

function explored(input: Record<string, unknown>) {
  const to = clock.now();
  const range = { from: new Date(to.getTime() - 3_600_000), to, metrics: ['latency_p50_ms'] };
  return explore(deps, ours.owner, ExploreInput.parse({ ...range, ...input }));
}

/** Each line's label with its only value, whole ms. */
async function valuesOf(input: Record<string, unknown>): Promise<Record<string, number>> {
  const { lines, series } = await explored(input);
  return Object.fromEntries(
    lines.map(({ key, label }) => {
      const values = series.find((each) => each.key === key)?.points.flatMap(({ value }) => value ?? []) ?? [];
      return [label, Math.round(values[0] ?? Number.NaN)];
    }),
  );
}

describe('telemetry by what a person asks for', () => {
  test('by version, those with most inferences first, named by version alone within one model', async () => {
    const { lines } = await explored({ groupBy: 'version' });
    expect(lines.map(({ label, samples }) => [label, samples])).toEqual([
      ['2.0.0', 40],
      ['1.0.0', 15],
    ]);
    expect(lines[0]?.id).toBe('vibration-fault@2.0.0');
  });

  test('by the value of a label; devices without it are a line of their own', async () => {
    expect(await valuesOf({ groupBy: 'label', labelKey: 'site', versionIds: [first.versionId] })).toEqual({
      oslo: 4,
      'without site': 32,
    });
  });

  test('by the value of a label over a day as over an hour, though rollups answer the one and windows the other', async () => {
    const from = new Date(clock.now().getTime() - 86_400_000);
    const byLabel = { groupBy: 'label', labelKey: 'site', versionIds: [first.versionId] };
    expect((await explored({ ...byLabel, from })).stepMs).toBeGreaterThanOrEqual(60_000);
    expect(await valuesOf({ ...byLabel, from })).toEqual({ oslo: 4, 'without site': 32 });
  });

  test('by device, of those that a selector holds', async () => {
    expect(await valuesOf({ groupBy: 'device', selector: 'site' })).toMatchObject({ b: 16 });
    expect(Object.keys(await valuesOf({ groupBy: 'device', selector: 'site' })).toSorted()).toEqual(['a', 'b']);
  });

  test('two versions on the same devices: what only one of them ran on does not count', async () => {
    const versionIds = [first.versionId, second.versionId];
    expect(await valuesOf({ groupBy: 'version', versionIds, sameDevices: true })).toEqual({ '1.0.0': 4, '2.0.0': 8 });
    expect((await explored({ groupBy: 'version', versionIds, sameDevices: true })).devices).toBe(1);
    expect(await valuesOf({ groupBy: 'version', versionIds })).toEqual({ '1.0.0': 4, '2.0.0': 16 });
  });

  test('with what rollouts did in the range, and nothing of before or after it', async () => {
    const input = CreateRollout.parse({
      releaseId: first.id,
      name: 'Spring',
      start: true,
      plan: { waves: defaultWaves },
    });
    const { id: rolloutId } = await createRollout(deps, ours.owner, input);
    clock.forwardMs(60_000);
    expect((await explored({})).marks).toMatchObject([{ rolloutId, rolloutName: 'Spring', kind: 'start' }]);
    expect((await explored({ from: new Date(clock.now().getTime() - 30_000) })).marks).toEqual([]);
    const before = new Date(clock.now().getTime() - 90_000);
    expect((await explored({ from: new Date(before.getTime() - 3_600_000), to: before })).marks).toEqual([]);
  });

  test('grouping by a label needs its key, and a selector must be one', async () => {
    await expect(explored({ groupBy: 'label' })).rejects.toMatchObject({ reason: 'label-key' });
    await expect(explored({ selector: 'site=(' })).rejects.toMatchObject({ reason: 'selector' });
  });

  test('another organization sees none of it, and has nothing to choose', async () => {
    const theirs = await createTestOrganization(fleet.db);
    const to = clock.now();
    const range = { from: new Date(to.getTime() - 3_600_000), to, metrics: ['latency_p50_ms'] };
    const versionIds = [first.versionId, second.versionId];
    const input = ExploreInput.parse({ ...range, groupBy: 'version', versionIds, sameDevices: true });
    expect(await explore(deps, theirs.owner, input)).toMatchObject({ lines: [], devices: 0 });
    expect(await exploreChoices(deps, theirs.owner)).toEqual({ models: [], labelKeys: [] });
    expect(await exploreChoices(deps, ours.owner)).toMatchObject({
      models: [{ name: 'vibration-fault', versions: [{ version: '2.0.0' }, { version: '1.0.0' }] }],
      labelKeys: ['site'],
    });
  });
});
