import type { Phase } from '@flotilla/protocol';
import { describe, expect, test } from 'vitest';
import { uuid } from '../testing/release.ts';
import type { UpgradeInput } from './inputs.ts';
import { reduceUpgrade } from './reduce.ts';
import { noUpgrade, type UpgradeState, type UpgradeTarget } from './state.ts';

const target = (n: number): UpgradeTarget => ({
  order: uuid(n),
  version: `${n}.0.0`,
  confirmWithinS: 300,
  stableS: 60,
  package: { sha256: String(n).padStart(64, '0'), sizeBytes: 10, unpackedBytes: 20 },
});
/** Agent 1 on its way to agent 2. */
const at = (phase: Phase, changes: Partial<UpgradeState> = {}): UpgradeState => ({
  ...noUpgrade(0),
  phase,
  target: target(2),
  from: '1.0.0',
  ...changes,
});
const failed = (code: Extract<UpgradeInput, { type: 'failed' }>['code']) =>
  ({ type: 'failed', job: 0, code, detail: 'd', jitter: 0 }) as const;
const started = (n: number, mark: 'trial' | 'failed' | 'none') =>
  ({ type: 'started', version: `${n}.0.0`, mark }) as const;
const desired = (version: number, wanted: number | null) =>
  ({ type: 'desired', version: `${version}.0.0`, target: wanted === null ? null : target(wanted) }) as const;
const kinds = (state: UpgradeState, input: UpgradeInput, now = 1_000) => {
  const decision = reduceUpgrade(state, input, now);
  const effects = decision.effects.map((effect) => (effect.kind === 'work' ? effect.phase : effect.kind));
  return [decision.state.phase, ...effects];
};

describe('whichever agent starts, it knows from the journal and the launcher where it stands', () => {
  test.each([
    ['the new one, for the first time', at('switching'), started(2, 'trial'), ['observing', 'observing']],
    ['the new one, again', at('observing'), started(2, 'trial'), ['observing', 'observing']],
    ['the new one, confirmed but not written down', at('observing'), started(2, 'none'), ['observing', 'observing']],
    ['the new one, that was on its way back', at('reverting'), started(2, 'trial'), ['reverting', 'reverting']],
    ['the new one, that was given up', at('reverted'), started(2, 'trial'), ['reverting', 'reverting']],
    [
      'the old one, before anything pointed to the new one',
      at('switching'),
      started(1, 'none'),
      ['downloading', 'downloading'],
    ],
    [
      'the old one, after too many starts of the new one',
      at('switching'),
      started(1, 'failed'),
      ['reverted', 'cancel', 'prune'],
    ],
    [
      'the old one, when the launcher could not count',
      at('observing'),
      started(1, 'trial'),
      ['reverted', 'cancel', 'prune'],
    ],
    ['the old one, when the new one went back', at('reverting'), started(1, 'none'), ['reverted', 'cancel', 'prune']],
    ['the old one, in the midst of its work', at('staging'), started(1, 'none'), ['staging', 'staging']],
    ['another one, installed by hand', at('active'), started(3, 'none'), ['idle']],
    ['the wanted one, installed by hand', at('proving'), started(2, 'none'), ['active', 'cancel', 'prune']],
  ] as const)('%s', (_, state, input, expected) => expect(kinds(state, input)).toEqual(expected));

  test('why it went back is what the new one said, else that it did not stay up', () => {
    const reason = { code: 'upgrade.slots', detail: 'default', retry: 'never' } as const;
    expect(reduceUpgrade(at('reverting', { reason }), started(1, 'none'), 1).state.reason).toEqual(reason);
    expect(reduceUpgrade(at('observing'), started(1, 'failed'), 1).state.reason?.code).toBe('upgrade.crashed');
  });
});

describe('what is wanted', () => {
  test.each([
    ['another version', noUpgrade(0), desired(1, 2), ['downloading', 'downloading']],
    ['the one that runs', noUpgrade(0), desired(2, 2), ['active', 'cancel', 'prune']],
    ['the one that runs, again', at('active'), desired(2, 2), ['active']],
    ['the one on its way, again', at('proving'), desired(1, 2), ['proving']],
    ['one that failed under this order', at('failed'), desired(1, 2), ['failed']],
    ['one that went back under this order', at('reverted'), desired(1, 2), ['reverted']],
    ['another one instead', at('staging'), desired(1, 3), ['downloading', 'downloading']],
    ['nothing any more', at('staging'), desired(1, null), ['superseded', 'cancel', 'prune']],
    ['nothing, at rest', at('failed'), desired(1, null), ['failed']],
    ['another one in the midst of a trial', at('observing'), desired(2, 3), ['observing']],
  ] as const)('%s', (_, state, input, expected) => expect(kinds(state, input)).toEqual(expected));

  test('what came during a trial takes its place as soon as that is over, however it ends', () => {
    const waiting = reduceUpgrade(at('observing'), desired(2, 3), 1).state;
    const job = { type: 'done', job: waiting.job } as const;
    expect(reduceUpgrade(waiting, job, 2).state).toMatchObject({
      phase: 'downloading',
      from: '2.0.0',
      target: target(3),
    });
    expect(reduceUpgrade(waiting, started(1, 'failed'), 2).state).toMatchObject({
      phase: 'downloading',
      from: '1.0.0',
    });
    const same = reduceUpgrade(waiting, desired(2, 2), 1).state;
    expect(reduceUpgrade(same, job, 2).state).toMatchObject({ phase: 'active', target: target(2) });
  });
});

describe('failures', () => {
  test('the network is waited for in place, for ever', () => {
    const { state, effects } = reduceUpgrade(at('downloading', { attempts: 99 }), failed('download.network'), 1_000);
    expect([state.phase, state.reason?.retry, effects[0]?.kind]).toEqual(['downloading', 'later', 'wake']);
    expect(kinds(state, { type: 'retry' }, state.retryAt)).toEqual(['downloading', 'downloading']);
  });

  test('what may pass is tried three times, then once a day', () => {
    const first = reduceUpgrade(at('staging'), failed('storage.full'), 0).state;
    expect([first.phase, first.reason?.retry]).toEqual(['failed', 'later']);
    expect(first.retryAt).toBeLessThan(31_000);
    const third = reduceUpgrade(at('staging', { attempts: 2 }), failed('storage.full'), 0).state;
    expect(third.retryAt).toBe(24 * 3_600_000);
    expect(kinds(first, { type: 'retry' }, first.retryAt)).toEqual(['downloading', 'downloading']);
    expect(kinds(third, { type: 'retry' }, 1_000)).toEqual(['failed']);
  });

  test('a full disk is no fault of the one on trial: it confirms when there is room', () => {
    const { state } = reduceUpgrade(at('observing'), failed('storage.full'), 1_000);
    expect([state.phase, state.reason]).toEqual(['observing', undefined]);
    expect(kinds(state, { type: 'retry' }, state.retryAt)).toEqual(['observing', 'observing']);
  });

  test('what would be the same again is not tried, and a late result means nothing', () => {
    expect(reduceUpgrade(at('proving'), failed('upgrade.proof'), 0).state.reason?.retry).toBe('never');
    expect(kinds(at('proving', { job: 5 }), failed('upgrade.proof'))).toEqual(['proving']);
  });
});

describe('the new one had no answer from the server', () => {
  const wentBack = reduceUpgrade(
    reduceUpgrade(at('observing'), failed('upgrade.no_server'), 1_000).state,
    started(1, 'none'),
    2_000,
  );
  const { state } = wentBack;

  test('it goes back, and the old one asks as well', () => {
    expect([state.phase, state.reason?.code, state.reason?.retry]).toEqual(['reverted', 'upgrade.no_server', 'later']);
    expect(wentBack.effects.at(-1)).toEqual({ kind: 'await-answer' });
  });

  test('the old one gets an answer in the same time: the new one is to blame', () => {
    expect(reduceUpgrade(state, { type: 'answered' }, 2_000 + 300_000).state).toMatchObject({
      phase: 'reverted',
      reason: { retry: 'never' },
    });
  });

  test('it has none either: nobody is to blame, and it is tried again, three times in all', () => {
    const late = 2_000 + 300_001;
    expect(kinds(state, { type: 'answered' }, late)).toEqual(['downloading', 'downloading']);
    const third = { ...state, attempts: 2 };
    expect(reduceUpgrade(third, { type: 'answered' }, late).state.reason?.retry).toBe('never');
  });
});

test('every change of phase is in the outbox once, with both versions', () => {
  const { state } = reduceUpgrade(
    at('proving'),
    { type: 'done', job: 0, found: { served: ['a'], before: 'installed' } },
    7,
  );
  expect(state).toMatchObject({ phase: 'switching', served: ['a'], before: 'installed' });
  const change = { at: 7, from: 'proving', to: 'switching', order: uuid(2), fromVersion: '1.0.0', toVersion: '2.0.0' };
  expect(state.outbox).toEqual([change]);
});
