import { describe, expect, it } from 'vitest';
import { Gate } from './gate.ts';
import { judgeGate } from './judge-gate.ts';
import { device, errors } from './test-samples.ts';

const errorRate = Gate.parse({ metric: 'error_rate', limit: 0.05 });
const accuracy = Gate.parse({ metric: 'accuracy', limit: 0.9 });
const sample = errors;
const labels = (wrong: number, labelled: number) => ({ devices: [device({ labelled, wrong })], control: [] });

/** mulberry32: the same numbers in every run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Looks 60 times at a wave whose true share of errors is `share`, 100 observations more each time. Did any look breach? */
function isEverBreached(share: number, random: () => number): boolean {
  let bad = 0;
  for (let n = 100; n <= 6_000; n += 100) {
    for (let each = 0; each < 100; each += 1) if (random() < share) bad += 1;
    if (judgeGate(errorRate, sample(bad, n)).verdict === 'breach') return true;
  }
  return false;
}

describe('over 60 looks', () => {
  const runs = (count: number, share: number) => {
    const random = randomOf(20260301);
    return Array.from({ length: count }, () => isEverBreached(share, random)).filter(Boolean).length;
  };
  it('a share exactly at the limit is called a breach in at most 5 % of 500 runs', () => {
    expect(runs(500, errorRate.limit)).toBeLessThanOrEqual(25);
  });
  it('a share below the limit never is, in 100 runs', () => {
    expect(runs(100, 0.03)).toBe(0);
  });
  it('a share clearly above it always is, in 100 runs', () => {
    expect(runs(100, 0.08)).toBe(100);
  });
});

describe('a look', () => {
  it.each([
    ['passes on enough good observations', errorRate, sample(4, 200), 'pass'],
    ['has not enough evidence just below the sample', errorRate, sample(4, 199), 'not-enough-evidence'],
    ['has not enough evidence without any', errorRate, sample(0, 0), 'not-enough-evidence'],
    ['breaches early on a clearly bad share', errorRate, sample(10, 20), 'breach'],
    ['does not breach on one error', errorRate, sample(1, 1), 'not-enough-evidence'],
    ['reads accuracy as the share that was right', accuracy, labels(15, 200), 'pass'],
    ['breaches on a low accuracy', accuracy, labels(60, 200), 'breach'],
    [
      'a limit of no errors breaches on the first',
      Gate.parse({ metric: 'error_rate', limit: 0 }),
      sample(1, 1),
      'breach',
    ],
    ['a limit of no errors passes without one', Gate.parse({ metric: 'error_rate', limit: 0 }), sample(0, 200), 'pass'],
    ['a limit of everything never breaches', Gate.parse({ metric: 'error_rate', limit: 1 }), sample(200, 200), 'pass'],
    ['stays finite on a large fleet', errorRate, sample(4_000_000, 100_000_000), 'pass'],
  ] as const)('%s', (_, gate, given, verdict) => {
    const judged = judgeGate(gate, given);
    expect(judged.verdict).toBe(verdict);
    expect(judged.evidence ?? 0).not.toBeNaN();
  });

  it('gives its numbers with the verdict, and no value where there is none', () => {
    expect(judgeGate(accuracy, labels(60, 200))).toMatchObject({
      metric: 'accuracy',
      value: 0.7,
      limit: 0.9,
      n: 200,
      devices: 1,
    });
    expect(judgeGate(accuracy, labels(0, 0))).not.toHaveProperty('value');
  });
});
