import { expect, test } from 'vitest';
import type { ExploreLine } from '@/server/queries/explore.ts';
import { changeOf } from './metrics.ts';
import { csvOf, markersOf, seriesOf, wholeRows } from './series.ts';

const line = (key: string, label: string): ExploreLine => ({ key, id: label, label, deviceId: null, samples: 1 });
const lines = [line('a', '2.0.0'), line('b', '=1+1,"x"')];
const t = Date.UTC(2026, 0, 1);
const series = [
  { key: 'b', metric: 'error_rate' as const, points: [{ t, value: null, n: 0 }] },
  { key: 'a', metric: 'error_rate' as const, points: [{ t, value: 0.5, n: 4 }] },
];

test('a chart has every line of the page, in the page’s order, also one without this metric', () => {
  expect(seriesOf({ lines, series }, 'error_rate').map(({ id, points }) => [id, points.length])).toEqual([
    ['2.0.0', 1],
    ['=1+1,"x"', 1],
  ]);
  expect(seriesOf({ lines, series }, 'power_w').map(({ points }) => points)).toEqual([[], []]);
});

test('CSV quotes what needs it, leaves out what was not measured, and starts no formula', () => {
  expect(csvOf({ lines, series })).toBe(
    [
      'bucket_start,line,metric,value,observations',
      '2026-01-01T00:00:00.000Z,"\'=1+1,""x""",error_rate,,0',
      '2026-01-01T00:00:00.000Z,2.0.0,error_rate,0.5,4',
      '',
    ].join('\r\n'),
  );
});

test('the first line is what the others are compared with', () => {
  const whole = [
    { key: 'a', metric: 'error_rate' as const, value: 0.02, n: 9 },
    { key: 'b', metric: 'error_rate' as const, value: 0.05, n: 9 },
  ];
  const [first, second] = wholeRows({ lines, whole }, ['error_rate']);
  expect(first?.values).toEqual([{ metric: 'error_rate', value: 0.02, base: null }]);
  expect(second?.values).toEqual([{ metric: 'error_rate', value: 0.05, base: 0.02 }]);
});

test('shares differ in points, all else by a share, and nothing by what is not there', () => {
  expect(changeOf('accuracy', 0.9, 0.95)?.value).toBeCloseTo(-5);
  expect(changeOf('accuracy', 0.9, 0.95)?.unit).toBe('pt');
  expect(changeOf('latency_p95_ms', 12, 10)).toEqual({ value: expect.closeTo(0.2), unit: 'ratio' });
  expect(changeOf('latency_p95_ms', 12, null)).toBeNull();
  expect(changeOf('latency_p95_ms', 12, 0)).toBeNull();
});

test('a decision that no chart explains has no flag', () => {
  const mark = { at: new Date(t), rolloutId: 'r', rolloutName: 'Spring' };
  expect(
    markersOf([
      { ...mark, kind: 'roll-back' },
      { ...mark, kind: 'notify' },
    ]),
  ).toEqual([{ t, tone: 'critical', label: 'Spring rolled back' }]);
});
