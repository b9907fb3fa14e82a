import { expect, it } from 'vitest';
import { AlertCondition } from './condition.ts';
import { defaultRules } from './defaults.ts';
import { alertTitle, conditionText, evidenceText } from './words.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');
const evidence = {
  value: 0.124,
  limit: 0.05,
  op: 'above' as const,
  samples: 3120,
  baseline: null,
  from: new Date(0),
  to: new Date(0),
  versionIds: [],
  detail: null,
  isNoData: false,
};

it('says of each default rule what it looks for', () => {
  expect(defaultRules.map(({ fields }) => plain(conditionText(fields.condition)))).toEqual([
    'Not heard for more than 10 min',
    'Error rate above 5 % over 5 min, each device, from 20 observations on',
    'Latency p95 above 2 times that of the day before over 15 min, each device, from 100 observations on',
    'Certificate ends within 14 days',
    'Disk free below 10 % over 5 min, each device',
    'Temperature above 85 °C over 5 min, each device',
    'Rollout was rolled back',
  ]);
});

it('says what was measured', () => {
  const errors = AlertCondition.parse({ kind: 'metric', metric: 'error_rate', op: 'above', limit: 0.05 });
  const doubled = AlertCondition.parse({
    kind: 'metric',
    metric: 'latency_p95_ms',
    op: 'above',
    compare: 'day-before',
    limit: 2,
  });
  expect(plain(evidenceText(errors, evidence))).toBe('Error rate 12.4 % in 3,120 observations, limit 5 %');
  expect(plain(evidenceText(doubled, { ...evidence, value: 2.5, limit: 2, baseline: 8 }))).toBe(
    'Latency p95 2.5 times the day before, 20 ms against 8 ms in 3,120 observations, limit 2 times',
  );
  expect(evidenceText(errors, { ...evidence, value: null, isNoData: true })).toBe('Nothing was measured');
});

it.each([
  [{ kinds: ['device'], names: ['press-07'], count: 1 }, 'Hot: press-07'],
  [{ kinds: ['device', 'device'], names: ['a', 'b'], count: 1200 }, 'Hot: 1,200 devices'],
  [{ kinds: ['device', 'version'], names: ['a', 'press 1.2.0'], count: 2 }, 'Hot: a and 1 more'],
  [{ kinds: ['fleet'], names: ['All devices'], count: 1 }, 'Hot'],
])('names who it is about', (subjects, wanted) => expect(alertTitle('Hot', subjects)).toBe(wanted));
