import { quantileOf, sketchFromWire, Window } from '@flotilla/protocol';
import { expect, test } from 'vitest';
import { makeRelease } from '../src/testing/release.ts';
import { hardwareOf } from './hardware.ts';
import { deviceRandom } from './random.ts';
import { Scenario } from './scenarios.ts';
import { drawTraits } from './traits.ts';
import { makeWindow } from './windows.ts';

const release = makeRelease(1, {
  input: { source: 'synthetic', generator: 'vibration', ratePerS: 20, speedRpm: 1800, noise: 0.25, drift: 0 },
});

/** Windows of one device, one behind the other. */
function measure(device: number, count: number, settings: object = {}, isNew = false) {
  const scenario = Scenario.parse(settings);
  const traits = drawTraits(scenario, deviceRandom(7, device, 'traits'));
  const random = deviceRandom(7, device, 'measuring');
  const context = { scenario, traits, hardware: hardwareOf(7, device), random };
  const drift = { latency: 0, accuracy: 0 };
  return Array.from({ length: count }, (_, at) => {
    const order = { slot: 'default', release, isNew, startMs: at * 15_000, durationMs: 15_000, uptimeMs: 0 };
    return Window.parse(makeWindow(context, drift, order));
  });
}
const median = ({ latencyMs }: Window) => quantileOf(sketchFromWire(latencyMs.run), 0.5) ?? 0;
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (windows: Window[]) =>
  mean(windows.map(({ labelled, inferences }) => (labelled?.correct ?? 0) / inferences));
const spread = (values: number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

test('the same seed measures the same, to the last digit', () => {
  expect(measure(3, 5)).toEqual(measure(3, 5));
  expect(measure(3, 5)).not.toEqual(measure(4, 5));
});

test('a worse version is worse by what the scenario says, and only when it is the new one', () => {
  const settings = { latencyFactor: 1.5, accuracyDrop: 0.1, energyFactor: 2, errorRate: 0.05 };
  const [before, after, old] = [measure(1, 200), measure(1, 200, settings, true), measure(1, 200, settings)];
  expect(old).toEqual(before);
  expect(mean(after.map(median)) / mean(before.map(median))).toBeCloseTo(1.5, 1);
  expect(share(before) - share(after)).toBeCloseTo(0.1, 1);
  const errors = mean(after.map(({ errors, inferences }) => errors / (errors + inferences)));
  expect(errors).toBeCloseTo(0.05, 1);
  const energy = (windows: Window[]) => mean(windows.map(({ energyJ = 0 }) => energyJ));
  expect(energy(after) / energy(before)).toBeCloseTo(2, 1);
});

test('windows of one device depend on each other, and devices differ for good', () => {
  const logs = measure(2, 2_000).map((window) => Math.log(median(window)));
  const [now, next] = [logs.slice(0, -1), logs.slice(1)];
  const covariance = mean(now.map((value, at) => (value - mean(now)) * ((next[at] ?? 0) - mean(next))));
  const correlation = covariance / (spread(now) * spread(next));
  expect(correlation).toBeGreaterThan(0.4);
  expect(correlation).toBeLessThan(0.8);
  const board = hardwareOf(7, 0).board;
  const twins = Array.from({ length: 60 }, (_, device) => device).filter((at) => hardwareOf(7, at).board === board);
  const means = twins.map((device) => mean(measure(device, 40).map((window) => Math.log(median(window)))));
  expect(spread(means)).toBeGreaterThan(0.08);
});

test('a share is of devices, and one setting changes no other trait', () => {
  const draw = (settings: object) =>
    Array.from({ length: 2_000 }, (_, device) =>
      drawTraits(Scenario.parse(settings), deviceRandom(1, device, 'traits')),
    );
  const dark = draw({ offlineShare: 0.3 });
  expect(dark.filter(({ isDark }) => isDark).length / dark.length).toBeCloseTo(0.3, 1);
  expect(draw({ offlineShare: 0.3, failingShare: 0.2 }).map(({ isFailing: _, ...rest }) => rest)).toEqual(
    dark.map(({ isFailing: _, ...rest }) => rest),
  );
});
