import {
  type AlertCondition,
  type AlertMetric,
  AlertCondition as Condition,
} from '@/server/domain/alerts/condition.ts';
import { AlertRuleFields } from '@/server/domain/alerts/rule.ts';
import { metricWords } from '@/server/domain/alerts/words.ts';

export type RuleDraft = AlertRuleFields;
/** What the parts of the editor are given. */
export type FieldsProps = {
  draft: RuleDraft;
  onChange: (draft: RuleDraft) => void;
  problems: ReadonlyMap<string, string>;
};

export type ConditionKind = AlertCondition['kind'];

/** The kinds of rules that the editor offers, as a person says them. */
export const KINDS: { value: ConditionKind; label: string }[] = [
  { value: 'metric', label: 'A metric' },
  { value: 'offline', label: 'Devices offline' },
  { value: 'certificate', label: 'Certificates' },
  { value: 'rollout', label: 'Rollouts' },
  { value: 'drift', label: 'Drift' },
];

/** A first form for each kind. */
export function conditionOf(kind: ConditionKind): AlertCondition {
  switch (kind) {
    case 'metric':
      return Condition.parse({ kind, metric: 'error_rate', op: 'above', limit: 0.05, clearAt: 0.02, minSamples: 20 });
    case 'offline':
      return Condition.parse({ kind, afterS: 600 });
    case 'certificate':
      return Condition.parse({ kind, withinDays: 14 });
    case 'rollout':
      return Condition.parse({ kind, events: ['paused', 'rolled-back'] });
    case 'drift':
      return Condition.parse({ kind });
  }
}

export function newDraft(): RuleDraft {
  const fields = AlertRuleFields.parse({
    name: 'New rule',
    condition: conditionOf('metric'),
    pendingS: 60,
    clearS: 300,
  });
  return { ...fields, name: '' };
}

/** How people write a metric's number: shares as percent, bytes as megabytes. */
export function scaleOf(metric: AlertMetric): { factor: number; unit: string } {
  const { unit } = metricWords[metric];
  if (unit === 'ratio') return { factor: 100, unit: '%' };
  if (unit === 'bytes') return { factor: 1e-6, unit: 'MB' };
  return { factor: 1, unit };
}

/** A limit from what was typed, without the noise of binary fractions. */
export function fromTyped(value: number, factor: number): number {
  return Number((value / factor).toPrecision(12));
}

/** What is wrong with a draft, by field, in the server's words. */
export function problemsOf(draft: RuleDraft): Map<string, string> {
  const parsed = AlertRuleFields.safeParse(draft);
  return new Map((parsed.error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]));
}
