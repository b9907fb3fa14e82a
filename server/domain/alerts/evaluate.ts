import { type Threshold, thresholdOf } from './condition.ts';
import type { AlertRuleFields, NoDataMode } from './rule.ts';

export const subjectKinds = ['device', 'version', 'rollout', 'fleet'] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/** What one subject of a rule reads now. `value` null: nothing was measured. */
export type Reading = {
  subjectId: string;
  subjectKind: SubjectKind;
  name: string;
  /** Value of the rule's group label; empty without one. */
  group: string;
  value: number | null;
  /** Observations behind the value. */
  samples: number;
  /** Nobody could know: whatever it was, it stays. */
  isUnknowable?: boolean;
  /** What the value is held against where that is not the limit alone: the day before. */
  baseline?: number | null;
  /** The stretch of time that was looked at. */
  from: Date;
  to: Date;
  versionIds?: readonly string[];
  /** Said beside the numbers: a rollout's reason, the feature that drifts most. */
  detail?: string;
};

/** Why a subject fired: kept with the alert for good. */
export type Evidence = {
  value: number | null;
  limit: number;
  op: 'above' | 'below';
  samples: number;
  baseline: number | null;
  from: Date;
  to: Date;
  versionIds: string[];
  detail: string | null;
  /** The rule says that silence is bad, and there was nothing to read. */
  isNoData: boolean;
};

/**
 * Where a subject stands that is not simply good. `pending` has been bad since `since`, not yet long enough; `firing` is a member of an
 * alert; `dismissed` was resolved by a person while it was bad, and says nothing until it has been good once.
 */
export type MemberState = {
  subjectId: string;
  phase: 'pending' | 'firing' | 'dismissed';
  since: Date;
  /** Good again since then, but not yet long enough. */
  clearSince: Date | null;
};

export type Fired = { reading: Reading; evidence: Evidence };

export type Evaluation = {
  /** Every subject that is not simply good, after this look. */
  states: MemberState[];
  fired: Fired[];
  /** Subjects that were firing and are good again, or are no longer looked at. */
  cleared: { subjectId: string; why: 'good' | 'gone' }[];
  isChanged: boolean;
};

type Sign = 'bad' | 'between' | 'good' | 'unchanged';
type Timing = Pick<AlertRuleFields, 'pendingS' | 'clearS'>;

/**
 * One look at a rule. Level-triggered: it decides from what is, so that a look that is repeated, late or missed changes nothing but the
 * time. A subject that has no reading any more is no longer meant by the rule.
 */
export function evaluateRule(
  rule: Pick<AlertRuleFields, 'condition' | 'pendingS' | 'clearS' | 'noData'>,
  before: readonly MemberState[],
  readings: readonly Reading[],
  now: Date,
): Evaluation {
  const threshold = thresholdOf(rule.condition);
  const minSamples = rule.condition.kind === 'metric' ? rule.condition.minSamples : 0;
  const known = new Map(before.map((state) => [state.subjectId, state]));
  const result: Evaluation = { states: [], fired: [], cleared: [], isChanged: false };
  for (const reading of readings) {
    const state = known.get(reading.subjectId) ?? null;
    known.delete(reading.subjectId);
    const next = nextState(state, reading.subjectId, signOf(reading, threshold, minSamples, rule.noData), rule, now);
    if (next) result.states.push(next);
    if (next !== state) result.isChanged = true;
    if (next?.phase === 'firing' && state?.phase !== 'firing')
      result.fired.push({ reading, evidence: evidenceOf(reading, threshold, minSamples) });
    if (!next && state?.phase === 'firing') result.cleared.push({ subjectId: state.subjectId, why: 'good' });
  }
  for (const { subjectId, phase } of known.values()) {
    result.isChanged = true;
    if (phase === 'firing') result.cleared.push({ subjectId, why: 'gone' });
  }
  return result;
}

function hasData({ value, samples }: Reading, minSamples: number): boolean {
  return value !== null && samples >= minSamples;
}

function signOf(reading: Reading, threshold: Threshold, minSamples: number, noData: NoDataMode): Sign {
  const { value } = reading;
  if (reading.isUnknowable) return 'unchanged';
  if (value === null || !hasData(reading, minSamples)) {
    if (noData === 'keep') return 'unchanged';
    return noData === 'alert' ? 'bad' : 'good';
  }
  const { op, limit, clearAt } = threshold;
  if (op === 'above' ? value > limit : value < limit) return 'bad';
  return (op === 'above' ? value <= clearAt : value >= clearAt) ? 'good' : 'between';
}

/** Null is good. Gives the very same object back when nothing changed. */
function nextState(
  state: MemberState | null,
  subjectId: string,
  sign: Sign,
  { pendingS, clearS }: Timing,
  now: Date,
): MemberState | null {
  if (sign === 'unchanged') return state;
  const isOver = (since: Date, lengthS: number) => now.getTime() - since.getTime() >= lengthS * 1000;
  if (!state) {
    if (sign !== 'bad') return null;
    return { subjectId, phase: pendingS === 0 ? 'firing' : 'pending', since: now, clearSince: null };
  }
  if (state.phase === 'pending') {
    if (sign !== 'bad') return null; // Between the limits is not bad enough to begin.
    return isOver(state.since, pendingS) ? { ...state, phase: 'firing', since: now } : state;
  }
  if (sign !== 'good') return state.clearSince === null ? state : { ...state, clearSince: null };
  const clearSince = state.clearSince ?? now;
  if (isOver(clearSince, clearS)) return null;
  return state.clearSince === null ? { ...state, clearSince } : state;
}

function evidenceOf(reading: Reading, { limit, op }: Threshold, minSamples: number): Evidence {
  const { value, samples, baseline = null, from, to, versionIds = [], detail = null } = reading;
  const isNoData = !hasData(reading, minSamples);
  return { value, limit, op, samples, baseline, from, to, versionIds: [...versionIds], detail, isNoData };
}
