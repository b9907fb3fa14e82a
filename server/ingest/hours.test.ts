import { expect, it } from 'vitest';
import { NIL_ID } from '../domain/telemetry/rollup.ts';
import { monitoredFleet } from '../testing/monitored-fleet.ts';

const fleet = monitoredFleet();

it('counts each window of a batch once for its device and once for the fleet', async () => {
  const seen = (count: number) => ({ inputs: { load: { counts: [count, 0] } } });
  await fleet
    .message(
      0,
      [20, 40, 60].map((n) => ({ ageMs: n * 1_000, window: seen(n) })),
    )
    .send();
  await fleet.message(1, [{ ageMs: 20_000, window: seen(7) }]).send();
  await fleet.fold();
  const hours = await fleet.db.monitoringHour.findMany();
  const counted = (deviceId: string) =>
    hours
      .filter((hour) => hour.deviceId === deviceId)
      .map(({ sums }) => (sums as { features: { load: { counts: number[] } } }).features.load.counts[0] ?? 0)
      .reduce((sum, count) => sum + count, 0);
  expect([fleet.deviceId(0), fleet.deviceId(1), NIL_ID].map(counted)).toEqual([120, 7, 127]);
});
