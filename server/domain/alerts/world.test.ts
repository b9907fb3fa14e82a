import { describe, expect, it } from 'vitest';
import type { RolloutState } from '../rollout/states.ts';
import { AlertCondition } from './condition.ts';
import { evaluateRule } from './evaluate.ts';
import { readingsOf } from './readings.ts';
import { dayBefore, deviceNeedsOf, isLookDue, needsOf, stretchOf } from './schedule.ts';
import type { AlertDevice, AlertWorld } from './world.ts';

const NOW = new Date('2026-11-21T08:10:20Z');
const ago = (s: number) => new Date(NOW.getTime() - s * 1000);
const device = (id: string, more: Partial<AlertDevice> = {}): AlertDevice => ({
  id,
  name: id,
  labels: {},
  facts: {},
  online: true,
  onlineChangedAt: ago(9_999),
  lastHeardAt: NOW,
  certificateEndsAt: null,
  ...more,
});
const world = (more: Partial<AlertWorld> = {}): AlertWorld => ({
  now: NOW,
  listening: null,
  devices: [],
  versionNames: new Map(),
  windows: new Map(),
  daysBefore: new Map(),
  boards: new Map(),
  rollouts: [],
  drift: [],
  ...more,
});
const values = (condition: object, of: Partial<AlertWorld>) =>
  readingsOf({ condition: AlertCondition.parse(condition), groupLabel: null }, world(of)).map(
    ({ subjectId, value }) => [subjectId, value] as const,
  );

it('a device is silent since its connection ended, or since its last word while it hangs', () => {
  const devices = [
    device('talks'),
    device('hangs', { lastHeardAt: ago(700) }),
    device('gone', { online: false, lastHeardAt: ago(800), onlineChangedAt: ago(750) }),
    device('never came', { lastHeardAt: null, online: false, onlineChangedAt: null }),
  ];
  expect(values({ kind: 'offline', afterS: 600 }, { devices })).toEqual([
    ['talks', 0],
    ['hangs', 700],
    ['gone', 750],
  ]);
});

it.each([
  ['the server heard all the time', 5_000, 0, false],
  ['it began to listen long enough ago', 700, 0, false],
  ['it began to listen a moment ago', 60, 0, true],
  ['it listens no more', 5_000, 400, true],
])('a device is not offline because nobody could hear it: %s', (_, sinceS, untilS, isUnknowable) => {
  const devices = [device('a', { online: false, lastHeardAt: ago(900), onlineChangedAt: ago(900) })];
  const listening = { since: ago(sinceS), until: ago(untilS) };
  const condition = AlertCondition.parse({ kind: 'offline', afterS: 600 });
  const readings = readingsOf({ condition, groupLabel: null }, world({ devices, listening }));
  expect(readings).toMatchObject([{ value: 900, isUnknowable }]);
  const rule = { condition, pendingS: 0, clearS: 0, noData: 'ok' as const };
  const firing = [{ subjectId: 'a', phase: 'firing' as const, since: ago(9), clearSince: null }];
  expect(evaluateRule(rule, [], readings, NOW).fired).toHaveLength(isUnknowable ? 0 : 1);
  expect(evaluateRule(rule, firing, readings, NOW).isChanged).toBe(false);
});

describe('a rollout', () => {
  type Case = [RolloutState, string | null, number, string[], number];
  it.each<Case>([
    ['paused', 'breach', 60, ['paused'], 1],
    ['paused', 'breach', 9e6, ['paused'], 1],
    ['paused', 'approval', 60, ['paused'], 0],
    ['paused', 'approval', 60, ['waiting-approval'], 1],
    ['pending-approval', null, 60, ['waiting-approval'], 1],
    ['rolling-back', null, 60, ['rolled-back'], 1],
    ['rolled-back', null, 86_000, ['rolled-back'], 1],
    ['rolled-back', null, 87_000, ['rolled-back'], 0],
    ['running', null, 60, ['paused', 'rolled-back', 'aborted', 'waiting-approval'], 0],
  ])('%s, reason %s, since %d s, is looked for as %s: %d', (state, code, sinceS, events, value) => {
    const reason = code && { code, detail: 'x' };
    const rollouts = [{ id: 'r', name: 'r', state, stateSince: ago(sinceS), reason: reason || null }];
    expect(values({ kind: 'rollout', events }, { rollouts })).toEqual([['r', value]]);
  });
});

it('drift counts the features of each device, and names the first; a device without a finding does not drift', () => {
  const stretch = { from: ago(7_200), to: NOW };
  const finding = { versionId: '0197a000-0000-7000-8000-000000000001', samples: 900, ...stretch };
  const drift = [
    { ...finding, deviceId: 'a', features: ['rms_z', 'peak'] },
    { ...finding, deviceId: 'b', features: ['rms_z'] },
  ];
  const devices = ['a', 'b', 'c'].map((id) => device(id));
  const condition = AlertCondition.parse({ kind: 'drift', features: 2 });
  const readings = readingsOf({ condition, groupLabel: null }, world({ devices, drift }));
  expect(readings.map(({ value }) => value)).toEqual([2, 1, 0]);
  const rule = { condition, pendingS: 0, clearS: 0, noData: 'ok' as const };
  expect(evaluateRule(rule, [], readings, NOW).fired).toMatchObject([
    { reading: { subjectId: 'a' }, evidence: { value: 2, detail: 'rms_z', samples: 900, ...stretch } },
  ]);
});

it('what drifts on the fleet is a reading of its version, beside the devices and in their alert, where a rule means all of them', () => {
  const versionId = '0197a000-0000-7000-8000-000000000001';
  const finding = { versionId, samples: 900, from: ago(7_200), to: NOW };
  const of = {
    devices: [device('a')],
    drift: [{ ...finding, deviceId: null, features: ['rms_z', 'peak'] }],
    versionNames: new Map([[versionId, 'press 1.2.0']]),
  };
  const read = (more: object) =>
    readingsOf(
      { condition: AlertCondition.parse({ kind: 'drift', features: 1, ...more }), groupLabel: null },
      world(of),
    );
  expect(read({})).toMatchObject([
    { subjectId: 'a', subjectKind: 'device', group: '', value: 0 },
    { subjectId: versionId, subjectKind: 'version', name: 'press 1.2.0', group: '', value: 2, detail: 'rms_z' },
  ]);
  expect(read({ versionId })).toHaveLength(2);
  expect(read({ versionId: '0197a000-0000-7000-8000-000000000002' })).toMatchObject([{ subjectId: 'a', value: 0 }]);
  expect(read({ selector: 'site=oslo' }).filter(({ subjectKind }) => subjectKind === 'version')).toEqual([]);
});

it('a window is whole buckets with the one that fills, and the day before is the whole day before it began', () => {
  expect(stretchOf(300, NOW)).toEqual({ from: new Date('2026-11-21T08:05:00Z'), to: NOW });
  expect(stretchOf(86_400, NOW)).toEqual({ from: new Date('2026-11-20T08:00:00Z'), to: NOW });
  const before = { from: new Date('2026-11-20T00:00:00Z'), to: new Date('2026-11-21T00:00:00Z') };
  expect(dayBefore(stretchOf(900, NOW))).toEqual(before);
  const earlier = { from: new Date('2026-11-19T00:00:00Z'), to: new Date('2026-11-20T00:00:00Z') };
  expect(dayBefore(stretchOf(900, new Date('2026-11-21T00:10:00Z')))).toEqual(earlier);
});

it.each([
  [300, 20, true],
  [300, 19, false],
  [3600, 340, false],
  [3600, 350, true],
  [86_400, 600, true],
])('a rule over %d s that was looked at %d s ago is due: %s', (windowS, agoS, isDue) => {
  const condition = AlertCondition.parse({ kind: 'metric', metric: 'temp_c', op: 'above', limit: 1, windowS });
  expect(isLookDue({ condition, evaluatedAt: ago(agoS) }, NOW)).toBe(isDue);
  expect(isLookDue({ condition, evaluatedAt: null }, NOW)).toBe(true);
});

it.each([
  [{ kind: 'offline', afterS: 60 }, 20, true],
  [{ kind: 'metric', metric: 'disk_free_share', op: 'below', limit: 0.1 }, 40, false],
  [{ kind: 'metric', metric: 'disk_free_share', op: 'below', limit: 0.1 }, 60, true],
  [{ kind: 'certificate', withinDays: 14 }, 20, false],
  [{ kind: 'certificate', withinDays: 14 }, 600, true],
])('%j that was looked at %d s ago is due: %s', (condition, agoS, isDue) => {
  expect(isLookDue({ condition: AlertCondition.parse(condition), evaluatedAt: ago(agoS) }, NOW)).toBe(isDue);
});

const metric = (more: object) =>
  AlertCondition.parse({ kind: 'metric', metric: 'temp_c', op: 'above', limit: 1, ...more });

it('what many rules look at is read once, and what is of the whole fleet from its own rows', () => {
  const needs = needsOf([
    metric({}),
    metric({ metric: 'latency_p95_ms' }),
    metric({ selector: 'a=b', per: 'version' }),
    metric({ compare: 'day-before', windowS: 900 }),
    metric({ metric: 'error_rate', per: 'together', windowS: 900 }),
  ]);
  const none = new Set();
  expect([...needs.windows]).toEqual([
    [
      300,
      {
        devices: { now: new Set(['temp_c', 'latency_p95_ms']), dayBefore: none },
        fleet: { now: none, dayBefore: none },
      },
    ],
    [
      900,
      {
        devices: { now: new Set(['temp_c']), dayBefore: new Set(['temp_c']) },
        fleet: { now: new Set(['error_rate']), dayBefore: none },
      },
    ],
  ]);
  expect(needs).toMatchObject({ boards: false, rollouts: false, drift: false });
});

it('of devices nothing is read that no rule and no mute names', () => {
  const rule = (condition: AlertCondition, groupLabel: string | null = null) => ({ condition, groupLabel });
  expect(deviceNeedsOf([rule(metric({}))])).toEqual({ labels: new Set(), facts: new Set(), hasCertificates: false });
  const rules = [
    rule(metric({ selector: 'site in (oslo,bergen),facts.arch=arm64' }), 'line'),
    rule(metric({ metric: 'disk_free_share' })),
    rule(AlertCondition.parse({ kind: 'certificate', withinDays: 14 })),
  ];
  expect(deviceNeedsOf(rules, ['!retired'])).toEqual({
    labels: new Set(['retired', 'site', 'line']),
    facts: new Set(['arch', 'diskBytes']),
    hasCertificates: true,
  });
});
