import { describe, expect, it } from 'vitest';
import { Bake } from './bake.ts';
import { bakeVerdict } from './bake-verdict.ts';
import { defaultGates } from './default-gates.ts';
import type { DeviceSample, GateSamples } from './samples.ts';
import { device, errors } from './test-samples.ts';

const gate = { metric: 'error_rate', limit: 0.1, minInferences: 100 };
const bake = (more: object = {}) => Bake.parse({ seconds: 600, gates: [gate], ...more });
const outcome = (of: Bake, samples: GateSamples, elapsedS: number) => bakeVerdict(of, samples, elapsedS).outcome;

describe('a bake', () => {
  it('ends early on proof of every gate, and not on its lack or before it may', () => {
    const early = bake({ minSeconds: 60 });
    expect(outcome(early, errors(0, 5_000), 59)).toBe('go-on');
    expect(outcome(early, errors(0, 5_000), 60)).toBe('pass');
    expect(outcome(early, errors(9, 100), 60)).toBe('go-on');
    expect(outcome(bake(), errors(0, 5_000), 599)).toBe('go-on');
    expect(outcome(bake({ minSeconds: 60, gates: [] }), errors(0, 0), 60)).toBe('go-on');
  });

  it('runs on for lack of evidence, to its bound', () => {
    const bounded = bake({ maxSeconds: 900 });
    expect([600, 899, 900].map((s) => outcome(bounded, errors(0, 10), s))).toEqual(['go-on', 'go-on', 'no-data']);
    expect([6_299, 6_300].map((s) => outcome(bake(), errors(0, 10), s))).toEqual(['go-on', 'no-data']);
  });

  it('reads plans of before, whose gates knew a value only', () => {
    expect(Bake.parse({ seconds: 600, gates: [{ metric: 'accuracy', limit: 0.9 }] }).gates[0]).toMatchObject({
      compare: 'absolute',
      limit: 0.9,
    });
  });
});

/** Ten devices with a spread of their own; windows of p95 around it, times a factor after they moved. */
const fleet = (factor: number, more: (at: number) => Partial<DeviceSample> = () => ({}), first = 0): DeviceSample[] =>
  Array.from({ length: 10 }, (_, at) => {
    const level = Math.log(10 + at);
    const windows = (count: number, shift: number) =>
      Array.from(
        { length: count },
        (__, w) => level + shift + 0.03 * Math.sin(w * 2.1 + at) + 0.01 * Math.cos(at * 5 + first),
      );
    const after = { n: 1_000, windows: 20, series: { latency_p95: windows(20, Math.log(factor)) } };
    return device(after, { n: 2_000, windows: 40, series: { latency_p95: windows(40, 0) } }, more(at));
  });

describe('the default gates', () => {
  const verdictsOf = (samples: GateSamples) =>
    bakeVerdict(bake({ gates: defaultGates }), samples, 10).gates.map(({ metric, verdict }) => `${metric} ${verdict}`);

  it('pass what stays, break on what is proven, and give the numbers', () => {
    expect(verdictsOf({ devices: fleet(1), control: [] })[0]).toBe('latency_p95 pass');
    const judged = bakeVerdict(bake({ gates: defaultGates }), { devices: fleet(1.6), control: [] }, 10);
    expect(judged.outcome).toBe('breach');
    const [p95] = judged.gates;
    expect(p95).toMatchObject({ verdict: 'breach', devices: 10, n: 10_000, scope: 'fleet', limit: 1.2 });
    expect(p95?.value).toBeCloseTo(1.6, 1);
    expect(p95?.low).toBeGreaterThan(1.2);
    expect(p95?.evidence ?? 0).toBeGreaterThanOrEqual(p95?.needed ?? Number.POSITIVE_INFINITY);
  });

  it('have nothing to judge where nothing was served before', () => {
    const first = fleet(1).map((each) => ({ ...each, before: null, isNew: true }));
    const [p95] = bakeVerdict(bake({ gates: defaultGates }), { devices: first, control: [] }, 10).gates;
    expect(p95).toMatchObject({ verdict: 'pass', isFirst: true });
  });

  it('ask for a comparison where a device that served something said nothing', () => {
    const silent = fleet(1).map((each) => ({ ...each, before: null }));
    const [p95] = bakeVerdict(bake({ gates: defaultGates }), { devices: silent, control: [] }, 10).gates;
    expect(p95).toMatchObject({ verdict: 'not-enough-evidence', lack: 'before' });
  });
});

describe('a gate against devices that stay', () => {
  const gates = [{ metric: 'latency_p95', compare: 'vs_control', limit: 1.2 }];
  const judge = (samples: GateSamples) => bakeVerdict(bake({ gates }), samples, 10).gates[0];

  it('forgives what changed for all, and breaks on what changed for the moved ones only', () => {
    expect(judge({ devices: fleet(1.6), control: fleet(1.6, undefined, 3) })?.verdict).toBe('pass');
    expect(judge({ devices: fleet(1.6), control: fleet(1, undefined, 3) })).toMatchObject({
      verdict: 'breach',
      controlDevices: 10,
    });
    expect(judge({ devices: fleet(1.6), control: [] })).toMatchObject({ verdict: 'breach', instead: 'before' });
  });

  it('compares a class of hardware with its own', () => {
    const pi = () => ({ hardwareClass: 'pi' });
    const control = [...fleet(1.5, pi, 3), ...fleet(1, () => ({ hardwareClass: 'nuc' }), 5)];
    expect(judge({ devices: fleet(1.5, pi), control })?.value).toBeCloseTo(1, 1);
  });
});
