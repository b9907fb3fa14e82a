import type { PowerSource } from '@flotilla/protocol';
import { expect, test } from 'vitest';
import { EnergyMeter } from './energy-meter.ts';
import type { PowerReading } from './power/reading.ts';

function setUp(sources: Partial<Record<PowerSource, () => PowerReading | null>>) {
  const clock = { nowMs: 0 };
  const readers = Object.entries(sources).map(([source, read]) => ({
    source: source as PowerSource,
    read: async () => read(),
  }));
  const meter = new EnergyMeter(readers, () => clock.nowMs);
  const pass = async (ms: number) => {
    clock.nowMs += ms;
    await meter.sample();
  };
  return { clock, meter, pass };
}

test('power is integrated between readings', async () => {
  let watts = 2;
  const { meter, pass } = setUp({ hwmon: () => ({ watts }) });
  const mark = await meter.mark();
  await pass(1000);
  watts = 4;
  await pass(1000);
  expect(await meter.since(mark)).toEqual({ joules: 2 + 3, watts: 2.5, source: 'hwmon' });
});

test('a mean since the last reading counts for that time alone, and is asked for less often than a sensor', async () => {
  let watts = 2;
  const nowMs = { value: 0 };
  const reader = { source: 'estimate' as const, isOfInterval: true, read: async () => ({ watts }) };
  const meter = new EnergyMeter([reader], () => nowMs.value);
  expect(meter.sampleEveryMs).toBe(1_000);
  const mark = await meter.mark();
  expect(meter.sampleEveryMs).toBe(4_000);
  nowMs.value = 4_000;
  watts = 6;
  expect(await meter.since(mark)).toEqual({ joules: 24, watts: 6, source: 'estimate' });
});

test('a counter is subtracted, however long nobody looked', async () => {
  let joulesSoFar = 100;
  const { meter, pass } = setUp({ rapl: () => ({ joulesSoFar }) });
  const mark = await meter.mark();
  joulesSoFar = 160;
  await pass(60_000);
  expect(await meter.since(mark)).toEqual({ joules: 60, watts: 1, source: 'rapl' });
});

test('a gap in power readings makes the energy absent, never too small', async () => {
  const { meter, pass } = setUp({ hwmon: () => ({ watts: 5 }) });
  const mark = await meter.mark();
  await pass(1000);
  await pass(10_000);
  expect(await meter.since(mark)).toBeNull();
});

test('the best source is used, and the next when it falls silent', async () => {
  let isOnBattery = true;
  const { meter, pass } = setUp({ battery: () => (isOnBattery ? { watts: 7 } : null), estimate: () => ({ watts: 3 }) });
  await pass(1000);
  expect(meter.source).toBe('battery');
  isOnBattery = false;
  await pass(1000);
  expect(meter.source).toBe('estimate');
});

test('without any source there is no energy', async () => {
  const { meter, pass } = setUp({});
  const mark = await meter.mark();
  await pass(1000);
  expect(await meter.since(mark)).toBeNull();
  expect(meter.source).toBeNull();
});
