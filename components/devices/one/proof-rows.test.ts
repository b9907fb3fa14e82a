import { expect, it } from 'vitest';
import { rangeSentence } from './chart-series.ts';
import { proofRows } from './proof-rows.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');
const limits = { tolerance: 0.001, runs: 100, maxLatencyP95Ms: 10, maxRssMb: 150, minAccuracy: 0.9 };

it('shows what was measured beside what was allowed, and which one broke', () => {
  const rows = proofRows(
    {
      candidate: { runs: 100, latencyP95Ms: 11.94, rssBytes: 104_857_600, goldenMaxDifference: 0, accuracy: 0.85 },
      running: { runs: 100, latencyP95Ms: 9.4 },
      powerSource: 'estimate',
    },
    limits,
  );
  expect(
    rows.map((row) => [row.name, plain(row.candidate), plain(row.running), plain(row.limit), row.isBroken]),
  ).toEqual([
    ['Latency p95', '11.94 ms', '9.40 ms', '≤ 10.00 ms', true],
    ['Memory', '100.0 MiB', 'no data', '≤ 150.0 MiB', false],
    ['Golden outputs, largest difference', '0', 'no data', '≤ 0.0010', false],
    ['Accuracy', '0.8500', 'no data', '≥ 0.9000', true],
  ]);
});

it('breaks no limit that is not known', () => {
  const [row] = proofRows({ candidate: { runs: 1, energyMj: 20 }, powerSource: 'estimate' }, null);
  expect(row).toMatchObject({ name: 'Energy per inference, an estimate', limit: 'none', isBroken: false });
});

it('puts a metric into a sentence, and never calls an absent one zero', () => {
  const points = [
    { t: 0, value: 7 },
    { t: 1, value: null },
    { t: 2, value: 9.42 },
  ];
  expect(plain(rangeSentence('Latency p95', points, 'ms'))).toBe(
    'Latency p95 lay between 7.00 ms and 9.42 ms, last 9.42 ms.',
  );
  expect(rangeSentence('Power', [], 'W')).toBe('Power was not measured in this time.');
});
