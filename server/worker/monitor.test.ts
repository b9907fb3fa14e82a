import { afterEach, expect, it, vi } from 'vitest';
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
    const [row] = await fleet.db.$queryRaw<{ n: number }[]>`SELECT count(*)::int AS n FROM telemetry_added`;
    return row?.n;
  };
  await fleet.send(0, {});
  expect(await waitsAt(0)).toBe(0);
  await fleet.send(0, {});
  expect(await waitsAt(4_999)).toBe(2);
  await fleet.db.$executeRaw`ALTER TABLE telemetry_minute RENAME TO telemetry_elsewhere`;
  await expect(waitsAt(5_000)).rejects.toThrow('could not be folded');
  await fleet.db.$executeRaw`ALTER TABLE telemetry_elsewhere RENAME TO telemetry_minute`;
  expect(await waitsAt(64_999)).toBe(2);
  expect(await waitsAt(65_000)).toBe(0);
  await fleet.send(0, {});
  expect(await waitsAt(124_999)).toBe(2);
  expect(await waitsAt(125_000)).toBe(0);
});
