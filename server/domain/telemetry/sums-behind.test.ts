import { addToSketch, emptySketch } from '@flotilla/protocol';
import { expect, it } from 'vitest';
import { metricOf, metrics, sampleOf } from './metrics.ts';
import { emptySums, meansOf, type RollupSums } from './rollup.ts';
import { sumsBehind } from './sums-behind.ts';

const latency = emptySketch();
for (const ms of [2, 3, 40]) addToSketch(latency, ms);
const sums: RollupSums = {
  windows: 4,
  inferences: 90,
  errors: 10,
  durationMs: 60_000,
  latency,
  energyJ: 45,
  energyInferences: 80,
  powerWMs: 180_000,
  powerMs: 60_000,
  powerSources: ['pmic'],
  cpuPctSum: 100,
  cpuPctN: 4,
  tempCSum: 200,
  tempCN: 4,
  runnerRssBytes: 7e7,
  labelledN: 50,
  labelledCorrect: 45,
  isThrottled: false,
};

it.each(metrics)('%s is the same from the sums that it names as from all', (metric) => {
  const named = Object.fromEntries(sumsBehind([metric]).map((name) => [name, sums[name]]));
  const some = { ...emptySums(), ...named };
  const all = metricOf(metric, { ...sums, ...meansOf(sums) });
  expect(all).not.toBeNull();
  expect(metricOf(metric, { ...some, ...meansOf(some) })).toBe(all);
  expect(sampleOf(metric, some)).toBe(sampleOf(metric, sums));
});
