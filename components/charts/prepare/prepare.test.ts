import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChartInput, Point } from '../types.ts';
import { isEmptyChart, MAX_SERIES, prepareChart } from './prepare.ts';
import { scaleAround } from './scale.ts';
import { timeTicks } from './time-ticks.ts';

const MINUTE = 60_000;
const at = (minute: number, value: number | null, more: Partial<Point> = {}): Point => ({
  t: minute * MINUTE,
  value,
  ...more,
});

function chart(points: Point[], more: Partial<ChartInput> = {}) {
  const series = [{ id: 'v1', label: '1.4.0', points }];
  return prepareChart({ unit: 'ms', series, stepMs: MINUTE, from: 0, to: 10 * MINUTE, ...more }, 4);
}

describe('lines and gaps', () => {
  it('leaves a missing bucket empty and names the gap', () => {
    const { rows, gaps } = chart([at(0, 5), at(1, 6), at(4, 7), ...[5, 6, 7, 8, 9].map((m) => at(m, 7))]);
    expect(rows.map((row) => row.s0)).toEqual([5, 6, null, null, 7, 7, 7, 7, 7, 7]);
    expect(gaps).toEqual([{ from: MINUTE, to: 4 * MINUTE }]);
  });

  it('treats a null like a missing bucket, and marks the silence at the end', () => {
    const { gaps, lines } = chart([at(0, 5), at(1, null), at(2, 5)]);
    expect(gaps).toEqual([
      { from: 0, to: 2 * MINUTE },
      { from: 2 * MINUTE, to: 10 * MINUTE },
    ]);
    expect(lines[0]?.latest).toEqual({ value: 5, isOld: true });
    expect(lines[0]?.lone.map((point) => point.t)).toEqual([0, 2 * MINUTE]);
  });

  it('never invents a value: every drawn number was measured in its bucket', () => {
    const points = fc.uniqueArray(
      fc.tuple(fc.integer({ min: 0, max: 59 }), fc.option(fc.integer({ min: 1, max: 900 }))),
      { selector: ([m]) => m },
    );
    fc.assert(
      fc.property(points, (list) => {
        const { rows } = chart(
          list.map(([m, value]) => at(m, value)),
          { to: 60 * MINUTE },
        );
        const measured = new Map(list.map(([m, value]) => [m * MINUTE, value]));
        for (const row of rows) expect(row.s0).toBe(measured.get(row.t) ?? null);
      }),
    );
  });

  it('draws the unfinished bucket apart, joined to the one before', () => {
    const { rows, lines } = chart([at(8, 5), at(9, 9)], { to: 9.5 * MINUTE });
    expect(rows.slice(-2).map((row) => [row.s0, row.t0])).toEqual([
      [5, 5],
      [null, 9],
    ]);
    expect(lines[0]?.latest?.value).toBe(5);
  });

  it('keeps the phase of buckets that do not begin at the range', () => {
    const { rows } = chart(
      [
        { t: 20_000, value: 3 },
        { t: 80_000, value: 4 },
      ],
      { to: 2 * MINUTE },
    );
    expect(rows).toMatchObject([
      { t: 20_000, s0: 3 },
      { t: 80_000, t0: 4 },
    ]);
  });
});

it('draws at most eight series and says how many there are', () => {
  const series = Array.from({ length: 213 }, (_, i) => ({ id: `d${i}`, label: `d${i}`, points: [at(0, i)] }));
  const prepared = prepareChart({ unit: 'ms', series, stepMs: MINUTE, from: 0, to: MINUTE }, 4);
  expect([prepared.lines.length, prepared.total]).toEqual([MAX_SERIES, 213]);
});

it('chooses one unit for the whole chart', () => {
  const { unit, lines } = chart([at(8, 0.0184), at(9, 0.0249)], { unit: 'J' });
  expect([unit, lines[0]?.latest?.value]).toEqual(['mJ', 24.9]);
});

it('fills between two lines only where both were measured', () => {
  const series = [
    { id: 'p50', label: 'p50', points: [at(0, 5), at(1, 5)] },
    { id: 'p95', label: 'p95', points: [at(1, 8), at(2, 8)] },
  ];
  const { rows } = prepareChart(
    { unit: 'ms', series, stepMs: MINUTE, from: 0, to: 3 * MINUTE, band: { from: 'p50', to: 'p95' } },
    4,
  );
  expect(rows.map((row) => row.between)).toEqual([undefined, [5, 8], undefined]);
});

it('takes a near limit into the axis and only names a far one', () => {
  const thresholds = [
    { value: 10, label: 'limit', tone: 'critical' as const },
    { value: 300, label: 'far', tone: 'quiet' as const },
  ];
  const { limits, scale } = chart([at(0, 6), at(1, 9)], { thresholds });
  expect(limits.map((limit) => limit.isOffScale)).toEqual([false, true]);
  expect([scale.max >= 10, scale.max < 300]).toEqual([true, true]);
});

it('knows an empty chart', () => {
  expect(isEmptyChart(chart([]))).toBe(true);
  expect(isEmptyChart(chart([at(0, null)]))).toBe(true);
  expect(isEmptyChart(chart([at(0, 0)]))).toBe(false);
});

describe('axes', () => {
  it.each([
    [5.1, 14.2, 3, { min: 4, max: 16, ticks: [4, 8, 12, 16] }],
    [20.2, 27.1, 2, { min: 20, max: 28, ticks: [20, 24, 28] }],
    [0.92, 0.951, 2, { min: 0.92, max: 0.96, ticks: [0.92, 0.94, 0.96] }],
  ])('%s to %s', (low, high, intervals, expected) => {
    const { min, max, ticks } = scaleAround(low, high, intervals);
    const round = (value: number) => Number(value.toFixed(6));
    expect({ min: round(min), max: round(max), ticks: ticks.map(round) }).toEqual(expected);
  });

  it.each([
    [92.5, 92.5, [80, 90, 100]],
    [3, 97, [0, 50, 100]],
    [96, 101, [96, 98, 100, 102]],
  ])('of shares from %s to %s %% end at the whole, unless a value is beyond', (low, high, ticks) => {
    expect(scaleAround(low, high, 3, 100).ticks).toEqual(ticks);
  });

  it('of a chart of shares end at 100 %', () => {
    expect(chart([at(0, 0.925)], { unit: 'ratio' }).scale.max).toBe(100);
    expect(chart([at(0, 92.5)], { unit: 'ms' }).scale.max).toBeGreaterThan(100);
  });

  it('always holds its data between its first and last tick', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (low, spread) => {
          const scale = scaleAround(low, low + spread, 4);
          const slack = Math.max(Math.abs(low), spread, 1e-12) * 1e-6;
          expect(scale.min - slack).toBeLessThanOrEqual(low);
          expect(scale.max + slack).toBeGreaterThanOrEqual(low + spread);
          expect(scale.ticks.length).toBeGreaterThanOrEqual(2);
          expect(scale.ticks.length).toBeLessThanOrEqual(10);
        },
      ),
    );
  });

  it('puts time ticks on the round hours of the reader’s clock', () => {
    const HOUR = 60 * MINUTE;
    const { ticks, style } = timeTicks(8.05 * HOUR, 14.05 * HOUR, 7, 5.5 * HOUR);
    expect(ticks.map((t) => (t + 5.5 * HOUR) / HOUR)).toEqual([14, 15, 16, 17, 18, 19]);
    expect(style).toBe('time');
  });
});

describe('numbers beside a chart', () => {
  const words = (values: number[]) => values.map(chart(values.map((value, minute) => at(minute, value))).format);

  it('have one decimal more than the ticks', () => {
    expect(words([0, 41.26, 80])).toEqual(['0.0', '41.3', '80.0']);
  });

  it('keep small values apart beside a peak that stretched the axis', () => {
    expect(words([3, 0.635, 0.556, 0.0456])).toEqual(['3.0', '0.64', '0.56', '0.046']);
  });

  it('have three decimals at most', () => {
    expect(words([3, 0.00047])).toEqual(['3.0', '0.000']);
  });
});
