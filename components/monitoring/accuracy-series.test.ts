import { expect, it } from 'vitest';
import { accuracySeries } from './accuracy-series.ts';

const at = (t: number) => new Date(t);
const share = { share: 0.9, low: 0.8, high: 0.95, n: 50 };

it('the measured line is its version, each point in its band', () => {
  const points = [
    { at: at(1), measured: share, estimated: null },
    { at: at(2), measured: null, estimated: share },
  ];
  const drawn = { value: 0.9, min: 0.8, max: 0.95, n: 50 };
  expect(accuracySeries(points, 'press@1.0.0')).toEqual([
    { id: 'press@1.0.0', label: 'measured', points: [{ t: 1, ...drawn }] },
    { id: 'press@1.0.0 estimated', label: 'estimated', points: [{ t: 2, ...drawn }] },
  ]);
});

it('what is not known has no line', () => {
  expect(accuracySeries([{ at: at(1), measured: share, estimated: null }], 'a').map(({ label }) => label)).toEqual([
    'measured',
  ]);
});
