import { afterEach, expect, it, vi } from 'vitest';
import { countWaiting } from '../db/ingest/fold.ts';
import { recordingLogger } from '../testing/logger.ts';
import { monitoredFleet } from '../testing/monitored-fleet.ts';
import { createMonitor } from './monitor.ts';

const fleet = monitoredFleet();
afterEach(() => vi.restoreAllMocks());

it('rests after a fold: five seconds after the first, a minute when it failed and where little waited', async () => {
  const { logger } = recordingLogger();
  const look = createMonitor(
    { ...fleet.deps, pool: fleet.pool, stopping: new AbortController().signal, logger },
    'one',
  );
  const clock = vi.spyOn(performance, 'now');
  const waitsAt = async (ms: number) => {
    clock.mockReturnValue(ms);
    await look();
    return waiting();
  };
  await fleet.send(0, {});
  expect(await waitsAt(0)).toBe(0);
  await fleet.send(0, {});
  expect(await waitsAt(4_999)).toBe(2);
  await fleet.db.$executeRaw`ALTER TABLE telemetry_minute RENAME TO telemetry_elsewhere`;
  await expect(waitsAt(5_000)).rejects.toThrow('telemetry_minute');
  await fleet.db.$executeRaw`ALTER TABLE telemetry_elsewhere RENAME TO telemetry_minute`;
  expect(await waitsAt(64_999)).toBe(2);
  expect(await waitsAt(65_000)).toBe(0);
  await fleet.send(0, {});
  expect(await waitsAt(124_999)).toBe(2);
  expect(await waitsAt(125_000)).toBe(0);
});

it('does not wait out its rest when much has come, unless it failed', async () => {
  const { logger } = recordingLogger();
  const { deps, pool } = fleet;
  const look = createMonitor({ ...deps, pool, stopping: new AbortController().signal, logger, much: 4 }, 'one');
  const clock = vi.spyOn(performance, 'now');
  const lookAt = (ms: number) => {
    clock.mockReturnValue(ms);
    return look();
  };
  await lookAt(0);
  await lookAt(5_000); // Nothing waited: it rests for a minute.
  await fleet.send(0, {});
  await fleet.send(0, {});
  await vi.waitFor(async () => expect(await countWaiting(pool)).toBeGreaterThanOrEqual(4), 20_000);
  await lookAt(9_999);
  expect(await waiting()).toBe(4);
  await lookAt(10_000);
  expect(await waiting()).toBe(0);

  await fleet.send(0, {});
  await fleet.send(0, {});
  await vi.waitFor(async () => expect(await countWaiting(pool)).toBeGreaterThanOrEqual(4), 20_000);
  await fleet.db.$executeRaw`ALTER TABLE telemetry_minute RENAME TO telemetry_elsewhere`;
  await expect(lookAt(15_000)).rejects.toThrow('telemetry_minute');
  await fleet.db.$executeRaw`ALTER TABLE telemetry_elsewhere RENAME TO telemetry_minute`;
  await lookAt(74_999);
  expect(await waiting()).toBe(4);
  await lookAt(75_000);
  expect(await waiting()).toBe(0);
});

async function waiting(): Promise<number | undefined> {
  const [row] = await fleet.db.$queryRaw<{ n: number }[]>`SELECT count(*)::int AS n FROM telemetry_added`;
  return row?.n;
}
