import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Lane } from './lane.ts';

const limits = { maxItems: 10, maxBytes: 1_000 };
const isPending = async (promise: Promise<void>) => {
  const pending = Symbol('pending');
  return (await Promise.race([promise, setImmediate(pending)])) === pending;
};

/** Takes so many, fewer when there are not so many. */
function takeSome<T>(lane: Lane<T>, count: number): T[] {
  const taken: T[] = [];
  for (const item of lane.take()) if (taken.push(item) >= count) break;
  return taken;
}

it.each([
  ['number', { maxItems: 2, maxBytes: 1_000 }],
  ['bytes', { maxItems: 10, maxBytes: 2 }],
])('who adds to a lane that is full by %s waits until something was taken', async (_, full) => {
  const lane = new Lane<string>(full);
  expect(await isPending(lane.add('first', 1))).toBe(false);
  const added = lane.add('second', 1);
  expect(await isPending(added)).toBe(true);
  expect(takeSome(lane, 1)).toEqual(['first']);
  await added;
});

it('who took too little of a full lane leaves the others waiting', async () => {
  const lane = new Lane<string>({ maxItems: 2, maxBytes: 1_000 });
  void lane.add('first', 1);
  const waiting = [lane.add('second', 1), lane.add('third', 1)];
  expect(takeSome(lane, 1)).toEqual(['first']);
  expect(await Promise.all(waiting.map(isPending))).toEqual([true, true]);
  takeSome(lane, 1);
  await Promise.all(waiting);
});

it('gives everything once, in order, and no more than is taken', () => {
  fc.assert(
    fc.property(fc.nat({ max: 50 }), fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 50 }), (all, counts) => {
      const lane = new Lane<number>(limits);
      for (let item = 0; item < all; item += 1) void lane.add(item, 1);
      const taken: number[] = [];
      for (const count of counts) {
        const waiting = lane.size;
        const some = takeSome(lane, count);
        expect(some.length).toBe(Math.min(count, waiting));
        expect(lane.size).toBe(waiting - some.length);
        taken.push(...some);
      }
      expect(taken).toEqual(Array.from({ length: all }, (_, at) => at));
    }),
  );
});

it('what was given when the one who took it fails does not come again', () => {
  const lane = new Lane<string>(limits);
  void lane.add('first', 1);
  void lane.add('second', 1);
  expect(() => {
    for (const item of lane.take()) throw new Error(item);
  }).toThrow('first');
  expect(takeSome(lane, 9)).toEqual(['second']);
});

it('gathers until enough waits, or until the time is over, and not at all when nothing will come', async () => {
  const lane = new Lane<string>(limits);
  void lane.add('first', 1);
  const enough = lane.gather(3, 60_000);
  expect(await isPending(enough)).toBe(true);
  void lane.add('second', 1);
  expect(await isPending(enough)).toBe(true);
  void lane.add('third', 1);
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
  void lane.add('large', 1_000);
  await lane.gather(9, 60_000);
  expect(lane.size).toBe(1);
});
