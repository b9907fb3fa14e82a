import type { Window } from '@flotilla/protocol';
import { describe, expect, it } from 'vitest';
import { deleteOldMonitoring } from '../db/predictions.ts';
import { HOUR_MS } from '../domain/drift/watch.ts';
import { accuracyView } from '../queries/accuracy.ts';
import { driftView } from '../queries/drift.ts';
import { addLabels } from '../services/labels/add-labels.ts';
import { monitoredFleet, ofVersion } from '../testing/monitored-fleet.ts';
import { createTestOrganization } from '../testing/organizations.ts';

const fleet = monitoredFleet();
const accuracy = (more: object = {}) =>
  accuracyView(fleet.deps, fleet.ours.owner, {
    ...ofVersion,
    from: new Date(fleet.clock.now().getTime() - 24 * HOUR_MS),
    to: new Date(fleet.clock.now().getTime() + HOUR_MS),
    ...more,
  });
const answers = (...predictions: NonNullable<Window['predictions']>) =>
  fleet.send(0, {
    predictions: predictions.map((each) => ({ ...each, at: each.at || fleet.clock.now().getTime() - 20_000 })),
  });
const label = (...labels: Parameters<typeof addLabels>[2]['labels']) =>
  addLabels(fleet.deps, fleet.ours.owner, { labels });

describe('labels that come later', () => {
  it('find their prediction whichever comes first, each counted once', async () => {
    expect(await label({ id: 'early', class: 1 })).toEqual({ received: 1, changed: 1, joined: 0, waiting: 1 });
    await answers({ id: 'early', at: 0, class: 1 }, { id: 'late', at: 0, class: 2 }, { id: 'never', at: 0, class: 0 });
    await answers({ id: 'late', at: 0, class: 3 });
    expect(await label({ id: 'late', class: 1 })).toEqual({ received: 1, changed: 1, joined: 1, waiting: 0 });
    for (const deviceId of [undefined, fleet.deviceId(0)])
      expect(await accuracy({ deviceId })).toMatchObject({
        late: { n: 2, correct: 1, reported: 3, coverage: 2 / 3 },
        accuracy: { share: 0.5, n: 2, isFew: true },
        classification: { n: 2, baseline: { index: 1, accuracy: 1 } },
        classes: expect.arrayContaining([expect.any(String)]),
      });
    expect(await accuracy({ deviceId: fleet.deviceId(1) })).toMatchObject({
      late: { n: 0, reported: 0 },
      accuracy: null,
    });
  });

  it('that are sent again change nothing; the latest wins, and what it replaced is kept', async () => {
    await answers({ id: 'x', at: 0, class: 2 });
    const at = (minute: number) => new Date(fleet.clock.now().getTime() - minute * 60_000).toISOString();
    await label({ id: 'x', class: 1, at: at(9) });
    expect(await label({ id: 'x', class: 1, at: at(9) })).toMatchObject({ changed: 0 });
    expect(await label({ id: 'x', class: 0, at: at(10) })).toMatchObject({ changed: 0 });
    expect(await label({ id: 'x', class: 3, at: at(2) }, { id: 'x', class: 2, at: at(1) })).toMatchObject({
      changed: 1,
    });
    expect(await accuracy()).toMatchObject({ late: { n: 1, correct: 1 }, accuracy: { share: 1 } });
    for (let n = 0; n < 9; n += 1) await label({ id: 'x', class: n % 3, at: at(0) });
    const row = await fleet.db.prediction.findFirstOrThrow({ where: { inferenceId: 'x' } });
    expect(row.labelHistory).toHaveLength(5);
    const [{ sum, least }] = (
      await fleet.pool.query(
        'SELECT sum(n)::int AS sum, min(n)::int AS least FROM accuracy_hour WHERE organization_id = $1',
        [fleet.ours.organizationId],
      )
    ).rows;
    expect([sum, least]).toEqual([2, 0]);
  });

  it('join when they and their predictions are stored at the same time', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `at-once-${n}`);
    await Promise.all([
      ...ids.map((id) => label({ id, class: 1 })),
      ...ids.map((id, n) =>
        fleet
          .message(n % 2, [
            {
              ageMs: 20_000,
              window: { predictions: [{ id, at: fleet.clock.now().getTime() - 20_000, class: n % 2 }] },
            },
          ])
          .send(),
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
    const old = fleet.clock.now().getTime() - 5 * HOUR_MS;
    await fleet
      .message(0, [{ ageMs: 5 * HOUR_MS, window: { predictions: [{ id: 'old', at: old, class: 1 }] } }])
      .send();
    await label({ id: 'old', class: 1 });
    const hour = (from: number) => accuracy({ from: new Date(from), to: new Date(from + HOUR_MS) });
    expect((await hour(Math.floor(old / HOUR_MS) * HOUR_MS)).late.n).toBe(1);
    expect((await hour(fleet.clock.now().getTime())).late.n).toBe(0);
  });

  it('are shown step by step with their band, the estimate beside them where there is one', async () => {
    const hourMs = Math.floor(fleet.clock.now().getTime() / HOUR_MS) * HOUR_MS;
    const [hourBefore, nowMs] = [hourMs - 2 * HOUR_MS, fleet.clock.now().getTime()];
    const estimated = { n: 50, truePositives: [20, 25], falsePositives: [2, 3], falseNegatives: [3, 2], variance: 4 };
    await fleet
      .message(0, [
        {
          ageMs: nowMs - hourBefore,
          window: { outputs: { estimated }, predictions: [{ id: 'then', at: hourBefore, class: 1 }] },
        },
      ])
      .send();
    await answers({ id: 'now', at: nowMs, class: 1 });
    await label({ id: 'then', class: 1 }, { id: 'now', class: 0 });
    const { overTime } = await accuracy();
    expect(overTime).toEqual({
      stepMs: HOUR_MS,
      points: [
        {
          at: new Date(hourBefore),
          measured: { share: 1, n: 1, low: expect.closeTo(0.2065, 3), high: 1 },
          estimated: { share: 0.9, n: 50, low: expect.closeTo(0.9 - 6 / 50, 9), high: 1 },
        },
        { at: new Date(hourMs), measured: expect.objectContaining({ share: 0, n: 1 }), estimated: null },
      ],
    });
    const month = await accuracy({ from: new Date(nowMs - 30 * 24 * HOUR_MS) });
    expect(month.overTime.stepMs).toBe(12 * HOUR_MS);
    expect(month.overTime.points.reduce((sum, { measured }) => sum + (measured?.n ?? 0), 0)).toBe(2);
    expect(month.accuracy).toMatchObject({ share: 0.5, n: 2 });
  });

  it('of unsure answers, which are reported more often, weigh what such answers are worth', async () => {
    const confidence = Array.from({ length: 20 }, (_, bin) => (bin < 10 ? 0.2 : 9.8)).map((n) => n * 10);
    const unsure = Array.from({ length: 10 }, (_, n) => ({ id: `u${n}`, at: 0, class: 1, confidence: 0.3 }));
    const sure = Array.from({ length: 10 }, (_, n) => ({ id: `s${n}`, at: 0, class: 1, confidence: 0.9 }));
    await fleet.send(0, { outputs: { confidence } });
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
    const { rows } = await fleet.pool.query(
      'SELECT inference_id, is_unsure FROM prediction WHERE organization_id = $1',
      [fleet.ours.owner.organizationId],
    );
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
      addLabels(fleet.deps, fleet.ours.owner, {
        labels: [{ id: 'named', label: name }],
        ...(model ? { model } : {}),
      });
    await expect(add('no such class')).rejects.toMatchObject({
      code: 'invalid',
      fields: [{ pointer: '/labels/0/label' }],
    });
    await expect(add(classes[1] ?? '', '')).rejects.toMatchObject({ reason: 'labels_model' });
    expect(await add(classes[1] ?? '')).toMatchObject({ joined: 1 });
    expect((await accuracy()).late).toMatchObject({ n: 1, correct: 1 });
  });

  it('of another organization never meet our predictions', async () => {
    const theirs = await createTestOrganization(fleet.db);
    await answers({ id: 'same', at: 0, class: 1 });
    expect(await addLabels(fleet.deps, theirs.owner, { labels: [{ id: 'same', class: 1 }] })).toMatchObject({
      joined: 0,
    });
    expect((await accuracy()).late.n).toBe(0);
    await expect(
      accuracyView(fleet.deps, theirs.owner, { ...ofVersion, from: new Date(0), to: new Date(1) }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(driftView(fleet.deps, theirs.owner, ofVersion)).rejects.toMatchObject({ code: 'not_found' });
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
    const told = fleet.message(at, [{ ageMs: 20_000, window }]);
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

it('is deleted when its organization no longer keeps it', async () => {
  await answers({ id: 'gone', at: 0, class: 1 });
  await fleet.send(0, { outputs: { classCounts: [1, 2] } });
  await fleet.fold();
  const counts = () =>
    Promise.all([fleet.db.prediction.count(), fleet.db.accuracyHour.count(), fleet.db.monitoringHour.count()]);
  await fleet.pool.query(`UPDATE prediction SET received_at = now() - interval '91 days'`);
  await fleet.pool.query(`UPDATE accuracy_hour SET hour_at = hour_at - interval '399 days'`);
  await fleet.pool.query(
    `UPDATE monitoring_hour SET hour_at = now() - interval '401 days' - random() * interval '1 day'`,
  );
  const [predictions, cells] = await counts();
  await deleteOldMonitoring(fleet.db);
  expect([predictions > 0, await counts()]).toEqual([true, [0, cells, 0]]);
});
