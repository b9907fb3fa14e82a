import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Lane } from './lane.ts';

const limits = { maxWeight: 10, maxBytes: 1_000 };
const isPending = async (promise: Promise<void>) => {
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending;
};

it.each([
  ['weight', { weight: 10, bytes: 1 }],
  ['bytes', { weight: 1, bytes: 1_000 }],
])('who adds to a lane that is full by %s waits until something was taken', async (_, cost) => {
  const lane = new Lane<string>(limits);
  const added = lane.add('large', cost);
  expect(await isPending(added)).toBe(true);
  expect(lane.take(1)).toEqual(['large']);
  await added;
  expect(await isPending(lane.add('small', { weight: 1, bytes: 1 }))).toBe(false);
});

it('gives everything once, in order, and at least one at a time', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 32 })), fc.integer({ min: 1, max: 40 }), (weights, maxWeight) => {
      const lane = new Lane<number>(limits);
      weights.forEach((weight, at) => void lane.add(at, { weight, bytes: 1 }));
      const taken: number[] = [];
      while (lane.weight > 0) {
        const batch = lane.take(maxWeight);
        const weight = batch.reduce((sum, at) => sum + (weights[at] ?? 0), 0);
        expect(batch.length === 1 || weight <= maxWeight).toBe(true);
        taken.push(...batch);
      }
      expect(taken).toEqual(weights.map((_, at) => at));
      expect(lane.weight).toBe(0);
    }),
  );
});

it('gathers until enough waits, or until the time is over, and not at all when nothing will come', async () => {
  const lane = new Lane<string>(limits);
  void lane.add('first', { weight: 1, bytes: 1 });
  const enough = lane.gather(3, 60_000);
  expect(await isPending(enough)).toBe(true);
  void lane.add('second', { weight: 1, bytes: 1 });
  expect(await isPending(enough)).toBe(true);
  void lane.add('third', { weight: 1, bytes: 1 });
  await enough;

  const startedMs = performance.now();
  await lane.gather(9, 30);
  expect(performance.now() - startedMs).toBeGreaterThan(25);

  const closed = lane.gather(9, 60_000);
  lane.close();
  await closed;
});

it('does not gather beyond what it may hold', async () => {
  const lane = new Lane<string>(limits);
  void lane.add('large', { weight: 1, bytes: 1_000 });
  await lane.gather(9, 60_000);
  expect(lane.weight).toBe(1);
});
