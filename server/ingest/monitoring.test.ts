import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReferenceProfile, Window } from '@flotilla/protocol';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deleteOldMonitoring } from '../db/predictions.ts';
import { LEARN_HOURS } from '../domain/drift/learn.ts';
import { HOUR_MS } from '../domain/drift/watch.ts';
import { accuracyView } from '../queries/accuracy.ts';
import { driftFindings, driftView } from '../queries/drift.ts';
import { addLabels } from '../services/labels/add-labels.ts';
import { RegisterVersion, registerVersion } from '../services/models/register-version.ts';
import { judgeDrift } from '../services/monitoring/judge-drift.ts';
import { resetReference } from '../services/monitoring/reset-reference.ts';
import { CreateRelease, createRelease } from '../services/releases/create-release.ts';
import { testClock } from '../testing/clock.ts';
import { testDatabase } from '../testing/database.ts';
import { enrollTestDevice } from '../testing/enrollment.ts';
import {
  demoFile,
  type Ingest,
  ingestInto,
  partsOf,
  removeArtifacts,
  type TestDeps,
  testDeps,
} from '../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';

const fixtures = join(import.meta.dirname, '../../agent/protocol/fixtures/v1');
const [{ inputs: _, outputs: __, labelled: ___, predictions: ____, ...plain }] = JSON.parse(
  readFileSync(join(fixtures, 'telemetry-monitored.json'), 'utf8'),
).windows;
const database = testDatabase();
let pki: TestPki;
let clock: ReturnType<typeof testClock>;
let deps: TestDeps;
let ours: TestOrganization;
let ingest: Ingest;
let pool: pg.Pool;
let releaseId: string;
let devices: { id: string; boot: string; seq: number }[];
beforeAll(async () => {
  pki = await testPki();
});
beforeEach(async () => {
  clock = testClock();
  deps = await testDeps(database.db(), pki.dir, clock.now);
  ({ ingest, pool } = ingestInto(database.url(), clock.now));
  ours = await createTestOrganization(database.db());
  releaseId = await releaseWith(null);
  devices = [];
  for (const name of ['a', 'b']) {
    const { deviceId } = await enrollTestDevice(deps, ours.owner, name);
    devices.push({ id: deviceId, boot: uuidv7(), seq: 0 });
  }
});
afterEach(async () => {
  await pool.end();
  await removeArtifacts(deps);
});
afterAll(() => pki.remove());

const ofVersion = { model: 'vibration-fault', version: '1.0.0' };
async function releaseWith(profile: ReferenceProfile | null, version = '1.0.0'): Promise<string> {
  const onnx = await demoFile('vibration-fault-1.0.0.onnx');
  const labels = await demoFile('labels.json');
  const reference = profile ? [['reference', 'reference.json', Buffer.from(JSON.stringify(profile))] as const] : [];
  const input = RegisterVersion.parse({ ...ofVersion, version });
  const parts = partsOf(
    ['model', 'm.onnx', onnx],
    ['labels', 'labels.json', labels],
    ...reference.map((part) => [...part] as never),
  );
  await registerVersion(deps, ours.owner, input, parts);
  return (await createRelease(deps, ours.owner, CreateRelease.parse({ ...ofVersion, version }))).release.id;
}
/** Windows of a device that began so long ago. */
function message(at: number, windows: { ageMs: number; window: Partial<Window> }[], release = releaseId) {
  const device = devices[at];
  if (!device) throw new Error('no such device');
  device.seq += 1;
  const nowMs = clock.now().getTime();
  const body = {
    boot: device.boot,
    seq: device.seq,
    oldestSeq: 1,
    sentAt: nowMs,
    windows: windows.map(({ ageMs, window }) => ({
      ...plain,
      releaseId: release,
      startMs: nowMs - ageMs,
      errors: 0,
      ...window,
    })),
  };
  return { send: () => ingest(device.id, 'telemetry', body), body };
}
const send = (at: number, window: Partial<Window>, ageMs = 20_000) => message(at, [{ ageMs, window }]).send();
const accuracy = (more: object = {}) =>
  accuracyView(deps, ours.owner, {
    ...ofVersion,
    from: new Date(clock.now().getTime() - 24 * HOUR_MS),
    to: new Date(clock.now().getTime() + HOUR_MS),
    ...more,
  });
const answers = (...predictions: NonNullable<Window['predictions']>) =>
  send(0, { predictions: predictions.map((each) => ({ ...each, at: each.at || clock.now().getTime() - 20_000 })) });
const label = (...labels: Parameters<typeof addLabels>[2]['labels']) => addLabels(deps, ours.owner, { labels });

describe('labels that come later', () => {
  it('find their prediction whichever comes first, each counted once', async () => {
    expect(await label({ id: 'early', class: 1 })).toEqual({ received: 1, changed: 1, joined: 0, waiting: 1 });
    await answers({ id: 'early', at: 0, class: 1 }, { id: 'late', at: 0, class: 2 }, { id: 'never', at: 0, class: 0 });
    await answers({ id: 'late', at: 0, class: 3 });
    expect(await label({ id: 'late', class: 1 })).toEqual({ received: 1, changed: 1, joined: 1, waiting: 0 });
    for (const deviceId of [undefined, devices[0]?.id])
      expect(await accuracy({ deviceId })).toMatchObject({
        late: { n: 2, correct: 1, reported: 3, coverage: 2 / 3 },
        accuracy: { share: 0.5, n: 2, isFew: true },
        classification: { n: 2, baseline: { index: 1, accuracy: 1 } },
        classes: expect.arrayContaining([expect.any(String)]),
      });
    expect(await accuracy({ deviceId: devices[1]?.id })).toMatchObject({ late: { n: 0, reported: 0 }, accuracy: null });
  });

  it('that are sent again change nothing; the latest wins, and what it replaced is kept', async () => {
    await answers({ id: 'x', at: 0, class: 2 });
    const at = (minute: number) => new Date(clock.now().getTime() - minute * 60_000).toISOString();
    await label({ id: 'x', class: 1, at: at(9) });
    expect(await label({ id: 'x', class: 1, at: at(9) })).toMatchObject({ changed: 0 });
    expect(await label({ id: 'x', class: 0, at: at(10) })).toMatchObject({ changed: 0 });
    expect(await label({ id: 'x', class: 3, at: at(2) }, { id: 'x', class: 2, at: at(1) })).toMatchObject({
      changed: 1,
    });
    expect(await accuracy()).toMatchObject({ late: { n: 1, correct: 1 }, accuracy: { share: 1 } });
    for (let n = 0; n < 9; n += 1) await label({ id: 'x', class: n % 3, at: at(0) });
    const row = await database.db().prediction.findFirstOrThrow({ where: { inferenceId: 'x' } });
    expect(row.labelHistory).toHaveLength(5);
    const [{ sum, least }] = (
      await pool.query(
        'SELECT sum(n)::int AS sum, min(n)::int AS least FROM accuracy_hour WHERE organization_id = $1',
        [ours.organizationId],
      )
    ).rows;
    expect([sum, least]).toEqual([2, 0]);
  });

  it('join when they and their predictions are stored at the same time', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `at-once-${n}`);
    await Promise.all([
      ...ids.map((id) => label({ id, class: 1 })),
      ...ids.map((id, n) =>
        message(n % 2, [
          { ageMs: 20_000, window: { predictions: [{ id, at: clock.now().getTime() - 20_000, class: n % 2 }] } },
        ]).send(),
      ),
    ]);
    expect(await accuracy()).toMatchObject({ late: { n: 60, correct: 30, reported: 60 } });
  });

  it('of numbers give errors, and one of the other kind counts as none', async () => {
    await answers({ id: 'n1', at: 0, value: 5 }, { id: 'n2', at: 0, value: 1 }, { id: 'n3', at: 0, value: 1 });
    await label({ id: 'n1', value: 2 }, { id: 'n2', value: 3 }, { id: 'n3', class: 1 });
    await label({ id: 'n2', value: 2 });
    const { regression, late } = await accuracy();
    expect(regression).toEqual({ n: 2, mae: 2, rmse: Math.sqrt(5), bias: 1 });
    expect(late).toMatchObject({ n: 2, reported: 3 });
  });

  it('stand at the hour of the answer, however late they come', async () => {
    const old = clock.now().getTime() - 5 * HOUR_MS;
    await message(0, [{ ageMs: 5 * HOUR_MS, window: { predictions: [{ id: 'old', at: old, class: 1 }] } }]).send();
    await label({ id: 'old', class: 1 });
    const hour = (from: number) => accuracy({ from: new Date(from), to: new Date(from + HOUR_MS) });
    expect((await hour(Math.floor(old / HOUR_MS) * HOUR_MS)).late.n).toBe(1);
    expect((await hour(clock.now().getTime())).late.n).toBe(0);
  });

  it('of unsure answers, which are reported more often, weigh what such answers are worth', async () => {
    const confidence = Array.from({ length: 20 }, (_, bin) => (bin < 10 ? 0.2 : 9.8)).map((n) => n * 10);
    const unsure = Array.from({ length: 10 }, (_, n) => ({ id: `u${n}`, at: 0, class: 1, confidence: 0.3 }));
    const sure = Array.from({ length: 10 }, (_, n) => ({ id: `s${n}`, at: 0, class: 1, confidence: 0.9 }));
    await send(0, { outputs: { confidence } });
    await answers(...unsure, ...sure);
    await label(...unsure.map(({ id }) => ({ id, class: 0 })), ...sure.map(({ id }) => ({ id, class: 1 })));
    expect((await accuracy()).accuracy).toMatchObject({ share: expect.closeTo(0.98, 9), isWeighted: true, n: 20 });
  });

  it('meet answers that are unsure as their device says, and by the bound of now where it does not say', async () => {
    const said = [
      { id: 'chance', at: 0, class: 1, confidence: 0.3, unsure: false },
      { id: 'kept', at: 0, class: 1, confidence: 0.7, unsure: true },
      { id: 'older', at: 0, class: 1, confidence: 0.3 },
    ];
    await answers(...said);
    const { rows } = await pool.query('SELECT inference_id, is_unsure FROM prediction WHERE organization_id = $1', [
      ours.owner.organizationId,
    ]);
    expect(Object.fromEntries(rows.map((row) => [row.inference_id, row.is_unsure]))).toEqual({
      chance: false,
      kept: true,
      older: true,
    });
  });

  it('by name are classes of the model, or none is stored', async () => {
    const classes = (await accuracy()).classes ?? [];
    await answers({ id: 'named', at: 0, class: 1 });
    const add = (name: string, model: string | undefined = ofVersion.model) =>
      addLabels(deps, ours.owner, { labels: [{ id: 'named', label: name }], ...(model ? { model } : {}) });
    await expect(add('no such class')).rejects.toMatchObject({
      code: 'invalid',
      fields: [{ pointer: '/labels/0/label' }],
    });
    await expect(add(classes[1] ?? '', '')).rejects.toMatchObject({ reason: 'labels_model' });
    expect(await add(classes[1] ?? '')).toMatchObject({ joined: 1 });
    expect((await accuracy()).late).toMatchObject({ n: 1, correct: 1 });
  });

  it('of another organization never meet our predictions', async () => {
    const theirs = await createTestOrganization(database.db());
    await answers({ id: 'same', at: 0, class: 1 });
    expect(await addLabels(deps, theirs.owner, { labels: [{ id: 'same', class: 1 }] })).toMatchObject({ joined: 0 });
    expect((await accuracy()).late.n).toBe(0);
    await expect(
      accuracyView(deps, theirs.owner, { ...ofVersion, from: new Date(0), to: new Date(1) }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(driftView(deps, theirs.owner, ofVersion)).rejects.toMatchObject({ code: 'not_found' });
  });
});

it('what devices know themselves, and what their calibrated confidence promises, adds up over devices and messages sent twice', async () => {
  const window: Partial<Window> = {
    inferences: 100,
    labelled: { n: 10, correct: 8, confusion: { classes: 2, counts: [4, 1, 1, 4] } },
    outputs: {
      estimated: { n: 100, truePositives: [45, 40], falsePositives: [5, 10], falseNegatives: [10, 5], variance: 12 },
    },
  };
  for (const at of [0, 1]) {
    const told = message(at, [{ ageMs: 20_000, window }]);
    await told.send();
    await told.send();
  }
  expect(await accuracy()).toMatchObject({
    answers: 200,
    onDevice: { n: 20, correct: 16 },
    accuracy: { share: 0.8, n: 20 },
    confusion: { classes: 2, counts: [8, 2, 2, 8] },
    estimate: { n: 200, accuracy: 0.85, low: expect.closeTo(0.85 - (3 * Math.sqrt(24)) / 200, 9) },
  });
});

const WELL = [75, 150, 75];
const OFF = [20, 100, 180];
const profile: ReferenceProfile = {
  v: 1,
  samples: 10_000,
  features: [
    { name: 'load', input: 'signal', of: { element: 0 }, edges: [0, 1], counts: [2_500, 5_000, 2_500], missing: 0 },
  ],
};
/** Hours with these counts, each judged when it has ended. */
async function hours(release: string, all: readonly number[][], at = 0): Promise<void> {
  for (const counts of all) {
    const window = { inferences: 300, inputs: { load: { counts } } };
    await message(at, [{ ageMs: 20_000, window }], release).send();
    clock.forwardMs(HOUR_MS);
    clock.forwardMs(6 * 60_000);
    await judgeDrift(deps);
  }
}

describe('drift', () => {
  const second = { model: 'vibration-fault', version: '2.0.0' };
  let release: string;
  beforeEach(async () => {
    const { inputs } = (
      await database.db().modelVersion.findFirstOrThrow({ where: { organizationId: ours.organizationId } })
    ).facts as unknown as { inputs: { name: string }[] };
    const features = profile.features.map((feature) => ({ ...feature, input: inputs[0]?.name ?? '' }));
    release = await releaseWith({ ...profile, features }, second.version);
  });

  it('is found on the device and on the fleet when two windows are off, with its numbers, and over after two that are well', async () => {
    await hours(release, [WELL, OFF]);
    expect(await driftFindings(deps, ours.owner, { limit: 10 })).toEqual([]);
    const since = Math.floor((clock.now().getTime() - HOUR_MS) / HOUR_MS) * HOUR_MS;
    await hours(release, [OFF]);
    const found = await driftFindings(deps, ours.owner, { isOpen: true, limit: 10 });
    expect(found.map(({ deviceId }) => deviceId).toSorted()).toEqual([devices[0]?.id, null].toSorted());
    expect(found[0]).toMatchObject({
      kind: 'input',
      feature: 'load',
      severity: 'strong',
      numbers: { n: 300, m: 10_000, isOff: true },
    });
    expect(Math.abs((found[0]?.since.getTime() ?? 0) - since)).toBeLessThanOrEqual(HOUR_MS);
    const view = await driftView(deps, ours.owner, { ...second, deviceId: devices[0]?.id });
    expect(view).toMatchObject({ reference: { source: 'registered' }, gathering: { samples: 0, needed: 200 } });
    expect(view.features[0]).toMatchObject({
      name: 'load',
      state: 'drifting',
      isLearned: false,
      edges: [0, 1],
      referenceShares: [0.25, 0.5, 0.25, 0],
    });
    await hours(release, [WELL, WELL]);
    expect(await driftFindings(deps, ours.owner, { isOpen: true, limit: 10 })).toEqual([]);
    const after = await driftView(deps, ours.owner, second);
    expect([after.features[0]?.state, after.past.map(({ closedBy }) => closedBy)]).toEqual(['steady', ['over']]);
  });

  it('of one device of many does not become the fleet’s', async () => {
    for (let n = 0; n < 3; n += 1) {
      await message(
        1,
        [
          {
            ageMs: 20_000,
            window: { inferences: 6_000, inputs: { load: { counts: WELL.map((count) => count * 20) } } },
          },
        ],
        release,
      ).send();
      await hours(release, [OFF]);
    }
    expect(
      (await driftFindings(deps, ours.owner, { isOpen: true, limit: 10 })).map(({ deviceId }) => deviceId),
    ).toEqual([devices[0]?.id]);
  });

  it('is judged once by however many workers', async () => {
    for (const counts of [OFF, OFF, OFF]) {
      await message(0, [{ ageMs: 20_000, window: { inferences: 300, inputs: { load: { counts } } } }], release).send();
      clock.forwardMs(HOUR_MS);
    }
    clock.forwardMs(HOUR_MS);
    for (let n = 0; n < 3; n += 1) await judgeDrift(deps);
    const watch = await database.db().driftWatch.findFirstOrThrow({ where: { deviceId: devices[0]?.id ?? '' } });
    expect((watch.watch as { windows: unknown[] }).windows).toHaveLength(3);
    expect(await judgeDrift(deps)).toBe(0);
  });

  it('needs 200 samples: less is shown as gathering', async () => {
    await message(
      0,
      [{ ageMs: 20_000, window: { inferences: 60, inputs: { load: { counts: [15, 30, 15] } } } }],
      release,
    ).send();
    const view = await driftView(deps, ours.owner, second);
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
    await send(0, { inferences: 300, outputs: { classCounts: counts } });
    clock.forwardMs(HOUR_MS);
    clock.forwardMs(6 * 60_000);
    await judgeDrift(deps);
  };
  for (let n = 0; n < LEARN_HOURS - 1; n += 1) await hour(classCounts);
  const learning = await driftView(deps, ours.owner, ofVersion);
  expect(learning.reference).toMatchObject({
    source: 'learned',
    learning: { hours: LEARN_HOURS - 1, needHours: LEARN_HOURS },
  });
  expect(learning.features).toEqual([]);
  await hour(classCounts);
  await hour([50, 250]);
  await hour([50, 250]);
  const view = await driftView(deps, ours.owner, ofVersion);
  expect(view.features).toMatchObject([
    { kind: 'answer', state: 'drifting', isLearned: true, finding: { severity: 'strong' } },
  ]);
  await resetReference(deps, ours.owner, { ...ofVersion, hours: 1 });
  const reset = await driftView(deps, ours.owner, ofVersion);
  expect([reset.features, reset.reference?.learning?.needHours, reset.past[0]?.closedBy]).toEqual([[], 1, 'reference']);
});

it('is deleted when its organization no longer keeps it', async () => {
  await answers({ id: 'gone', at: 0, class: 1 });
  await send(0, { outputs: { classCounts: [1, 2] } });
  const counts = () =>
    Promise.all([
      database.db().prediction.count(),
      database.db().accuracyHour.count(),
      database.db().monitoringHour.count(),
    ]);
  await pool.query(`UPDATE prediction SET received_at = now() - interval '91 days'`);
  await pool.query(`UPDATE accuracy_hour SET hour_at = now() - interval '399 days'`);
  await pool.query(`UPDATE monitoring_hour SET hour_at = now() - interval '401 days' - random() * interval '1 day'`);
  const [predictions, cells] = await counts();
  await deleteOldMonitoring(database.db());
  expect([predictions > 0, await counts()]).toEqual([true, [0, cells, 0]]);
});
