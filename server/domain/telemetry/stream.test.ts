import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrival, advanceStream, MAX_AHEAD, type StreamPosition } from './stream.ts';

const begin: StreamPosition = { watermark: 0, ahead: [] };
const arrivals = (...seqs: number[]): Arrival[] => seqs.map((seq) => ({ seq, oldestSeq: 1 }));

describe('a stream', () => {
  it.each([
    ['goes on in order', begin, arrivals(1, 2, 3), [1, 2, 3], { watermark: 3, ahead: [] }],
    ['keeps what is ahead of a gap', begin, arrivals(1, 3, 4), [1, 3, 4], { watermark: 1, ahead: [3, 4] }],
    ['closes a gap', { watermark: 1, ahead: [3, 4] }, arrivals(2), [2], { watermark: 4, ahead: [] }],
    ['knows what it has', { watermark: 5, ahead: [7] }, arrivals(3, 5, 7), [], { watermark: 5, ahead: [7] }],
    ['takes a number once in one batch', begin, arrivals(1, 1, 1), [1], { watermark: 1, ahead: [] }],
    [
      'passes over what the device no longer holds',
      { watermark: 2, ahead: [5] },
      [{ seq: 9, oldestSeq: 9 }],
      [9],
      { watermark: 9, ahead: [] },
    ],
    [
      'goes on through what it kept, when the gap is given up',
      { watermark: 2, ahead: [5, 6] },
      [{ seq: 8, oldestSeq: 5 }],
      [8],
      { watermark: 6, ahead: [8] },
    ],
    [
      'never goes back for an older answer',
      { watermark: 9, ahead: [] },
      [{ seq: 10, oldestSeq: 3 }],
      [10],
      { watermark: 10, ahead: [] },
    ],
  ])('%s', (_, position, given, fresh, next) => {
    expect(advanceStream(position, given)).toEqual({ fresh: new Set(fresh), next });
  });

  it('keeps a bounded number ahead; the rest is not fresh, and comes again', () => {
    const far = Array.from({ length: MAX_AHEAD + 5 }, (_, at) => at + 2);
    const { fresh, next } = advanceStream(begin, arrivals(...far));
    expect([fresh.size, next.watermark, next.ahead.length]).toEqual([MAX_AHEAD, 0, MAX_AHEAD]);
    const closed = advanceStream(next, arrivals(1));
    expect(closed.next).toEqual({ watermark: MAX_AHEAD + 1, ahead: [] });
    expect(advanceStream(closed.next, arrivals(...far)).fresh.size).toBe(5);
  });
});

/** A device sends again all that is not acknowledged, in batches that arrive in any order, twice, or not at all. */
const network = fc.record({
  count: fc.integer({ min: 1, max: 60 }),
  deliveries: fc.array(fc.array(fc.record({ which: fc.nat(59), isTwice: fc.boolean() }), { maxLength: 20 }), {
    maxLength: 20,
  }),
});

describe('whatever the network does', () => {
  it('each number is fresh exactly once, and the watermark is where everything below has come', () => {
    fc.assert(
      fc.property(network, ({ count, deliveries }) => {
        let position = begin;
        const fresh: number[] = [];
        const deliver = (seqs: number[]) => {
          const unacknowledged = seqs.filter((seq) => seq > position.watermark);
          const oldestSeq = position.watermark + 1;
          const step = advanceStream(
            position,
            unacknowledged.map((seq) => ({ seq, oldestSeq })),
          );
          fresh.push(...step.fresh);
          position = step.next;
          const missing = Array.from({ length: count }, (_, at) => at + 1).find((seq) => !fresh.includes(seq));
          expect(position.watermark).toBe((missing ?? count + 1) - 1);
        };
        for (const batch of deliveries)
          deliver(
            batch
              .flatMap(({ which, isTwice }) => (isTwice ? [which, which] : [which]))
              .map((which) => (which % count) + 1),
          );
        deliver(Array.from({ length: count }, (_, at) => at + 1));
        expect(fresh.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
        expect(position).toEqual({ watermark: count, ahead: [] });
      }),
    );
  });

  it('a device that drops its oldest loses only those, and nothing counts twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 1, max: 40 })),
        (count, cut, early) => {
          const oldestSeq = Math.min(cut, count);
          const first = advanceStream(begin, arrivals(...early.filter((seq) => seq <= count)));
          const rest = Array.from({ length: count - oldestSeq + 1 }, (_, at) => ({ seq: oldestSeq + at, oldestSeq }));
          const second = advanceStream(first.next, rest);
          expect(second.next).toEqual({ watermark: count, ahead: [] });
          expect([...first.fresh].filter((seq) => second.fresh.has(seq))).toEqual([]);
          for (const { seq } of rest) expect(first.fresh.has(seq) || second.fresh.has(seq)).toBe(true);
        },
      ),
    );
  });
});
