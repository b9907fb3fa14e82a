import { expect, it } from 'vitest';
import { NBSP } from '../../ui/format.ts';
import { type Outlook, shortagesOf } from './outlook-words.ts';

const outlook = (more: Partial<Outlook>): Outlook => ({
  ...{ metric: 'latency_p95', compare: 'vs_previous', wave: 0, basis: 'few', counted: 'windows' },
  ...{ have: 2, enough: 5, devices: 1, ready: 0, enoughAt: null },
  ...more,
});
const lines = (...list: Outlook[]) =>
  shortagesOf(list).map(({ sentence, withoutIt }) => `${sentence} ${withoutIt}`.replaceAll(NBSP, ' '));

it('says gates with the same shortage together, and what happens without', () => {
  expect(lines(outlook({}), outlook({ metric: 'error_rate' }))).toEqual([
    'Latency p95 and errors: 2 windows of what the device serves now; 5 windows are enough. Until then latency p95 and errors have little to go by: only larger changes are found.',
  ]);
  expect(lines(outlook({ basis: 'others', have: 0, devices: 12 }))).toEqual([
    'Latency p95: no window of what 12 devices serve now; 5 windows are enough. Started now, latency p95 would be held against devices that have not moved yet, which finds only larger changes.',
  ]);
  expect(lines(outlook({ basis: 'nothing', have: 0 }))[0]).toMatch(
    /could not be judged, and the rollout would pause and ask a person\.$/,
  );
});

it('is silent where there is enough', () => {
  expect(lines(outlook({ basis: 'before', have: 9, ready: 1 }))).toEqual([]);
});
