import { AlertRuleFields } from './rule.ts';

type Default = { key: string; fields: AlertRuleFields };

const rule = (key: string, fields: object): Default => ({ key, fields: AlertRuleFields.parse(fields) });

/** The rules that every organization starts with. Their keys are stored; a rule that a person removed stays away until it is restored. */
export const defaultRules: readonly Default[] = [
  rule('device-offline', {
    name: 'Device offline',
    severity: 'attention',
    condition: { kind: 'offline', afterS: 600 },
    clearS: 60,
  }),
  rule('error-rate', {
    name: 'Error rate',
    severity: 'critical',
    condition: { kind: 'metric', metric: 'error_rate', op: 'above', limit: 0.05, clearAt: 0.02, minSamples: 20 },
    pendingS: 60,
    clearS: 300,
  }),
  rule('latency-doubled', {
    name: 'Latency doubled',
    severity: 'attention',
    condition: {
      kind: 'metric',
      metric: 'latency_p95_ms',
      op: 'above',
      compare: 'day-before',
      limit: 2,
      clearAt: 1.5,
      windowS: 900,
      minSamples: 100,
    },
    pendingS: 600,
    clearS: 600,
  }),
  rule('certificate-expiry', {
    name: 'Certificate expires',
    severity: 'attention',
    condition: { kind: 'certificate', withinDays: 14 },
  }),
  rule('disk-low', {
    name: 'Disk almost full',
    severity: 'attention',
    condition: { kind: 'metric', metric: 'disk_free_share', op: 'below', limit: 0.1, clearAt: 0.12 },
    pendingS: 300,
    clearS: 300,
    noData: 'keep',
  }),
  rule('temperature', {
    name: 'Board too hot',
    severity: 'attention',
    condition: { kind: 'metric', metric: 'temp_c', op: 'above', limit: 85, clearAt: 80 },
    pendingS: 120,
    clearS: 300,
  }),
  rule('rollout-rolled-back', {
    name: 'Rollout rolled back',
    severity: 'critical',
    condition: { kind: 'rollout', events: ['rolled-back'] },
  }),
];

export function defaultRule(key: string): AlertRuleFields | undefined {
  return defaultRules.find((each) => each.key === key)?.fields;
}
