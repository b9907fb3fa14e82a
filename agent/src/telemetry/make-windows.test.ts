import { addToSketch, emptySketch, sketchToWire, Window } from '@flotilla/protocol';
import { expect, test } from 'vitest';
import { uuid } from '../testing/release.ts';
import { makeWindows, type SlotCounts } from './make-windows.ts';
import { nextBoundaryMs } from './window-clock.ts';

const sketch = emptySketch();
addToSketch(sketch, 2);
const run = sketchToWire(sketch);
const counted = (slot: string, cpuMs: number): SlotCounts => ({
  slot,
  releaseId: uuid(1),
  window: {
    durationMs: 1000,
    inferences: 1,
    errors: 0,
    errorCodes: {},
    run,
    total: run,
    queue: run,
    rssBytes: 5,
    cpuMs,
  },
});
const interval = {
  startMs: 15_000,
  endMs: 30_000,
  system: { uptimeMs: 100_000, cpuPct: 10 },
  energy: { joules: 60, watts: 4, source: 'ina3221' as const },
  traffic: { rxBytes: 9, txBytes: 8 },
  idleWatts: 2,
  agentRssBytes: 7,
};

test('windows are what the protocol asks for, and their energy together is the board’s', () => {
  const windows = makeWindows({ ...interval, counts: [counted('a', 300), counted('b', 100)] }).map((each) =>
    Window.parse(each),
  );
  expect(windows.map(({ energyJ, idleEnergyJ }) => [energyJ, idleEnergyJ])).toEqual([
    [45, 22.5],
    [15, 7.5],
  ]);
  expect(windows[0]).toMatchObject({
    startMs: 15_000,
    durationMs: 15_000,
    uptimeMs: 85_000,
    powerW: 4,
    powerSource: 'ina3221',
    netRxBytes: 9,
    netTxBytes: 8,
  });
});

test('what was not measured is absent, not zero', () => {
  const [window] = makeWindows({
    ...interval,
    energy: null,
    traffic: null,
    counts: [{ slot: 'a', releaseId: uuid(1), window: null }],
  });
  expect(Window.parse(window)).not.toHaveProperty('energyJ');
  for (const key of [
    'powerW',
    'powerSource',
    'tempC',
    'batteryPct',
    'outputs',
    'labelled',
    'runnerRssBytes',
    'netRxBytes',
  ]) {
    expect(window).not.toHaveProperty(key);
  }
});

test('boundaries are the same for a whole fleet', () => {
  expect([0, 14_999, 15_000, 44_999].map((now) => nextBoundaryMs(now, 15_000))).toEqual([
    15_000, 15_000, 30_000, 45_000,
  ]);
});
