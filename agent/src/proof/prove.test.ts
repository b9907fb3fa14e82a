import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { handOverSteps, type Release } from '@flotilla/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createService } from '../testing/service.ts';
import { until } from '../testing/wait.ts';
import { type ProofPower, prove } from './prove.ts';

const GIB = 2 ** 30;
const never = new AbortController().signal;
let dir: string;
let clock = 0;
let made: ReturnType<typeof createService>;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-proof-'));
  made = createService(dir);
});
afterEach(async () => {
  await made.service.stop();
  rmSync(dir, { recursive: true });
});

/** A tenth of a joule a benchmark. */
const power: ProofPower = { source: 'estimate', measure: async (run) => ({ result: await run(), joules: 0.1 }) };

function proving(release: Release, availableBytes = 8 * GIB, signal = never) {
  const { service, stagedDir } = made;
  return prove(
    { service, stagedDir, power, availableMemoryBytes: async () => availableBytes, now: () => ++clock },
    release,
    signal,
  );
}
const limits = (changes: Partial<Release['proof']>) => ({ proof: { tolerance: 0.001, runs: 20, ...changes } });

test('both versions are measured the same way, and the candidate waits beside the one in service', async () => {
  await made.service.keepServing(made.staged(1));
  const serving = made.service.current?.pid;
  const report = await proving(made.staged(2, limits({})));
  expect(report).toMatchObject({
    candidate: { runs: 20, energyMj: 5 },
    running: { runs: 20, energyMj: 5 },
    powerSource: 'estimate',
    handOver: { kind: 'beside' },
  });
  expect(report.candidate.goldenMaxDifference).toBeLessThan(0.001);
  expect(report.candidate.accuracy).toBeGreaterThan(report.running?.accuracy ?? 1);
  expect(made.service.current?.pid).toBe(serving);
});

test.each([
  ['p95', { maxLatencyP95Ms: 0.000_001 }, 'proof.latency_p95'],
  ['memory', { maxRssMb: 1 }, 'proof.rss'],
  ['energy', { maxEnergyMj: 4.9 }, 'proof.energy'],
  ['accuracy', { minAccuracy: 0.9999 }, 'proof.accuracy'],
  ['golden outputs', { tolerance: 0 }, 'proof.golden'],
])('a release over its limit of %s is refused with the numbers', async (_, over, code) => {
  const refused = proving(made.staged(3, limits(over)));
  await expect(refused).rejects.toMatchObject({ code, proof: { candidate: { runs: 20 } } });
});

test('golden inputs that the model does not take fail the proof', async () => {
  const release = made.staged(1);
  const tensor = { name: 'other', datatype: 'FP32', shape: [1], data: [1] };
  const foreign = JSON.stringify({ v: 1, cases: [{ inputs: [tensor], outputs: [tensor] }] });
  writeFileSync(join(made.stagedDir(release.id), 'golden.json'), foreign);
  await expect(proving(release)).rejects.toMatchObject({ code: 'proof.golden' });
});

test('without memory for two, the one in service pauses, and serves again when the proof fails', async () => {
  const first = made.staged(1);
  await made.service.keepServing(first);
  const before = made.service.current?.pid;
  await expect(proving(made.staged(2, limits({ maxRssMb: 1 })), 0)).rejects.toMatchObject({ code: 'proof.rss' });
  expect(made.service.current?.release.id).toBe(first.id);
  expect(made.service.current?.pid).not.toBe(before);
});

test('stop-start: the old one stops, then the candidate starts and is proved, then it serves; nobody else in between', async () => {
  const url = await made.endpoint.start(0);
  const versions = async () => {
    const response = await fetch(`${url}/v2/models/vibration-fault`);
    return response.status === 200 ? ((await response.json()) as { versions: string[] }).versions : response.status;
  };
  await made.service.keepServing(made.staged(1));
  expect(await versions()).toEqual(['1.0.0']);
  const release = made.staged(2, limits({}));
  const report = await proving(release, 0);
  expect(report.running?.runs).toBe(20);
  expect(report.handOver).toMatchObject({ kind: 'stop-start', availableBytes: 0, neededBytes: expect.any(Number) });
  expect(report.handOver?.steps?.map(({ step }) => step)).toEqual([...handOverSteps]);
  const times = report.handOver?.steps?.map(({ at }) => at) ?? [];
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(made.service.current).toBeNull();
  expect(await versions()).toBe(404);
  await made.service.switchTo(release);
  expect(await versions()).toEqual(['2.0.0']);
  made.endpoint.close();
});

test('a proof that is given up ends at once and leaves the one in service', async () => {
  await made.service.keepServing(made.staged(1));
  const aborted = new AbortController();
  const long = proving(made.staged(2, limits({ runs: 10_000 })), 8 * GIB, aborted.signal);
  long.catch(() => {});
  setImmediate(() => aborted.abort());
  await expect(long).rejects.toThrow();
  await until('the version in service', () => made.service.current?.release.model.version === '1.0.0');
});
