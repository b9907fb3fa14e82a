import { Release } from '@flotilla/protocol';
import { describe, expect, it } from 'vitest';
import { defaultGates } from '@/server/domain/rollout/gates/default-gates.ts';
import { RolloutPlan } from '@/server/domain/rollout/plan.ts';
import { NBSP } from '../../ui/format.ts';
import { addWave, defaultPlan, defaultRelease, releaseDraftOf, toPlan, toRelease } from './draft.ts';
import { groupDryRun } from './dry-run-groups.ts';
import { hasProblems, problemsOf } from './problems.ts';
import { inputSentence, planSentence, proofSentence } from './sentences.ts';

const serving = Release.parse({
  id: '0199a000-0000-7000-8000-000000000000',
  model: { name: 'm', version: '1', sha256: 'a'.repeat(64) },
  files: [{ path: 'm.onnx', sha256: 'a'.repeat(64), sizeBytes: 1, role: 'model' }],
  runtime: { kind: 'process' },
  settings: { threads: 2, spinning: true },
  input: { source: 'synthetic', generator: 'vibration', speedRpm: 900 },
  proof: { maxRssMb: 300, minAccuracy: 0.9 },
  observe: { seconds: 30 },
});
const names = { model: 'm', version: '2' };
const plain = (text: string) => text.replaceAll(NBSP, ' ');

describe('a rollout draft', () => {
  it('is a plan the server takes, without a change by the person', () => {
    expect(hasProblems(problemsOf(defaultRelease, defaultPlan))).toBe(false);
    const plan = toPlan(defaultPlan, false);
    expect(plan).toEqual(RolloutPlan.parse(plan));
    expect(plan.waves.map(({ size }) => size)).toEqual([
      { count: 1 },
      { percent: 10 },
      { percent: 50 },
      { percent: 100 },
    ]);
    expect(plain(planSentence(defaultPlan))).toBe(
      '4 waves: 1 device, 10 %, 50 %, all. Each bakes 10 min. Pauses when more than 10 % fail.',
    );
  });

  it('holds every wave against what is right for most, and leaves out what was emptied', () => {
    expect(toPlan(defaultPlan, true).waves[0]?.bake.gates).toEqual(defaultGates);
    const compared = { p95: null, errors: null, energy: 1.5, accuracyLoss: null };
    const gates = toPlan({ ...defaultPlan, compared }, true).waves[0]?.bake.gates;
    expect(gates?.map(({ metric, limit }) => [metric, limit])).toEqual([
      ['error_rate', 0.01],
      ['energy_mj', 1.5],
    ]);
  });

  it('judges accuracy only where the input has labels', () => {
    const metrics = (isLabelled: boolean) =>
      toPlan(defaultPlan, isLabelled).waves[0]?.bake.gates.map(({ metric }) => metric);
    const always = ['latency_p95', 'error_rate', 'error_rate', 'energy_mj'];
    expect(metrics(true)).toEqual([...always.slice(0, 3), 'accuracy', 'energy_mj']);
    expect(metrics(false)).toEqual(always);
  });

  it('carries over what the release in service says, also what no field shows', () => {
    const release = toRelease(releaseDraftOf(serving), names);
    expect(release).toMatchObject({ ...names, observe: serving.observe, input: serving.input, proof: serving.proof });
    expect(release.settings).toEqual(serving.settings);
  });

  it('drops a limit that was emptied', () => {
    const { proof } = toRelease({ ...releaseDraftOf(serving), minAccuracy: null }, names);
    expect(proof).not.toHaveProperty('minAccuracy');
    expect(proof).toHaveProperty('maxRssMb', 300);
  });

  it('names each field that cannot be sent', () => {
    const waves = defaultPlan.waves.map((wave, i) => (i === 1 ? { ...wave, amount: 0, name: ' ' } : wave));
    const problems = problemsOf(
      { ...defaultRelease, source: 'folder', path: '', threads: 1.5 },
      { ...defaultPlan, waves, selector: 'site = ' },
    );
    expect(problems.selector).toMatch(/is not a label requirement/);
    expect(Object.keys(problems.release)).toEqual(['path', 'threads']);
    expect(problems.waves.map((wave) => Object.keys(wave))).toEqual([[], ['name', 'amount'], [], []]);
  });

  it('adds a wave before the last, half way to it', () => {
    const waves = addWave(defaultPlan.waves);
    expect(waves.map(({ amount }) => amount)).toEqual([1, 10, 50, 75, 100]);
    expect(new Set(waves.map(({ id }) => id)).size).toBe(5);
    expect(hasProblems(problemsOf(defaultRelease, { ...defaultPlan, waves }))).toBe(false);
  });

  it('says input and proof in one sentence each', () => {
    expect(plain(inputSentence(releaseDraftOf(serving)))).toBe(
      'Synthetic vibration, 20 a second at 900 rpm; 2 threads.',
    );
    expect(plain(proofSentence(releaseDraftOf(serving)))).toBe(
      'Each device checks before it serves: golden outputs within 0.001, accuracy at least 90.0 %.',
    );
  });
});

describe('a dry run', () => {
  it('groups devices by what happens to them, and counts bytes of movers only', () => {
    const device = {
      deviceId: 'd',
      name: 'd',
      connectivity: 'online' as const,
      lastHeardAt: null,
      downloadBytes: 0,
      blocked: null,
    };
    const reason = { code: 'release.opset' as const, detail: 'needs 21' };
    const groups = groupDryRun(
      [
        { ...device, verdict: { kind: 'will-update', wave: 1 }, downloadBytes: 5, connectivity: 'offline' },
        { ...device, verdict: { kind: 'will-update', wave: 0 }, downloadBytes: 5 },
        { ...device, verdict: { kind: 'already-there' } },
        { ...device, verdict: { kind: 'incompatible', reason } },
        { ...device, verdict: { kind: 'incompatible', reason } },
      ],
      3,
    );
    expect(groups.waves.map((wave) => wave.length)).toEqual([1, 1, 0]);
    expect(groups).toMatchObject({ moving: 2, dark: 1, totalBytes: 10, deviceBytes: 5 });
    expect(groups.alreadyThere).toHaveLength(1);
    expect(groups.incompatible.map(({ detail, devices }) => [detail, devices.length])).toEqual([['needs 21', 2]]);
  });
});
