import { describe, expect, it } from 'vitest';
import { AlertCondition } from './condition.ts';
import { evaluateRule, type MemberState, type Reading } from './evaluate.ts';
import type { NoDataMode } from './rule.ts';

const START = new Date('2026-11-21T08:00:00Z');
const at = (s: number) => new Date(START.getTime() + s * 1000);
const errorRate = (more: object = {}) =>
  AlertCondition.parse({ kind: 'metric', metric: 'error_rate', op: 'above', limit: 0.05, clearAt: 0.02, ...more });
const rule = (more: object = {}) => ({
  condition: errorRate(),
  pendingS: 60,
  clearS: 120,
  noData: 'ok' as NoDataMode,
  ...more,
});
const reads = (value: number | null, subjectId = 'a', samples = 100): Reading => ({
  subjectId,
  subjectKind: 'device',
  name: subjectId,
  group: '',
  value,
  samples,
  from: at(-300),
  to: at(0),
});

/** What a subject is after a history of [seconds, value]; what fired and cleared on the way, with the time. */
function play(history: [number, number | null][], more: object = {}) {
  let states: MemberState[] = [];
  const turns: string[] = [];
  for (const [s, value] of history) {
    const look = evaluateRule(rule(more), states, [reads(value)], at(s));
    states = look.states;
    turns.push(...look.fired.map(() => `fired ${s}`), ...look.cleared.map(() => `cleared ${s}`));
  }
  return { phase: states[0]?.phase ?? 'good', isClearing: (states[0]?.clearSince ?? null) !== null, turns };
}

type Case = [string, [number, number | null][], object, Partial<ReturnType<typeof play>>];
const cases: Case[] = [
  ['at the limit is still good', [[0, 0.05]], {}, { phase: 'good' }],
  ['beyond the limit waits for its time', [[0, 0.06]], {}, { phase: 'pending', turns: [] }],
  [
    'bad for long enough fires',
    [
      [0, 0.06],
      [59, 0.06],
      [60, 0.06],
    ],
    {},
    { phase: 'firing', turns: ['fired 60'] },
  ],
  [
    'good once before its time begins anew',
    [
      [0, 0.06],
      [30, 0.01],
      [60, 0.06],
    ],
    {},
    { phase: 'pending', turns: [] },
  ],
  ['between the limits does not begin anything', [[0, 0.03]], {}, { phase: 'good' }],
  [
    'between the limits ends what only waited',
    [
      [0, 0.06],
      [30, 0.03],
    ],
    {},
    { phase: 'good' },
  ],
  ['without a time it fires at once', [[0, 0.06]], { pendingS: 0 }, { phase: 'firing', turns: ['fired 0'] }],
  [
    'between the limits keeps firing',
    [
      [0, 0.06],
      [60, 0.06],
      [999, 0.03],
    ],
    {},
    { phase: 'firing', isClearing: false, turns: ['fired 60'] },
  ],
  [
    'good again is not yet over',
    [
      [0, 0.06],
      [60, 0.06],
      [70, 0.01],
      [189, 0.01],
    ],
    {},
    { phase: 'firing', isClearing: true, turns: ['fired 60'] },
  ],
  [
    'good for long enough is over',
    [
      [0, 0.06],
      [60, 0.06],
      [70, 0.02],
      [190, 0.01],
    ],
    {},
    { phase: 'good', turns: ['fired 60', 'cleared 190'] },
  ],
  [
    'bad in between begins the end anew',
    [
      [0, 0.06],
      [60, 0.06],
      [70, 0.01],
      [100, 0.03],
      [110, 0.01],
      [200, 0.01],
    ],
    {},
    { phase: 'firing', isClearing: true, turns: ['fired 60'] },
  ],
  [
    'no data counts as good: ok',
    [
      [0, 0.06],
      [60, 0.06],
      [70, null],
      [190, null],
    ],
    {},
    { phase: 'good' },
  ],
  [
    'no data counts as bad: alert',
    [
      [0, null],
      [60, null],
    ],
    { noData: 'alert' },
    { phase: 'firing', turns: ['fired 60'] },
  ],
  [
    'no data keeps what was: keep, while it fires',
    [
      [0, 0.06],
      [60, 0.06],
      [70, null],
      [9_999, null],
    ],
    { noData: 'keep' },
    { phase: 'firing', isClearing: false, turns: ['fired 60'] },
  ],
  [
    'no data keeps what was: keep, while it is good',
    [
      [0, null],
      [999, null],
    ],
    { noData: 'keep' },
    { phase: 'good' },
  ],
];

it.each(cases)('%s', (_, history, more, wanted) => expect(play(history, more)).toMatchObject(wanted));

describe('below', () => {
  const condition = errorRate({ metric: 'disk_free_share', op: 'below', limit: 0.1, clearAt: 0.15 });
  it.each([
    [0.1, 'good'],
    [0.09, 'firing'],
  ])('%d is %s', (value, phase) => expect(play([[0, value]], { condition, pendingS: 0 }).phase).toBe(phase));
});

it('too few observations are no data, and the evidence says so', () => {
  const condition = errorRate({ minSamples: 50 });
  const look = (noData: NoDataMode) =>
    evaluateRule(rule({ condition, pendingS: 0, noData }), [], [reads(0.9, 'a', 49)], at(0));
  expect(look('ok').states).toEqual([]);
  expect(look('alert').fired).toMatchObject([{ evidence: { isNoData: true, value: 0.9, samples: 49, limit: 0.05 } }]);
});

it('what the rule no longer means is over at once', () => {
  const states: MemberState[] = [
    { subjectId: 'a', phase: 'firing', since: at(0), clearSince: null },
    { subjectId: 'b', phase: 'pending', since: at(0), clearSince: null },
  ];
  expect(evaluateRule(rule(), states, [], at(1))).toEqual({
    states: [],
    fired: [],
    cleared: [{ subjectId: 'a', why: 'gone' }],
    isChanged: true,
  });
});

it('what a person resolved says nothing until it has been good once', () => {
  const dismissed: MemberState[] = [{ subjectId: 'a', phase: 'dismissed', since: at(0), clearSince: null }];
  expect(evaluateRule(rule(), dismissed, [reads(0.9)], at(999))).toMatchObject({ states: dismissed, isChanged: false });
  const good = evaluateRule(rule({ clearS: 0 }), dismissed, [reads(0)], at(1));
  expect(good).toMatchObject({ states: [], cleared: [] });
  expect(evaluateRule(rule({ pendingS: 0 }), good.states, [reads(0.9)], at(2)).fired).toHaveLength(1);
});
