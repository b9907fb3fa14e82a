import { expect, it } from 'vitest';
import { fold } from '../db/ingest/fold.ts';
import { inTransaction } from '../db/ingest/transaction.ts';
import { NIL_ID } from '../domain/telemetry/rollup.ts';
import { monitoredFleet } from '../testing/monitored-fleet.ts';

/** So that what is some minutes old is of the same hour. */
const MIDDLE_OF_AN_HOUR = new Date('2026-11-20T10:30:30Z');
const MINUTE_MS = 60_000;
const fleet = monitoredFleet(MIDDLE_OF_AN_HOUR);
const seen = (...counts: number[]) => ({ inputs: { load: { counts } } });

async function countsOf(deviceId: string): Promise<number[][]> {
  const hours = await fleet.db.monitoringHour.findMany({ where: { deviceId } });
  return hours.map(({ sums }) => (sums as { features: { load: { counts: number[] } } }).features.load.counts);
}

it('counts each window once for its device and once for the fleet, in whatever batch and minute it came', async () => {
  await fleet
    .message(
      0,
      [20, 40, 60].map((n) => ({ ageMs: n * 1_000, window: seen(n, 0) })),
    )
    .send();
  await fleet.message(1, [{ ageMs: 20_000, window: seen(7, 0) }]).send();
  for (const count of [300, 500]) await fleet.message(0, [{ ageMs: 9 * MINUTE_MS, window: seen(count, 1) }]).send();
  await fleet.fold();
  await fleet.message(0, [{ ageMs: 20_000, window: seen(1_000, 0) }]).send();
  await fleet.fold();
  const counts = await Promise.all([fleet.deviceId(0), fleet.deviceId(1), NIL_ID].map(countsOf));
  expect(counts).toEqual([[[1_920, 2]], [[7, 0]], [[1_927, 2]]]);
});

it('keeps what was counted on other edges unmixed: what came first stays, of whatever minute it is', async () => {
  await fleet.message(0, [{ ageMs: 20_000, window: seen(1, 2) }]).send();
  await fleet.message(0, [{ ageMs: 20_000, window: seen(1, 2, 3) }]).send();
  await fleet.message(1, [{ ageMs: 20_000, window: seen(4, 5) }]).send();
  await fleet.message(1, [{ ageMs: 9 * MINUTE_MS, window: seen(4, 5, 6) }]).send();
  await fleet.fold();
  expect(await Promise.all([0, 1].map((at) => countsOf(fleet.deviceId(at))))).toEqual([[[1, 2]], [[4, 5]]]);
});

it('is folded by one transaction after another, though a lease that ran out lets two begin', async () => {
  await fleet.message(0, [{ ageMs: 20_000, window: seen(3, 0) }]).send();
  let second: Promise<unknown> | undefined;
  await inTransaction(fleet.pool, async (client) => {
    await fold(client, { organizationId: NIL_ID, deviceId: NIL_ID }, 1);
    second = fleet.fold();
    await expect
      .poll(
        () =>
          fleet.db
            .$queryRaw`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`,
        { timeout: 10_000 },
      )
      .toHaveLength(1);
  });
  await second;
  expect(await countsOf(fleet.deviceId(0))).toEqual([[3, 0]]);
});
