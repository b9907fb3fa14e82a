import { Release } from '@flotilla/protocol';
import { describe, expect, it } from 'vitest';
import { defaultGates } from '@/server/domain/rollout/gates/default-gates.ts';
import { RolloutPlan } from '@/server/domain/rollout/plan.ts';
import { NBSP } from '../../ui/format.ts';
import { freshGate, gateDraftOf, toGate } from './gate-draft.ts';
import { defaultPlan, type PlanDraft, planDraftOf, toPlan } from './plan-draft.ts';
import { hasProblems, problemsOf } from './problems.ts';
import { defaultRelease, releaseDraftOf, toRelease } from './release-draft.ts';
import {
  absenceSentence,
  gatesSentence,
  inputSentence,
  paceSentence,
  proofSentence,
  timesSentence,
  wavesSentence,
} from './sentences.ts';
import { addWave } from './wave-draft.ts';

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

/** Every field that a plan has, none at its default. */
const full = RolloutPlan.parse({
  selector: 'site=oslo',
  slot: 'camera',
  target: 'continuous',
  onErrors: 'roll-back',
  fourEyes: true,
  waves: [
    {
      name: 'Canary',
      size: { selector: 'stage=canary' },
      approval: true,
      success: { minPercent: 80, minSample: 3 },
      errors: { maxPercent: 5, maxCount: 2, minSample: 4 },
      bake: {
        seconds: 900,
        minSeconds: 300,
        maxSeconds: 1800,
        gates: [
          { metric: 'temperature', compare: 'vs_control', limit: 4, minDevices: 2, minInferences: 50 },
          { metric: 'accuracy', limit: 0.985, op: '<=', onBreach: 'pause', onNoData: 'pause' },
        ],
      },
    },
    { name: 'All', size: { percent: 100 }, bake: { seconds: 0 } },
  ],
  rate: { maxPerMinute: 30, exponential: { basePerMinute: 2, factor: 1.5, every: 20 } },
  concurrency: 7,
  budget: { groupBy: ['site', 'line'], maxUnavailable: 2, minAvailable: 1 },
  offline: { waitS: 90, andThen: 'keep-waiting', notifyDark: true },
  timeoutS: 1200,
  stepTimeoutS: 240,
  retries: { count: 2, backoffS: 120 },
  windows: {
    download: { cron: '0 2 * * *', timeZone: 'Europe/Oslo', minutes: 90 },
    activate: { cron: '0 4 * * 1-5', timeZone: 'UTC', minutes: 30 },
  },
  maxBytesPerS: 250_000,
  startsAt: '2126-11-21T08:00:00.000Z',
  mustEndBy: { at: '2126-11-22T08:00:00.000Z', andThen: 'pause' },
});

describe('a rollout draft', () => {
  it('is a plan the server takes, without a change by the person', () => {
    expect(hasProblems(problemsOf(defaultRelease, defaultPlan))).toBe(false);
    const plan = toPlan(defaultPlan);
    expect(plan.waves.map(({ size }) => size)).toEqual([
      { count: 1 },
      { percent: 10 },
      { percent: 50 },
      { percent: 100 },
    ]);
    for (const { bake } of plan.waves) expect(bake).toEqual({ seconds: 600, gates: defaultGates });
  });

  it('loses nothing of a template, whatever it says', () => {
    expect(toPlan(planDraftOf(full))).toEqual(full);
    expect(hasProblems(problemsOf(defaultRelease, planDraftOf(full)))).toBe(false);
    expect(planDraftOf(full).areGatesShared).toBe(false);
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

  it('adds a wave before the last, half way to it', () => {
    const waves = addWave(defaultPlan.waves);
    expect(waves.map(({ amount }) => amount)).toEqual([1, 10, 50, 75, 100]);
    expect(new Set(waves.map(({ id }) => id)).size).toBe(5);
    expect(hasProblems(problemsOf(defaultRelease, { ...defaultPlan, waves }))).toBe(false);
  });
});

describe('a gate’s field', () => {
  it('shows a share as percent and a ratio as it is, and gives both back', () => {
    for (const gate of defaultGates) {
      const draft = gateDraftOf(gate, 0);
      expect(toPlan({ ...defaultPlan, waves: withGates([draft]) }).waves[0]?.bake.gates).toEqual([gate]);
    }
    expect(defaultGates.map((gate) => gateDraftOf(gate, 0).limit)).toEqual([1.2, 1, 1, -2, 1.2]);
  });

  it('begins with a limit that the server takes, for every metric and comparison', () => {
    for (const metric of ['latency_p50', 'error_rate', 'accuracy', 'energy_mj', 'rss_mb', 'temperature'] as const) {
      for (const compare of ['absolute', 'vs_previous', 'vs_control'] as const) {
        const waves = withGates([freshGate(0, { metric, compare })]);
        expect(hasProblems(problemsOf(defaultRelease, { ...defaultPlan, waves }))).toBe(false);
      }
    }
  });

  it('leaves the usual side to the server', () => {
    expect(toGate(freshGate(0, { metric: 'accuracy', compare: 'absolute' }))).not.toHaveProperty('op');
    expect(toGate({ ...freshGate(0, { metric: 'power_w', compare: 'absolute' }), op: '>=' })).toHaveProperty(
      'op',
      '>=',
    );
  });
});

function withGates(gates: PlanDraft['waves'][number]['gates']): PlanDraft['waves'] {
  return defaultPlan.waves.map((wave) => ({ ...wave, gates }));
}

describe('problems', () => {
  const wrong = (change: Partial<PlanDraft>) => problemsOf(defaultRelease, { ...defaultPlan, ...change });

  it('name each field that cannot be sent', () => {
    const waves = defaultPlan.waves.map((wave, i) => (i === 1 ? { ...wave, amount: 0, name: ' ' } : wave));
    const { release } = problemsOf({ ...defaultRelease, source: 'folder', path: '', threads: 1.5 }, defaultPlan);
    expect(Object.keys(release)).toEqual(['path', 'threads']);
    const problems = wrong({ waves, selector: 'site = ' });
    expect(problems.plan.selector).toMatch(/is not a label requirement/);
    expect(problems.waves.map((wave) => Object.keys(wave))).toEqual([[], ['name', 'amount'], [], []]);
  });

  it.each<[keyof PlanDraft, Partial<PlanDraft>]>([
    ['slot', { slot: 'Not A Slot' }],
    ['growth', { basePerMinute: 5 }],
    ['maxUnavailable', { budgetLabels: 'site' }],
    ['budgetLabels', { budgetLabels: 'a b c d', maxUnavailable: 1 }],
    ['retryCount', { retryCount: 11 }],
    ['download', { download: { cron: 'never', timeZone: 'UTC', minutes: 60 } }],
    ['activate', { activate: { cron: '0 2 * * *', timeZone: 'Mars/Olympus', minutes: 60 } }],
    ['endsAt', { endsAt: '2020-01-01T00:00' }],
    ['endsAt', { startsAt: '2126-01-02T00:00', endsAt: '2126-01-01T00:00' }],
  ])('%s of %j', (field, change) => {
    expect(Object.keys(wrong(change).plan)).toContain(field);
  });

  it('keeps the bounds of a bake on their sides', () => {
    const [first] = defaultPlan.waves;
    if (!first) throw new Error('no wave');
    expect(Object.keys(wrong({ waves: [{ ...first, minBakeMinutes: 11, maxBakeMinutes: 9 }] }).waves[0] ?? {})).toEqual(
      ['minBakeMinutes', 'maxBakeMinutes'],
    );
  });
});

describe('a fold says what is inside', () => {
  it('for the defaults', () => {
    expect(plain(wavesSentence(defaultPlan))).toBe(
      '4 waves: 1 device, 10 %, 50 %, all. Each bakes 10 min. Pauses when more than 10 % fail.',
    );
    expect(plain(gatesSentence(defaultPlan))).toBe(
      'Latency p95 at most 1.2 × before, errors at most 1 × before, errors at most 1 %, accuracy at least −2 pt against before, energy at most 1.2 × before. A proven breach rolls back.',
    );
    expect(paceSentence(defaultPlan)).toBe('As fast as devices answer.');
    expect(plain(absenceSentence(defaultPlan))).toBe(
      'A wave waits 5 min for devices out of reach, then goes on without them. A device has 1 h; no retry.',
    );
    expect(timesSentence(defaultPlan)).toBe('Starts at once; any hour.');
  });

  it('for a plan that waits for nobody', () => {
    const away = (offlineThen: 'skip' | 'fail' | 'keep-waiting') =>
      plain(absenceSentence({ ...defaultPlan, offlineWaitMinutes: 0, offlineThen })).split('. ')[0];
    expect([away('skip'), away('fail'), away('keep-waiting')]).toEqual([
      'A wave goes on without devices out of reach',
      'A wave counts devices out of reach as failed',
      'A wave goes on without devices out of reach and stays open until they are back',
    ]);
  });

  it('for a plan that says everything', () => {
    const draft = planDraftOf(full);
    expect(plain(wavesSentence(draft))).toBe(
      '2 waves: stage=canary, all. Bakes differ. Rolls back on too many failures. 1 wave waits for approval. A second person approves it.',
    );
    expect(plain(paceSentence(draft))).toBe(
      '2 a minute at first, × 1.5 with every 20 that succeeded; at most 30 a minute; at most 7 on their way; for each site and line at most 2 away, at least 1 there; each downloads with at most 250 kB/s.',
    );
    expect(plain(timesSentence(draft))).toContain('downloads at 0 2 * * * Europe/Oslo for 1 h 30 m');
  });

  it('for input and proof', () => {
    expect(plain(inputSentence(releaseDraftOf(serving)))).toBe(
      'Synthetic vibration, 20 a second at 900 rpm; 2 threads.',
    );
    expect(plain(proofSentence(releaseDraftOf(serving)))).toBe(
      'Each device checks before it serves: golden outputs within 0.001, accuracy at least 90.0 %.',
    );
  });
});
