import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addToSketch, emptySketch, sketchToWire } from '@flotilla/protocol';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fleetMetrics } from '../../queries/fleet-metrics.ts';
import { testClock } from '../../testing/clock.ts';
import { testDatabase } from '../../testing/database.ts';
import {
  demoRelease,
  type Ingest,
  ingestInto,
  onlineDevices,
  removeArtifacts,
  type TestDeps,
  testDeps,
} from '../../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestPki, testPki } from '../../testing/pki.ts';
import { exposition } from './exposition.ts';

const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../agent/protocol/fixtures/v1/telemetry.json'), 'utf8'),
);
const database = testDatabase();
const clock = testClock();
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let ingest: Ingest;
let pool: pg.Pool;
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, clock.now);
  ({ ingest, pool } = ingestInto(database.url(), clock.now));
  ours = await createTestOrganization(database.db());
});
afterAll(async () => {
  await pool.end();
  await removeArtifacts(deps);
  await pki.remove();
});

test('a fleet is told in Prometheus’ text format, in base units, to its own organization alone', async () => {
  const release = await demoRelease(deps, ours.owner, '1.0.0');
  const [device] = await onlineDevices(deps, ours.owner, ingest, 'ab');
  if (!device) throw new Error('no device');
  const nowMs = clock.now().getTime();
  const run = emptySketch();
  for (let n = 0; n < 100; n += 1) addToSketch(run, 20);
  const window = {
    ...fixture.windows[0],
    releaseId: release.id,
    startMs: nowMs - 120_000,
    inferences: 300,
    errors: 3,
    latencyMs: { run: sketchToWire(run) },
    energyJ: 150,
    powerSource: 'estimate',
    labelled: { n: 100, correct: 90 },
  };
  const told = { boot: uuidv7(), seq: 1, oldestSeq: 1, sentAt: nowMs, windows: [window] };
  await ingest(device.id, 'telemetry', { ...told, dropped: 7 });
  const text = await exposition(await fleetMetrics(deps, ours.owner));
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const of = '{model="vibration-fault",version="1.0.0"';
  expect(lines).toContain('flotilla_devices{axis="connectivity",value="online"} 2');
  expect(lines).toContain(`flotilla_inferences_per_second${of}} 1`);
  expect(lines).toContain(`flotilla_accuracy_ratio${of}} 0.9`);
  expect(lines).toContain(`flotilla_inference_energy_joules${of},source="estimate"} 0.5`);
  expect(lines).toContain('flotilla_dropped_windows 7');
  const p95 = Number(
    lines.find((line) => line.startsWith(`flotilla_latency_seconds${of},quantile="0.95"}`))?.split(' ')[1],
  );
  expect(Math.abs(p95 - 0.02)).toBeLessThanOrEqual(0.02 * 0.01);
  const errors = Number(lines.find((line) => line.startsWith(`flotilla_error_ratio${of}`))?.split(' ')[1]);
  expect(errors).toBeCloseTo(3 / 303);

  const theirs = await createTestOrganization(database.db());
  const foreign = await exposition(await fleetMetrics(deps, theirs.owner));
  expect(foreign).not.toContain('vibration-fault');
  expect(foreign).not.toContain('axis="connectivity"');
});

test('a key without the scope of telemetry is told nothing', async () => {
  const actor = {
    kind: 'api-key',
    organizationId: ours.owner.organizationId,
    keyId: uuidv7(),
    scopes: ['devices:read'],
  } as const;
  await expect(fleetMetrics(deps, { ...actor, scopes: [...actor.scopes] })).rejects.toMatchObject({
    code: 'forbidden',
  });
});
