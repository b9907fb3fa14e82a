import { expect, it } from 'vitest';
import { entityColor } from '../ui/entity-color.ts';
import { accuracySeries } from './accuracy-series.ts';

const at = (t: number) => new Date(t);
const share = { share: 0.9, low: 0.8, high: 0.95, n: 50 };

it('both lines have the colour of their version, the estimated one pale, each point in its band', () => {
  const points = [
    { at: at(1), measured: share, estimated: null },
    { at: at(2), measured: null, estimated: share },
  ];
  const color = entityColor('press@1.0.0');
  const drawn = { value: 0.9, min: 0.8, max: 0.95, n: 50 };
  expect(accuracySeries(points, 'press@1.0.0')).toEqual([
    { id: 'measured', label: 'measured', color, isPale: false, points: [{ t: 1, ...drawn }] },
    { id: 'estimated', label: 'estimated', color, isPale: true, points: [{ t: 2, ...drawn }] },
  ]);
});

it('what is not known has no line', () => {
  expect(accuracySeries([{ at: at(1), measured: share, estimated: null }], 'a').map(({ label }) => label)).toEqual([
    'measured',
  ]);
});
