import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planPower, powerOf } from './plan-power.ts';

const fleet = { betweenVariance: 0.005, withinVariance: 0.02, devices: 10 };
const question = { effect: Math.log(1.2), power: 0.9, gates: 5, windowS: 60, maxDevices: 500, maxWindows: 240 };

const anyFleet = fc.record({
  betweenVariance: fc.double({ min: 1e-5, max: 0.05, noNaN: true }),
  withinVariance: fc.double({ min: 1e-5, max: 0.2, noNaN: true }),
  devices: fc.nat(60),
});

describe('the power of a bake', () => {
  it('is what the same gate showed by simulation: a fifth on ten devices is found within ten windows', () => {
    expect(powerOf(fleet, question, 10, 10)).toBeGreaterThan(0.9);
    expect(powerOf(fleet, question, 2, 10)).toBeLessThan(0.5);
  });

  it('grows with devices and with the effect', () => {
    fc.assert(
      fc.property(anyFleet, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 2, max: 60 }), (given, n, windows) => {
        const power = powerOf(given, question, n, windows);
        expect(power).toBeGreaterThanOrEqual(0);
        expect(powerOf(given, question, n + 1, windows)).toBeGreaterThanOrEqual(power - 1e-6);
        expect(powerOf(given, { ...question, effect: 0.3 }, n, windows)).toBeGreaterThanOrEqual(power - 1e-6);
      }),
    );
  });
});

describe('a plan for power', () => {
  it('offers longer bakes only where they spare devices, and each has the power', () => {
    fc.assert(
      fc.property(anyFleet, (given) => {
        const plans = planPower(given, question);
        for (const [at, { devices, windows, bakeSeconds }] of plans.entries()) {
          expect(powerOf(given, question, devices, windows)).toBeGreaterThanOrEqual(0.9);
          expect(bakeSeconds).toBe(windows * 60);
          if (devices > 1) expect(powerOf(given, question, devices - 1, windows)).toBeLessThan(0.9);
          expect(devices).toBeLessThan(plans[at - 1]?.devices ?? Number.POSITIVE_INFINITY);
        }
      }),
    );
  });

  it('is empty when no number of devices shows it', () => {
    expect(planPower(fleet, { ...question, effect: 0.0001 })).toEqual([]);
  });
});
