import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LIMIT_AT, placeGate } from './gate.ts';

const number = fc.double({ min: -1e4, max: 1e4, noNaN: true });

it('puts a breach right of the limit and a pass left of it, whichever way the gate looks', () => {
  fc.assert(
    fc.property(number, number, fc.constantFrom('below' as const, 'above' as const), (value, limit, passes) => {
      const isBreach = passes === 'below' ? value > limit : value < limit;
      const { value: at } = placeGate({ value, limit, passes });
      expect(at >= 0 && at <= 1).toBe(true);
      if (Math.abs(value - limit) > 1e-6) expect(at > LIMIT_AT).toBe(isBreach);
    }),
  );
});

it('keeps the value inside its interval', () => {
  const { low, value, high } = placeGate({ value: 0.9, low: -1.4, high: 3.2, limit: -0.5, passes: 'above' });
  expect([low < value, value < high, high > LIMIT_AT]).toEqual([true, true, true]);
});
