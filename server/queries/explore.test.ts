import { randomUUID } from 'node:crypto';
import { addToSketch, emptySketch, sketchToWire } from '@flotilla/protocol';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredRelease } from '../db/releases.ts';
import { updateDevice } from '../services/devices/update-device.ts';
import { testClock } from '../testing/clock.ts';
import { testDatabase } from '../testing/database.ts';
import {
  demoRelease,
  type Ingest,
  ingestInto,
  onlineDevices,
  removeArtifacts,
  type TestDeps,
  testDeps,
} from '../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { ExploreInput, explore, exploreChoices } from './explore.ts';

const database = testDatabase();
const clock = testClock();
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let ingest: Ingest;
let pool: pg.Pool;
let first: StoredRelease;
let second: StoredRelease;
let ids: Record<string, string>;

/** One window of ten inferences of so many ms. */
async function measured(name: string, { id: releaseId }: StoredRelease, ms: number, inferences = 10): Promise<void> {
  const run = emptySketch();
  for (let at = 0; at < inferences; at += 1) addToSketch(run, ms);
  const window = {
    slot: 'default',
    releaseId,
    startMs: clock.now().getTime() - 60_000,
    durationMs: 15_000,
    inferences,
    errors: 0,
  };
  const windows = [{ ...window, latencyMs: { run: sketchToWire(run) } }];
  const body = { boot: randomUUID(), seq: 1, oldestSeq: 1, sentAt: clock.now().getTime(), windows };
  await ingest(ids[name] ?? '', 'telemetry', body);
}

beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, clock.now);
  ({ ingest, pool } = ingestInto(database.url(), clock.now));
  ours = await createTestOrganization(database.db());
  await onlineDevices(deps, ours.owner, ingest, 'abc');
  const devices = await database.db().device.findMany({ where: { organizationId: ours.organizationId } });
  ids = Object.fromEntries(devices.map(({ id, name }) => [name, id]));
  await updateDevice(deps, ours.owner, { deviceId: ids.a ?? '', labels: { site: 'oslo' } });
  await updateDevice(deps, ours.owner, { deviceId: ids.b ?? '', labels: { site: 'bergen' } });
  first = await demoRelease(deps, ours.owner, '1.0.0');
  second = await demoRelease(deps, ours.owner, '2.0.0');
  await measured('a', first, 4);
  await measured('a', second, 8);
  await measured('b', second, 16, 30);
  await measured('c', first, 32, 5);
});
afterAll(async () => {
  await pool.end();
  await removeArtifacts(deps);
  await pki.remove();
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

  test('grouping by a label needs its key, and a selector must be one', async () => {
    await expect(explored({ groupBy: 'label' })).rejects.toMatchObject({ reason: 'label-key' });
    await expect(explored({ selector: 'site=(' })).rejects.toMatchObject({ reason: 'selector' });
  });

  test('another organization sees none of it, and has nothing to choose', async () => {
    const theirs = await createTestOrganization(database.db());
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
