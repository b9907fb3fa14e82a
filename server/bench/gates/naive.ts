import type { GateSamples } from '../../domain/rollout/gates/samples.ts';
import { meanOfSeries } from '../../domain/rollout/gates/series.ts';
import { studentShareBelow } from '../../domain/rollout/gates/special.ts';

const ALPHA = 0.05;

/** The z that one in twenty exceeds. */
const Z = 1.6449;

/** What is usually done: at every look a test made for one look. Paired t over devices for latency and energy, z on pooled counts. */
export function isNaivelyBroken({ devices }: GateSamples): boolean {
  return (
    isMeanWorse(devices, 'latency_p95') ||
    isMeanWorse(devices, 'energy_mj') ||
    isShareWorse(devices, 'inferences') ||
    isShareWorse(devices, 'labels')
  );
}

function isMeanWorse(devices: GateSamples['devices'], metric: 'latency_p95' | 'energy_mj'): boolean {
  const differences = devices.flatMap(({ before, after }) => {
    const [a, b] = [after.series[metric], before?.series[metric]];
    return a && b && a.windows > 0 ? [meanOfSeries(a) - meanOfSeries(b)] : [];
  });
  const n = differences.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / n;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return 1 - studentShareBelow(mean / Math.sqrt(variance / n), n - 1) < ALPHA;
}

function isShareWorse(devices: GateSamples['devices'], what: 'inferences' | 'labels'): boolean {
  let [n, bad, nBefore, badBefore] = [0, 0, 0, 0];
  for (const { before, after } of devices) {
    n += after[what].n;
    bad += after[what].bad;
    nBefore += before?.[what].n ?? 0;
    badBefore += before?.[what].bad ?? 0;
  }
  const share = (bad + badBefore) / (n + nBefore);
  const error = Math.sqrt(share * (1 - share) * (1 / n + 1 / nBefore));
  return error > 0 && (bad / n - badBefore / nBefore) / error > Z;
}
