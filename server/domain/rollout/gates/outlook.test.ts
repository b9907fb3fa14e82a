import { expect, it } from 'vitest';
import { RolloutPlan } from '../plan.ts';
import { type OutlookDevice, outlookOf } from './outlook.ts';
import { period } from './test-samples.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const gates = [
  { metric: 'latency_p95', compare: 'vs_previous', limit: 1.2 },
  { metric: 'error_rate', compare: 'absolute', limit: 0.01 },
  { metric: 'accuracy', compare: 'vs_previous', limit: -0.02, onNoData: 'pass' },
];
const plan = RolloutPlan.parse({ waves: [{ name: 'One', size: { count: 1 }, bake: { seconds: 60, gates } }] });

/** A device with so many windows of what it serves; none measured nothing at all. */
function device(windows: number, more: Partial<OutlookDevice> = {}): OutlookDevice {
  const before = windows === 0 ? null : period({ n: 100, windows, series: { latency_p95: Array(windows).fill(1) } });
  return { hardwareClass: 'all', isNew: false, isReachable: true, before, ...more };
}
const ahead = (devices: OutlookDevice[], later: OutlookDevice[] = [], of = plan) =>
  outlookOf(of, { wave: 0, devices, later, windowS: 15, now: NOW });
const others = [device(9), device(9), device(9)];

it('says how much there is, how much is enough, and when', () => {
  expect(ahead([device(2)])).toEqual([
    {
      ...{ metric: 'latency_p95', compare: 'vs_previous', wave: 0, basis: 'few', counted: 'windows' },
      ...{ have: 2, enough: 5, devices: 1, ready: 0, enoughAt: new Date('2026-03-01T12:00:45Z') },
    },
  ]);
  expect(ahead([device(5)])).toMatchObject([{ basis: 'before', ready: 1, enoughAt: null }]);
});

it('falls to the others where nothing was measured, if enough of the same hardware stay and can be reached', () => {
  const basisOf = (later: OutlookDevice[]) => ahead([device(0)], later)[0]?.basis;
  expect(basisOf(others)).toBe('others');
  expect(basisOf(others.slice(1))).toBe('nothing');
  for (const more of [{ hardwareClass: 'other' }, { isReachable: false }, { isNew: true }])
    expect(basisOf(others.map((each) => ({ ...each, ...more })))).toBe('nothing');
});

it('expects nothing of a metric that these devices do not measure, or of devices that are away', () => {
  const unmeasured = device(0, { before: period({ n: 100, windows: 9 }) });
  expect(ahead([unmeasured])).toMatchObject([{ basis: 'nothing', enoughAt: null }]);
  expect(ahead([device(0, { isReachable: false })])).toMatchObject([{ enoughAt: null }]);
  expect(ahead([device(0)])).toMatchObject([{ enoughAt: new Date('2026-03-01T12:01:15Z') }]);
});

it('is none of a first release, for which there is no before', () => {
  expect(ahead([device(0, { isNew: true })])).toEqual([]);
});

it('counts labels for accuracy, and keeps silent where the plan lets their lack pass', () => {
  const labelled = (n: number) => device(9, { before: period({ n: 100, windows: 9, labelled: n }) });
  expect(ahead([labelled(0)]).map(({ metric }) => metric)).toEqual(['latency_p95']);
  expect(ahead([labelled(4)])[1]).toMatchObject({
    metric: 'accuracy',
    counted: 'labels',
    have: 4,
    enough: 10,
    basis: 'nothing',
  });
});

it('asks as many devices as the gate does', () => {
  const strict = RolloutPlan.parse({
    waves: [{ name: 'Two', size: { count: 2 }, bake: { seconds: 60, gates: [{ ...gates[0], minDevices: 2 }] } }],
  });
  expect(ahead([device(9), device(0)], others, strict)).toMatchObject([{ basis: 'others', ready: 1, devices: 2 }]);
  expect(ahead([device(9), device(1)], others, strict)).toMatchObject([{ basis: 'few' }]);
});
