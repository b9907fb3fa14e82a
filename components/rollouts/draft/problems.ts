import { SlotName } from '@flotilla/protocol';
import { LabelKey } from '@/server/domain/device/labels.ts';
import { parseSelector } from '@/server/domain/device/selector.ts';
import { isAppError } from '@/server/domain/errors.ts';
import { RolloutPlan } from '@/server/domain/rollout/plan.ts';
import { Window } from '@/server/domain/rollout/windows.ts';
import { type GateDraft, limitRange } from './gate-draft.ts';
import { between, optional, optionalWhole, present, whole } from './number-problems.ts';
import { labelsOf, type PlanDraft, toPlanInput, type WindowDraft } from './plan-draft.ts';
import type { ReleaseDraft } from './release-draft.ts';
import type { WaveDraft } from './wave-draft.ts';

type Wrong<T> = Partial<Record<keyof T, string>>;

/** What keeps a draft from being planned, near the field it is about. Without entries it can be sent. */
export type Problems = {
  release: Wrong<ReleaseDraft>;
  plan: Wrong<PlanDraft>;
  /** By the wave's place. */
  waves: Wrong<WaveDraft>[];
  /** By the wave's place, then the gate's. */
  gates: Wrong<GateDraft>[][];
  /** What no field is to blame for. */
  other: string | null;
};

/** Minutes. A week, the longest a wave may bake; thirty days, the longest of other times. */
const MAX_BAKE = 10_080;
const MAX_TIME = 43_200;

/** Reads a draft as the server will; the words are for the person at the field. */
export function problemsOf(release: ReleaseDraft, plan: PlanDraft): Problems {
  const own = {
    release: releaseProblems(release),
    plan: planProblems(plan),
    waves: plan.waves.map(waveProblems),
    gates: plan.waves.map(({ gates }) => gates.map(gateProblems)),
    other: null,
  };
  return hasProblems(own) ? own : { ...own, other: otherProblem(plan) };
}

export function hasProblems({ release, plan, waves, gates, other }: Problems): boolean {
  return other !== null || [release, plan, ...waves, ...gates.flat()].some((fields) => Object.keys(fields).length > 0);
}

/** What the server itself would say of a draft whose fields are each right. */
function otherProblem(plan: PlanDraft): string | null {
  const { error } = RolloutPlan.safeParse(toPlanInput(plan));
  const [first] = error?.issues ?? [];
  return first ? `${first.path.join(' ')}: ${first.message}` : null;
}

function planProblems(plan: PlanDraft): Problems['plan'] {
  const hasBudget = plan.budgetLabels.trim() !== '';
  const grows = plan.basePerMinute !== null;
  const labels = labelsOf(plan.budgetLabels);
  return present<keyof PlanDraft>({
    selector: selectorProblem(plan.selector),
    slot: SlotName.safeParse(plan.slot.trim()).success ? null : 'A slot name, such as default or camera-2.',
    timeoutMinutes: between(plan.timeoutMinutes, 10 / 60, MAX_TIME),
    stepTimeoutMinutes: optional(plan.stepTimeoutMinutes, 10 / 60, MAX_TIME),
    retryCount: whole(plan.retryCount, 0, 10),
    retryMinutes: between(plan.retryMinutes, 1, 1_440),
    offlineWaitMinutes: between(plan.offlineWaitMinutes, 0, MAX_TIME),
    maxPerMinute: optionalWhole(plan.maxPerMinute, 1, 100_000),
    basePerMinute: optionalWhole(plan.basePerMinute, 1, 10_000),
    growth: grows ? between(plan.growth, 1.1, 5) : null,
    growsEvery: grows ? whole(plan.growsEvery, 1, 100_000) : null,
    concurrency: optionalWhole(plan.concurrency, 1, 100_000),
    maxKbPerS: optional(plan.maxKbPerS, 1, 1_000_000),
    budgetLabels:
      labels.length > 3
        ? 'At most three labels.'
        : labels.every((key) => LabelKey.safeParse(key).success)
          ? null
          : 'Label keys, such as site, line.',
    maxUnavailable:
      hasBudget && plan.maxUnavailable === null && plan.minAvailable === null
        ? 'Say this, or how many must be available.'
        : optionalWhole(plan.maxUnavailable, 1, 100_000),
    minAvailable: optionalWhole(plan.minAvailable, 0, 100_000),
    download: plan.download && windowProblem(plan.download),
    activate: plan.activate && windowProblem(plan.activate),
    startsAt: plan.startsAt === '' || new Date(plan.startsAt).getTime() > 0 ? null : 'Not a time.',
    endsAt: endProblem(plan),
  });
}

function endProblem({ startsAt, endsAt }: PlanDraft): string | null {
  if (endsAt === '') return null;
  const end = new Date(endsAt).getTime();
  if (!(end > Date.now())) return 'This is past.';
  return startsAt !== '' && end <= new Date(startsAt).getTime() ? 'It must end after it begins.' : null;
}

function windowProblem(window: WindowDraft): string | null {
  const { error } = Window.safeParse(window);
  const [first] = error?.issues ?? [];
  if (!first) return null;
  const [field] = first.path;
  if (field === 'minutes') return 'Open from 1 to 1,440 minutes.';
  if (field === 'timeZone') return 'Choose a time zone.';
  return 'Five fields that ever come together, such as 0 2 * * 1-5.';
}

function selectorProblem(text: string): string | null {
  try {
    parseSelector(text);
    return null;
  } catch (error) {
    return isAppError(error) ? error.userMessage : 'This is not a label selector.';
  }
}

function releaseProblems(draft: ReleaseDraft): Problems['release'] {
  const isSynthetic = draft.source === 'synthetic';
  return present({
    ratePerS: draft.source === 'http' ? null : between(draft.ratePerS, isSynthetic ? 0.1 : 0.01, 1000),
    speedRpm: isSynthetic ? between(draft.speedRpm, 600, 6000) : null,
    noise: isSynthetic ? between(draft.noise, 0, 5) : null,
    drift: isSynthetic ? between(draft.drift, 0, 1) : null,
    path: draft.source === 'folder' && draft.path.trim() === '' ? 'Say which folder on the device.' : null,
    threads: optionalWhole(draft.threads, 1, 64),
    tolerance: between(draft.tolerance, 0, Number.MAX_VALUE),
    maxLatencyP95Ms: optional(draft.maxLatencyP95Ms, 0, Number.MAX_VALUE),
    minAccuracy: optional(draft.minAccuracy, 0, 100),
  });
}

function waveProblems(wave: WaveDraft): Wrong<WaveDraft> {
  const bake = wave.bakeMinutes ?? 0;
  return present<keyof WaveDraft>({
    name: wave.name.trim() === '' ? 'A wave needs a name.' : null,
    amount: amountProblem(wave),
    selector: wave.unit === 'selector' ? waveSelectorProblem(wave.selector) : null,
    minSuccess: between(wave.minSuccess, 0, 100),
    successSample: whole(wave.successSample, 1, 1_000_000),
    maxErrors: between(wave.maxErrors, 0, 100),
    maxErrorCount: optionalWhole(wave.maxErrorCount, 0, 1_000_000),
    errorSample: whole(wave.errorSample, 1, 1_000_000),
    bakeMinutes: between(wave.bakeMinutes, 0, MAX_BAKE),
    minBakeMinutes: optional(wave.minBakeMinutes, 0, bake),
    maxBakeMinutes: optional(wave.maxBakeMinutes, bake, 10 * MAX_BAKE),
  });
}

function amountProblem({ unit, amount }: WaveDraft): string | null {
  if (unit === 'selector') return null;
  return unit === 'count' ? whole(amount, 1, 1_000_000) : between(amount, 0.01, 100);
}

function waveSelectorProblem(text: string): string | null {
  return text.trim() === '' ? 'Say which labels, such as stage=canary.' : selectorProblem(text);
}

function gateProblems(gate: GateDraft): Wrong<GateDraft> {
  const { min, max } = limitRange(gate);
  return present<keyof GateDraft>({
    limit: between(gate.limit, min, max),
    minDevices: whole(gate.minDevices, 1, 1_000_000),
    minInferences: whole(gate.minInferences, 1, 100_000_000),
  });
}
