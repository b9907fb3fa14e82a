import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ago, NOW } from '../../testing/rollout-view.ts';
import { Rate } from './plan-limits.ts';
import { perMinute, roomInRate } from './rates.ts';

const flat = (maxPerMinute: number) => Rate.parse({ maxPerMinute });
const growing = (exponential: object, maxPerMinute: number | null = null) => Rate.parse({ exponential, maxPerMinute });

describe('a rate', () => {
  const doubling = { basePerMinute: 10, factor: 2, every: 100 };
  it.each([
    ['that is flat stays', flat(60), 10_000, 60],
    ['that grows begins at its base', growing(doubling), 99, 10],
    ['that grows grows with every so many successes', growing(doubling), 100, 20],
    ['that grows goes on growing', growing(doubling), 350, 80],
    ['that grows stops at what is allowed at most', growing(doubling, 50), 100_000, 50],
    ['that grows by a part is rounded down', growing({ basePerMinute: 3, factor: 1.5, every: 1 }), 1, 4],
  ])('%s', (_, rate, succeeded, wanted) => expect(perMinute(rate, succeeded)).toBe(wanted));

  it('of none at all is refused', () => {
    expect(Rate.safeParse({}).success).toBe(false);
  });
});

describe('room', () => {
  it('is a sixth of the rate at first, so that a minute is not used up at once', () => {
    expect(roomInRate(flat(60), 0, [], NOW)).toEqual({ room: 10, nextAt: null, perMinute: 60 });
  });

  it('is there for one device even where a sixth is less than one', () => {
    expect(roomInRate(flat(1), 0, [], NOW).room).toBe(1);
  });

  it('comes back ten seconds after those that were told together', () => {
    const told = Array.from({ length: 10 }, () => ago(4));
    expect(roomInRate(flat(60), 0, told, NOW)).toMatchObject({ room: 0, nextAt: ago(-6) });
    expect(roomInRate(flat(60), 0, told, ago(-6)).room).toBe(10);
  });

  it('is none once the minute is used up, until the first of it is a minute old', () => {
    const told = [55, 45, 35, 25, 15, 11].flatMap((seconds) => Array.from({ length: 10 }, () => ago(seconds)));
    expect(roomInRate(flat(60), 0, told, NOW)).toMatchObject({ room: 0, nextAt: ago(-5) });
  });

  it('is what is left of both', () => {
    const told = [...Array.from({ length: 55 }, () => ago(30)), ago(2)];
    expect(roomInRate(flat(60), 0, told, NOW).room).toBe(4);
  });

  it('is never more than what keeps every minute and every sixth of one within the rate, whenever one looks', () => {
    const looks = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), looks, (most, waits) => {
        const told: Date[] = [];
        let now = NOW.getTime();
        for (const wait of waits) {
          now += wait;
          const { room, nextAt } = roomInRate(flat(most), 0, told, new Date(now));
          if (room === 0) expect(nextAt && nextAt.getTime() > now).toBe(true);
          for (let device = 0; device < room; device += 1) told.push(new Date(now));
          const within = (ms: number) => told.filter((at) => at.getTime() > now - ms).length;
          expect(within(60_000)).toBeLessThanOrEqual(most);
          expect(within(10_000)).toBeLessThanOrEqual(Math.ceil(most / 6));
        }
      }),
      { numRuns: 200 },
    );
  });
});
