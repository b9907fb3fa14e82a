import { parseSelector } from '@/server/domain/device/selector.ts';
import { isAppError } from '@/server/domain/errors.ts';
import type { ComparedDraft, Field, PlanDraft, ReleaseDraft, WaveDraft } from './draft.ts';

/** What keeps a draft from being planned, near the field it is about. Without entries it can be sent. */
export type Problems = {
  selector: string | null;
  release: Partial<Record<keyof ReleaseDraft, string>>;
  /** By the wave's place. */
  waves: Partial<Record<keyof WaveDraft, string>>[];
  timeout: string | null;
  compared: Partial<Record<keyof ComparedDraft, string>>;
};

/** A week, the longest a wave may bake. */
const MAX_BAKE_MINUTES = 10_080;

/** Thirty days, the longest a device may take. */
const MAX_TIMEOUT_MINUTES = 43_200;

/** Reads a draft as the server will; the words are for the person at the field. */
export function problemsOf(release: ReleaseDraft, plan: PlanDraft): Problems {
  return {
    selector: selectorProblem(plan.selector),
    release: releaseProblems(release),
    waves: plan.waves.map(waveProblems),
    timeout: between(plan.timeoutMinutes, 10 / 60, MAX_TIMEOUT_MINUTES),
    compared: comparedProblems(plan.compared),
  };
}

export function hasProblems({ selector, release, waves, timeout, compared }: Problems): boolean {
  return (
    selector !== null ||
    timeout !== null ||
    [release, compared, ...waves].some((fields) => Object.keys(fields).length > 0)
  );
}

/** Ratios from a tenth to ten: beyond, a gate says nothing. */
function comparedProblems({ p95, errors, energy, accuracyLoss }: ComparedDraft): Problems['compared'] {
  return present({
    p95: optional(p95, 0.1, 10),
    errors: optional(errors, 0.1, 10),
    energy: optional(energy, 0.1, 10),
    accuracyLoss: optional(accuracyLoss, 0, 100),
  });
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
    threads: whole(draft.threads, 1, 64),
    tolerance: between(draft.tolerance, 0, Number.MAX_VALUE),
    maxLatencyP95Ms: optional(draft.maxLatencyP95Ms, 0, Number.MAX_VALUE),
    minAccuracy: optional(draft.minAccuracy, 0, 100),
  });
}

function waveProblems(wave: WaveDraft): Partial<Record<keyof WaveDraft, string>> {
  return present({
    name: wave.name.trim() === '' ? 'A wave needs a name.' : null,
    amount: wave.unit === 'count' ? whole(wave.amount, 1, 1_000_000) : between(wave.amount, 0.01, 100),
    minSuccess: between(wave.minSuccess, 0, 100),
    maxErrors: between(wave.maxErrors, 0, 100),
    bakeMinutes: between(wave.bakeMinutes, 0, MAX_BAKE_MINUTES),
    maxErrorRate: optional(wave.maxErrorRate, 0, 100),
    minAccuracy: optional(wave.minAccuracy, 0, 100),
  });
}

function between(value: Field, min: number, max: number): string | null {
  if (value !== null && value >= min && value <= max) return null;
  return max === Number.MAX_VALUE ? `At least ${Number(min.toFixed(2))}.` : `From ${Number(min.toFixed(2))} to ${max}.`;
}

function whole(value: Field, min: number, max: number): string | null {
  return between(value, min, max) ?? (Number.isInteger(value) ? null : 'A whole number.');
}

function optional(value: Field, min: number, max: number): string | null {
  return value === null ? null : between(value, min, max);
}

function present<K extends string>(fields: Record<K, string | null>): Partial<Record<K, string>> {
  const wrong = Object.entries(fields).filter((entry): entry is [K, string] => entry[1] !== null);
  return Object.fromEntries(wrong) as Partial<Record<K, string>>;
}
