import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fillWaves } from './waves-bar.tsx';

it('fills wave after wave', () => {
  expect(fillWaves([1, 4, 5], 3).map(({ share }) => share)).toEqual([1, 0.5, 0]);
  expect(fillWaves([0, 2], 0).map(({ share }) => share)).toEqual([1, 0]);
});

it('shows as many finished devices as there are, up to the size of the rollout', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 9000 }), (list, finished) => {
      const total = list.reduce((sum, size) => sum + size, 0);
      const drawn = fillWaves(list, finished).reduce((sum, { size, share }) => sum + size * share, 0);
      expect(drawn).toBeCloseTo(Math.min(total, finished), 6);
    }),
  );
});
