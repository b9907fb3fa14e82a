import type { Release, ReleaseInput } from '@flotilla/protocol';
import type * as z from 'zod';
import { defaultGates } from '@/server/domain/rollout/gates/default-gates.ts';
import type { Gate } from '@/server/domain/rollout/gates/gate.ts';
import { defaultWaves, RolloutPlan } from '@/server/domain/rollout/plan.ts';
import type { CreateRelease } from '@/server/services/releases/create-release.ts';
import { usual } from '../../models/release-words.ts';

/** A number as a field has it: null while it is empty. */
export type Field = number | null;

/** One wave as it is edited; shares are in percent, the bake in minutes. */
export type WaveDraft = {
  id: number;
  name: string;
  unit: 'count' | 'percent';
  amount: Field;
  minSuccess: Field;
  maxErrors: Field;
  bakeMinutes: Field;
  /** Gates; empty for none. */
  maxErrorRate: Field;
  minAccuracy: Field;
};

/** What every wave is held against: the same devices before they moved. Ratios, but points of accuracy; empty for no gate. */
export type ComparedDraft = { p95: Field; errors: Field; energy: Field; accuracyLoss: Field };

/** What becomes the release. */
export type ReleaseDraft = {
  source: ReleaseInput['source'];
  ratePerS: Field;
  speedRpm: Field;
  noise: Field;
  drift: Field;
  path: string;
  threads: Field;
  tolerance: Field;
  maxLatencyP95Ms: Field;
  /** Percent. */
  minAccuracy: Field;
  /** What the release in service says beyond these fields, carried over. */
  base: Pick<Release, 'runtime' | 'settings' | 'proof' | 'observe'> | null;
};

/** What becomes the plan. */
export type PlanDraft = {
  selector: string;
  waves: WaveDraft[];
  onErrors: RolloutPlan['onErrors'];
  timeoutMinutes: Field;
  compared: ComparedDraft;
};

/** The limit of a default gate. */
function defaultLimit(metric: Gate['metric'], compare: Gate['compare']): Field {
  return defaultGates.find((gate) => gate.metric === metric && gate.compare === compare)?.limit ?? null;
}

const DEFAULT_GATES = { maxErrorRate: toPercent(defaultLimit('error_rate', 'absolute') ?? 0), minAccuracy: null };

const defaults = RolloutPlan.parse({ waves: defaultWaves });

/** The plan that is right for most: one device, a tenth, half, all; each bakes and is judged before the next. */
export const defaultPlan: PlanDraft = {
  selector: defaults.selector,
  onErrors: defaults.onErrors,
  timeoutMinutes: defaults.timeoutS / 60,
  compared: {
    p95: defaultLimit('latency_p95', 'vs_previous'),
    errors: defaultLimit('error_rate', 'vs_previous'),
    energy: defaultLimit('energy_mj', 'vs_previous'),
    accuracyLoss: toPercent(-(defaultLimit('accuracy', 'vs_previous') ?? 0)),
  },
  waves: defaults.waves.map(({ name, size, success, errors, bake }, id) => ({
    id,
    name,
    unit: 'count' in size ? 'count' : 'percent',
    amount: 'count' in size ? size.count : 'percent' in size ? size.percent : null,
    minSuccess: success.minPercent,
    maxErrors: errors.maxPercent,
    bakeMinutes: bake.seconds / 60,
    ...DEFAULT_GATES,
  })),
};

/** A release for a model that serves nowhere yet: it waits for requests. */
export const defaultRelease: ReleaseDraft = {
  source: 'http',
  ratePerS: usual.ratePerS,
  speedRpm: usual.speedRpm,
  noise: usual.noise,
  drift: usual.drift,
  path: '/var/lib/inputs',
  threads: 1,
  tolerance: 0.001,
  maxLatencyP95Ms: null,
  minAccuracy: null,
  base: null,
};

/** The same input, settings and limits as a release that serves now. */
export function releaseDraftOf({ input, settings, proof, runtime, observe }: Release): ReleaseDraft {
  return {
    ...defaultRelease,
    source: input.source,
    ...(input.source === 'synthetic' && {
      ratePerS: input.ratePerS,
      speedRpm: input.speedRpm,
      noise: input.noise,
      drift: input.drift,
    }),
    ...(input.source === 'folder' && { ratePerS: input.ratePerS, path: input.path }),
    threads: settings.threads,
    tolerance: proof.tolerance,
    maxLatencyP95Ms: proof.maxLatencyP95Ms ?? null,
    minAccuracy: proof.minAccuracy === undefined ? null : toPercent(proof.minAccuracy),
    base: { runtime, settings, proof, observe },
  };
}

/** Does the input carry labels, so that accuracy can be measured in the field? */
export function hasLabels({ source }: ReleaseDraft): boolean {
  return source === 'synthetic';
}

/** What to ask the server for. The draft must be free of problems. */
export function toRelease(
  draft: ReleaseDraft,
  { model, version }: { model: string; version: string },
): z.input<typeof CreateRelease> {
  const { base, threads, tolerance, maxLatencyP95Ms, minAccuracy } = draft;
  const { maxLatencyP95Ms: _p95, minAccuracy: _accuracy, ...otherLimits } = base?.proof ?? {};
  return {
    model,
    version,
    ...(base && { runtime: base.runtime, observe: base.observe }),
    settings: { ...base?.settings, threads: threads ?? 1 },
    input: toInput(draft),
    proof: {
      ...otherLimits,
      tolerance: tolerance ?? 0,
      ...(maxLatencyP95Ms !== null && { maxLatencyP95Ms }),
      ...(minAccuracy !== null && { minAccuracy: toShare(minAccuracy) }),
    },
  };
}

/** The input part of a release. */
export function toInput({ source, ratePerS, speedRpm, noise, drift, path }: ReleaseDraft): ReleaseInput {
  const rate = ratePerS ?? 1;
  if (source === 'http') return { source };
  if (source === 'folder') return { source, path: path.trim(), ratePerS: rate };
  return {
    source,
    generator: 'vibration',
    ratePerS: rate,
    speedRpm: speedRpm ?? 0,
    noise: noise ?? 0,
    drift: drift ?? 0,
  };
}

/** The plan as the server takes it. Without labels in the input there is no accuracy to judge, so that gate is left out. */
export function toPlan(plan: PlanDraft, isLabelled: boolean): RolloutPlan {
  return RolloutPlan.parse({
    selector: plan.selector.trim(),
    onErrors: plan.onErrors,
    timeoutS: Math.round((plan.timeoutMinutes ?? 0) * 60),
    waves: plan.waves.map((wave) => ({
      name: wave.name.trim(),
      size: wave.unit === 'count' ? { count: wave.amount } : { percent: wave.amount },
      success: { minPercent: wave.minSuccess },
      errors: { maxPercent: wave.maxErrors },
      bake: { seconds: Math.round((wave.bakeMinutes ?? 0) * 60), gates: gatesOf(wave, plan.compared, isLabelled) },
    })),
  });
}

function gatesOf({ maxErrorRate, minAccuracy }: WaveDraft, compared: ComparedDraft, isLabelled: boolean) {
  const { p95, errors, energy, accuracyLoss } = compared;
  const before = { compare: 'vs_previous' as const };
  const optional = { ...before, onNoData: 'pass' as const };
  const lost = accuracyLoss === null ? null : -toShare(accuracyLoss);
  const maxErrors = maxErrorRate === null ? null : toShare(maxErrorRate);
  const least = minAccuracy === null ? null : toShare(minAccuracy);
  return [
    ...gateAt(p95, { metric: 'latency_p95' as const, ...before }),
    ...gateAt(errors, { metric: 'error_rate' as const, ...before }),
    ...gateAt(maxErrors, { metric: 'error_rate' as const }),
    ...(isLabelled ? gateAt(least, { metric: 'accuracy' as const }) : []),
    ...(isLabelled ? gateAt(lost, { metric: 'accuracy' as const, ...optional }) : []),
    ...gateAt(energy, { metric: 'energy_mj' as const, ...optional }),
  ];
}

/** The gate at this limit; none where the field is empty. */
function gateAt<T>(limit: Field, gate: T): (T & { limit: number })[] {
  return limit === null ? [] : [{ ...gate, limit }];
}

/** A further wave before the last one: half way between its neighbours. */
export function addWave(waves: readonly WaveDraft[]): WaveDraft[] {
  const last = waves.at(-1);
  const before = waves.at(-2);
  const id = Math.max(-1, ...waves.map((wave) => wave.id)) + 1;
  const from = before?.unit === 'percent' ? (before.amount ?? 0) : 0;
  const fresh: WaveDraft = {
    ...(last ?? { minSuccess: 90, maxErrors: 10, bakeMinutes: 10, ...DEFAULT_GATES }),
    id,
    name: `Wave ${waves.length}`,
    unit: 'percent',
    amount: Math.round((from + 100) / 2),
  };
  return last ? [...waves.slice(0, -1), fresh, last] : [fresh];
}

/** Percent to a share without the noise of binary fractions: 98.9 becomes 0.989. */
function toShare(percent: number): number {
  return Number((percent / 100).toPrecision(12));
}

function toPercent(share: number): number {
  return Number((share * 100).toPrecision(12));
}
