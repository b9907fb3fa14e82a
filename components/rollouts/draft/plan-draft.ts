import { defaultGates } from '@/server/domain/rollout/gates/default-gates.ts';
import { defaultWaves, RolloutPlan } from '@/server/domain/rollout/plan.ts';
import { type Field, toMinutes, toSeconds } from './field.ts';
import { toWave, type WaveDraft, waveDraftOf } from './wave-draft.ts';

/** A window that comes again, as it is edited. */
export type WindowDraft = { cron: string; timeZone: string; minutes: Field };

/** What becomes the plan, in the units of its fields: minutes, percent, kB/s, and times of the reader's own clock. */
export type PlanDraft = {
  selector: string;
  slot: string;
  target: RolloutPlan['target'];
  waves: WaveDraft[];
  /** Every wave has the gates of the first. */
  areGatesShared: boolean;
  onErrors: RolloutPlan['onErrors'];
  fourEyes: boolean;
  maxPerMinute: Field;
  basePerMinute: Field;
  growth: Field;
  growsEvery: Field;
  concurrency: Field;
  budgetLabels: string;
  maxUnavailable: Field;
  minAvailable: Field;
  maxKbPerS: Field;
  offlineWaitMinutes: Field;
  offlineThen: RolloutPlan['offline']['andThen'];
  notifyDark: boolean;
  timeoutMinutes: Field;
  stepTimeoutMinutes: Field;
  retryCount: Field;
  retryMinutes: Field;
  download: WindowDraft | null;
  activate: WindowDraft | null;
  /** As `datetime-local` has it; empty for none. */
  startsAt: string;
  endsAt: string;
  endThen: NonNullable<RolloutPlan['mustEndBy']>['andThen'];
};

/** A plan as it is edited: what a template says, or the defaults. */
export function planDraftOf(plan: RolloutPlan): PlanDraft {
  const { rate, budget, offline, retries, windows, mustEndBy } = plan;
  const waves = plan.waves.map(waveDraftOf);
  const [first] = plan.waves;
  const shared = JSON.stringify(first?.bake.gates);
  return {
    selector: plan.selector,
    slot: plan.slot,
    target: plan.target,
    waves,
    areGatesShared: plan.waves.every(({ bake }) => JSON.stringify(bake.gates) === shared),
    onErrors: plan.onErrors,
    fourEyes: plan.fourEyes,
    maxPerMinute: rate?.maxPerMinute ?? null,
    basePerMinute: rate?.exponential?.basePerMinute ?? null,
    growth: rate?.exponential?.factor ?? null,
    growsEvery: rate?.exponential?.every ?? null,
    concurrency: plan.concurrency,
    budgetLabels: budget?.groupBy.join(', ') ?? '',
    maxUnavailable: budget?.maxUnavailable ?? null,
    minAvailable: budget?.minAvailable ?? null,
    maxKbPerS: plan.maxBytesPerS === null ? null : plan.maxBytesPerS / 1000,
    offlineWaitMinutes: toMinutes(offline.waitS),
    offlineThen: offline.andThen,
    notifyDark: offline.notifyDark,
    timeoutMinutes: toMinutes(plan.timeoutS),
    stepTimeoutMinutes: plan.stepTimeoutS === null ? null : toMinutes(plan.stepTimeoutS),
    retryCount: retries.count,
    retryMinutes: toMinutes(retries.backoffS),
    download: windows.download,
    activate: windows.activate,
    startsAt: plan.startsAt === null ? '' : localTime(plan.startsAt),
    endsAt: mustEndBy === null ? '' : localTime(mustEndBy.at),
    endThen: mustEndBy?.andThen ?? 'abort',
  };
}

/** The plan that is right for most: one device, a tenth, half, all; each bakes and is judged before the next. */
export const defaultPlan: PlanDraft = planDraftOf(
  RolloutPlan.parse({ waves: defaultWaves.map((wave) => ({ ...wave, bake: { seconds: 600, gates: defaultGates } })) }),
);

/** What the server is asked to take. Without labels in the input there is no accuracy to judge, so those gates are left out. */
export function toPlanInput(draft: PlanDraft) {
  const { download, activate, startsAt, endsAt } = draft;
  return {
    selector: draft.selector.trim(),
    slot: draft.slot.trim(),
    target: draft.target,
    onErrors: draft.onErrors,
    fourEyes: draft.fourEyes,
    waves: draft.waves.map(toWave),
    rate: rateOf(draft),
    concurrency: draft.concurrency,
    budget: budgetOf(draft),
    maxBytesPerS: draft.maxKbPerS === null ? null : Math.round(draft.maxKbPerS * 1000),
    offline: {
      waitS: toSeconds(draft.offlineWaitMinutes),
      andThen: draft.offlineThen,
      notifyDark: draft.notifyDark,
    },
    timeoutS: toSeconds(draft.timeoutMinutes),
    stepTimeoutS: draft.stepTimeoutMinutes === null ? null : toSeconds(draft.stepTimeoutMinutes),
    retries: { count: draft.retryCount ?? 0, backoffS: toSeconds(draft.retryMinutes) },
    windows: { download, activate },
    startsAt: startsAt === '' ? null : new Date(startsAt).toISOString(),
    mustEndBy: endsAt === '' ? null : { at: new Date(endsAt).toISOString(), andThen: draft.endThen },
  };
}

/** The plan as the server takes it. The draft must be free of problems. */
export function toPlan(draft: PlanDraft): RolloutPlan {
  return RolloutPlan.parse(toPlanInput(draft));
}

function rateOf({ maxPerMinute, basePerMinute, growth, growsEvery }: PlanDraft) {
  if (maxPerMinute === null && basePerMinute === null) return null;
  return {
    maxPerMinute,
    exponential: basePerMinute === null ? null : { basePerMinute, factor: growth ?? 0, every: growsEvery ?? 0 },
  };
}

function budgetOf({ budgetLabels, maxUnavailable, minAvailable }: PlanDraft) {
  const groupBy = labelsOf(budgetLabels);
  return groupBy.length === 0 ? null : { groupBy, maxUnavailable, minAvailable };
}

/** "site, line" as its keys. */
export function labelsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((key) => key !== '');
}

/** A moment as `datetime-local` wants it: the reader's own clock, to the minute. */
function localTime(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
