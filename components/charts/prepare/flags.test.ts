import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Marker } from '../types.ts';
import { placeFlags } from './flags.ts';

const marker = (t: number, tone: Marker['tone'] = 'quiet'): Marker => ({ t, label: `release ${t}`, tone });

it('turns late words to the left, but parts the last two', () => {
  const flags = placeFlags([marker(10), marker(70), marker(75)], 0, 100);
  expect(flags.map(({ t, isLeft }) => [t, isLeft])).toEqual([
    [10, false],
    [70, true],
    [75, false],
  ]);
});

it('lets the loud one speak where two stand together, and the newest of equals', () => {
  expect(placeFlags([marker(50, 'critical'), marker(51)], 0, 100).map(({ t }) => t)).toEqual([50]);
  expect(placeFlags([marker(95), marker(96)], 0, 100).map(({ t }) => t)).toEqual([96]);
});

it('never lets words cover words, and leaves out what is not in the range', () => {
  const tones = fc.constantFrom<Marker['tone']>('quiet', 'attention', 'critical');
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: -50, max: 150 }), tones), { maxLength: 20 }), (list) => {
      const flags = placeFlags(
        list.map(([t, tone]) => marker(t, tone)),
        0,
        100,
      );
      const starts = flags.map(({ at, isLeft }) => (isLeft ? at - 0.17 : at)).sort((a, b) => a - b);
      expect(starts.every((start, i) => i === 0 || start - (starts[i - 1] ?? 0) >= 0.17 - 1e-9)).toBe(true);
      expect(flags.every(({ t }) => t >= 0 && t <= 100)).toBe(true);
    }),
  );
});
