import { describe, expect, it } from 'vitest';
import { Bake } from './bake.ts';
import { bakeVerdict } from './bake-verdict.ts';
import { Gate } from './gate.ts';
import { gateSentence, lackSentence } from './gate-words.ts';
import { judgeGate } from './judge-gate.ts';
import type { DeviceSample } from './samples.ts';
import { device } from './test-samples.ts';

const p95 = Gate.parse({ metric: 'latency_p95', compare: 'vs_previous', limit: 1.2 });
const errorRate = Gate.parse({ metric: 'error_rate', compare: 'vs_previous', limit: 1 });
const accuracy = Gate.parse({ metric: 'accuracy', compare: 'vs_previous', limit: -0.02 });
const beside = Gate.parse({ ...p95, compare: 'vs_control' });

/** Devices that differ by a few percent, so much slower than 10 ms, with so many bad of 1,000; nothing is known of before unless it is said. */
function group(
  count: number,
  { factor = 1, bad = 1, wrong = 50, windows = 10, more = {} as Partial<DeviceSample> } = {},
): DeviceSample[] {
  return Array.from({ length: count }, (_, at) => {
    const level = Math.log(10 * factor) + 0.05 * Math.sin(at * 7);
    const series = { latency_p95: Array.from({ length: windows }, (__, w) => level + 0.03 * Math.sin(w * 2.1 + at)) };
    return device({ n: 1_000, bad, labelled: 1_000, wrong, windows, series }, null, more);
  });
}
const withBefore = (samples: DeviceSample[]) => samples.map((each) => ({ ...each, before: each.after }));

describe('a comparison of devices that were not measured before', () => {
  it('is made with devices of their kind that have not moved, and says so', () => {
    const judged = judgeGate(p95, { devices: group(1), control: group(9) });
    expect(judged).toMatchObject({ verdict: 'pass', instead: 'others', devices: 1, controlDevices: 9 });
    expect(judged.reference).toBeCloseTo(10, 0);
    expect(gateSentence(judged)).toMatch(/times as much beside devices that did not move/);
  });

  it.each([
    ['latency', p95, { factor: 3 }],
    ['errors', errorRate, { bad: 200 }],
    ['accuracy', accuracy, { wrong: 400 }],
    ['latency against the others', beside, { factor: 3 }],
  ])('finds what is clearly worse: %s', (_, gate, worse) => {
    const samples = { devices: group(3, worse), control: group(9) };
    expect(judgeGate(gate, samples)).toMatchObject({ verdict: 'breach', instead: 'others' });
    expect(judgeGate(gate, { ...samples, devices: group(3) })).toMatchObject({ verdict: 'pass', instead: 'others' });
  });

  it('does not take what one device is beside others for a change: a third slower proves nothing', () => {
    expect(judgeGate(p95, { devices: group(1, { factor: 1.6 }), control: group(9) }).verdict).not.toBe('breach');
  });

  it('is not made with other hardware, or with fewer than three', () => {
    const other = group(9, { more: { hardwareClass: 'other' } });
    for (const gate of [p95, errorRate])
      for (const control of [other, group(2), []])
        expect(judgeGate(gate, { devices: group(1), control })).toMatchObject({
          verdict: 'not-enough-evidence',
          lack: 'before',
        });
  });

  it('is not made where the devices themselves were measured before', () => {
    const samples = { devices: withBefore(group(3)), control: group(9, { factor: 0.3 }) };
    expect(judgeGate(p95, samples)).not.toHaveProperty('instead');
  });

  it('is made when fewer were measured before than the gate asks for', () => {
    const devices = [...withBefore(group(2)), ...group(3)];
    const gate = { ...p95, minDevices: 5 };
    expect(judgeGate(gate, { devices, control: group(9) })).toMatchObject({ instead: 'others', devices: 5 });
    expect(judgeGate(gate, { devices, control: [] })).toMatchObject({ lack: 'devices', devices: 2 });
  });

  it('waits while the others may yet answer, and for labels as long as it may', () => {
    const young = group(1, { windows: 2 });
    expect(judgeGate(p95, { devices: young, control: [] }).lack).toBe('comparison');
    expect(judgeGate(accuracy, { devices: group(1), control: [] }).lack).toBe('comparison');
  });
});

it('where no device stays, the last wave is held against itself before, and says so', () => {
  const samples = { devices: withBefore(group(5)), control: [] };
  expect(judgeGate(beside, samples)).toMatchObject({ verdict: 'pass', instead: 'before' });
  const young = { devices: withBefore(group(5, { windows: 2 })), control: [] };
  expect(judgeGate(beside, young)).toMatchObject({ verdict: 'not-enough-evidence', lack: 'comparison' });
});

describe('a bake without anything to compare with', () => {
  const bake = (gate: object) => Bake.parse({ seconds: 600, gates: [gate] });
  const samples = { devices: group(1), control: [] };

  it('asks a person when it is over, and does not wait for what will not come', () => {
    expect(bakeVerdict(bake(p95), samples, 599).outcome).toBe('go-on');
    const over = bakeVerdict(bake(p95), samples, 600);
    expect(over.outcome).toBe('no-data');
    expect(over.gates.map(lackSentence)).toEqual([
      'latency p95 has nothing to compare with: its devices were not measured before they moved, and too few of their kind have not moved',
    ]);
  });

  it('passes only where the plan says that no data passes', () => {
    expect(bakeVerdict(bake({ ...p95, onNoData: 'pass' }), samples, 600).outcome).toBe('pass');
  });
});
