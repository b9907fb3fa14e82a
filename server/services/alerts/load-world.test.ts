import { expect, it } from 'vitest';
import { listAlertDevices } from '../../db/alerts-readings.ts';
import { forTenant } from '../../db/scope.ts';
import { AlertCondition } from '../../domain/alerts/condition.ts';
import { deviceNeedsOf } from '../../domain/alerts/schedule.ts';
import { AlertFleet, errorsAbove } from '../../testing/alert-fleet.ts';
import { testFleet } from '../../testing/test-fleet.ts';
import { loadWorld } from './load-world.ts';

let fleet: AlertFleet;
const stand = testFleet(async ({ deps, ours, ingest }) => {
  fleet = await AlertFleet.start(deps, ours.owner, ingest, 'abcde');
});

it('reads the same in parts of any size as at once, and of devices that are not listed too', async () => {
  for (const [at, device] of fleet.devices.entries()) await fleet.measures({ errors: at, latencyMs: 5 + at }, [device]);
  const scope = forTenant(stand.db, stand.ours.organizationId);
  const conditions = (['error_rate', 'latency_p95_ms'] as const).map((metric) =>
    AlertCondition.parse(errorsAbove({ metric })),
  );
  const all = await listAlertDevices(scope, deviceNeedsOf([]));
  const [, second, third, fourth] = all;
  const windowsOf = async (devices: typeof all, atOnce?: number) => {
    const { windows } = await loadWorld(scope, conditions, stand.clock.now(), devices, atOnce);
    return [...windows.values()].map((window) => [...window.devices].sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  const whole = await windowsOf(all);
  expect(whole.map((devices) => devices.length)).toEqual([5]);
  for (const atOnce of [1, 2, 4, 5, 6]) expect(await windowsOf(all, atOnce)).toEqual(whole);
  if (!second || !third || !fourth) throw new Error('there are five');
  expect(await windowsOf([second, third, fourth], 1)).toEqual(whole);
  expect(await windowsOf([], 1)).toEqual(whole);
});
