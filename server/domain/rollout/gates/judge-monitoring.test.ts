import { describe, expect, it } from 'vitest';
import { Gate, type GateComparison, type GateMetric } from './gate.ts';
import { judgeGate } from './judge-gate.ts';
import type { DeviceSample, PeriodSample } from './samples.ts';
import { device } from './test-samples.ts';

const counts = (n: number, wrong: number) => ({ n, bad: n * wrong, windows: 1, burst: n * wrong ** 2 });
const period = (part: Partial<PeriodSample>): PeriodSample => ({ ...device({ n: 1_000 }).after, ...part });
const list = (count: number, of: (at: number) => DeviceSample) => Array.from({ length: count }, (_, at) => of(at));
const gate = (metric: GateMetric, compare: GateComparison, limit: number) => Gate.parse({ metric, compare, limit });

/** A device whose estimated accuracy was and is so, give or take half a point. */
const estimated = (before: number, after: number) => (at: number) => {
  const own = ((at % 3) - 1) * 0.005;
  const of = (share: number) => period({ estimated: counts(1_000, 1 - share - own) });
  return device({}, null, { before: of(before), after: of(after) });
};

/** A device that was and is so far from the reference. */
const drifting = (before: number, after: number) => (at: number) => {
  const of = (distance: number) =>
    period({ drift: { distance: distance === 0 ? 0 : distance + ((at % 3) - 1) * 0.02, variance: 0.001, n: 1_000 } });
  return device({}, null, { before: of(before), after: of(after) });
};

describe('a gate on estimated accuracy', () => {
  it.each([
    ['holds above its value', gate('estimated_accuracy', 'absolute', 0.9), 0.95, 'pass'],
    ['breaks below its value', gate('estimated_accuracy', 'absolute', 0.9), 0.8, 'breach'],
    ['holds while it is what it was', gate('estimated_accuracy', 'vs_previous', -0.02), 0.95, 'pass'],
    ['breaks when it fell by more', gate('estimated_accuracy', 'vs_previous', -0.02), 0.85, 'breach'],
    ['breaks beside the devices that stayed', gate('estimated_accuracy', 'vs_control', -0.02), 0.85, 'breach'],
    ['holds beside the devices that stayed', gate('estimated_accuracy', 'vs_control', -0.02), 0.95, 'pass'],
  ] as const)('%s', (_, asked, now, verdict) => {
    const samples = { devices: list(10, estimated(0.95, now)), control: list(10, estimated(0.95, 0.95)) };
    expect(judgeGate(asked, samples)).toMatchObject({ verdict, devices: 10, n: 10_000 });
  });

  it('has nothing to judge where no device sends a calibrated confidence, and does not take labels for it', () => {
    const samples = { devices: [device({ n: 500, labelled: 500, wrong: 400 })], control: [] };
    const verdict = judgeGate(gate('estimated_accuracy', 'absolute', 0.9), samples);
    expect(verdict).toMatchObject({ verdict: 'not-enough-evidence', n: 0 });
  });
});

describe('a gate on drift', () => {
  it.each([
    ['holds where nothing drifts', gate('drift', 'absolute', 0.1), 0, 'pass'],
    ['breaks where devices are far from the reference', gate('drift', 'absolute', 0.1), 0.4, 'breach'],
    ['breaks when the distance grew by more', gate('drift', 'vs_previous', 0.1), 0.4, 'breach'],
    ['holds when it is as before', gate('drift', 'vs_previous', 0.1), 0, 'pass'],
    ['breaks beside the devices that stayed', gate('drift', 'vs_control', 0.1), 0.4, 'breach'],
  ] as const)('%s', (_, asked, now, verdict) => {
    const samples = { devices: list(10, drifting(0, now)), control: list(10, drifting(0, 0)) };
    expect(judgeGate(asked, samples)).toMatchObject({ verdict, devices: 10 });
  });

  it('does not break for a drift that all devices live through', () => {
    const samples = { devices: list(10, drifting(0, 0.4)), control: list(10, drifting(0, 0.4)) };
    expect(judgeGate(gate('drift', 'vs_control', 0.1), samples).verdict).toBe('pass');
  });

  it('waits while nothing has enough samples to tell', () => {
    const samples = { devices: [device({ n: 500 }, { n: 500 })], control: [] };
    expect(judgeGate(gate('drift', 'absolute', 0.1), samples).verdict).toBe('not-enough-evidence');
  });
});

it('limits are refused where the metric cannot be', () => {
  const isValid = (metric: GateMetric, compare: GateComparison, limit: number) =>
    Gate.safeParse({ metric, compare, limit }).success;
  expect(isValid('drift', 'absolute', 1.5)).toBe(false);
  expect(isValid('drift', 'vs_previous', -2)).toBe(false);
  expect(isValid('drift', 'vs_previous', 0)).toBe(true);
  expect(isValid('estimated_accuracy', 'absolute', 90)).toBe(false);
  expect(isValid('estimated_accuracy', 'vs_control', -0.02)).toBe(true);
});
