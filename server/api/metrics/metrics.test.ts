import { addToSketch, emptySketch, sketchToWire } from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { fleetMetrics } from '../../queries/fleet-metrics.ts';
import { demoRelease, onlineDevices } from '../../testing/fleet.ts';
import { createTestOrganization } from '../../testing/organizations.ts';
import { fileFleet, type TestFleet } from '../../testing/test-fleet.ts';
import { exposition } from './exposition.ts';

let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let ingest: TestFleet['ingest'];
const fleet = fileFleet(async (made) => {
  ({ deps, ours, ingest } = made);
});

test('a fleet is told in Prometheus’ text format, in base units, to its own organization alone', async () => {
  const release = await demoRelease(deps, ours.owner, '1.0.0');
  const [device] = await onlineDevices(deps, ours.owner, ingest, 'ab');
  if (!device) throw new Error('no device');
  const run = emptySketch();
  for (let n = 0; n < 100; n += 1) addToSketch(run, 20);
  const told = device.telemetry({
    ...{ agoMs: 120_000, releaseId: release.id, inferences: 300, errors: 3, energyJ: 150, powerSource: 'estimate' },
    latencyMs: { run: sketchToWire(run) },
    labelled: { n: 100, correct: 90 },
  });
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

  const theirs = await createTestOrganization(fleet.db);
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
