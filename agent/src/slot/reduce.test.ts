import type { KnownReasonCode } from '@flotilla/protocol';
import { describe, expect, test } from 'vitest';
import { makeSlot, uuid } from '../testing/release.ts';
import type { SlotInput } from './inputs.ts';
import { reduce } from './reduce.ts';
import { PENALTY_MS } from './retry-policy.ts';
import { emptySlot, type SlotState } from './state.ts';

const NOW = 1_000_000;
const desired = (n: number | null, deployment?: number): SlotInput => ({
  type: 'desired',
  slot: n === null ? null : makeSlot(n, deployment),
});
const done = (state: SlotState): SlotInput => ({ type: 'done', job: state.job });
const failed = (state: SlotState, code: KnownReasonCode): SlotInput => ({
  type: 'failed',
  job: state.job,
  code,
  detail: 'detail',
  jitter: 0.5,
});
const started: SlotInput = { type: 'started', jitter: 0.5 };
const next = (state: SlotState, input: SlotInput, now = NOW) => reduce(state, input, now).state;
const kinds = (state: SlotState, input: SlotInput, now = NOW) =>
  reduce(state, input, now).effects.map(({ kind }) => kind);

/** Runs the steps until `phase`. */
function until(phase: string, state: SlotState): SlotState {
  let at = state;
  for (let n = 0; at.phase !== phase; n++) {
    if (n > 12) throw new Error(`never ${phase}, but ${at.phase}`);
    at = next(at, at.observedAt === undefined ? done(at) : { type: 'acknowledged', job: at.job });
  }
  return at;
}
const deploy = (n: number, state = emptySlot(NOW)) => next(state, desired(n));
const active = (n: number, state?: SlotState) => until('active', deploy(n, state));

test('a release goes through every phase in order, and each change is written down', () => {
  const state = active(1);
  expect(state.outbox.map(({ to }) => to)).toEqual([
    'accepted',
    'downloading',
    'verifying',
    'staging',
    'proving',
    'switching',
    'observing',
    'active',
  ]);
  expect(state.good?.release.id).toBe(uuid(1));
});

test('it is active only after the observation and the acknowledgement, in this order', () => {
  const observing = until('observing', deploy(1));
  expect(next(observing, { type: 'acknowledged', job: observing.job }).phase).toBe('observing');
  const observed = next(observing, done(observing));
  expect(observed.phase).toBe('observing');
  expect(next(observed, { type: 'acknowledged', job: observed.job }).phase).toBe('active');
});

test.each(['accepted', 'downloading', 'verifying', 'staging', 'proving'])(
  'a failure while %s keeps the version in service',
  (phase) => {
    const state = until(phase, deploy(2, active(1)));
    const after = next(state, failed(state, 'verify.digest'));
    expect(after).toMatchObject({ phase: 'failed', reason: { code: 'verify.digest' } });
    expect(after.serving?.release.id).toBe(uuid(1));
  },
);

test.each(['switching', 'observing'])('a failure while %s goes back to the version before', (phase) => {
  const state = until(phase, deploy(2, active(1)));
  const reverting = next(state, failed(state, 'observe.errors'));
  expect(reverting.phase).toBe('reverting');
  const reverted = next(reverting, done(reverting));
  expect(reverted).toMatchObject({ phase: 'reverted', reason: { code: 'observe.errors', retry: 'never' } });
  expect(reverted.serving?.release.id).toBe(uuid(1));
});

test('a first release that fails after the switch serves nothing, because there is nothing to go back to', () => {
  const state = until('observing', deploy(1));
  const after = next(state, failed(state, 'observe.crashes'));
  expect(after).toMatchObject({ phase: 'failed', serving: null });
});

test('a revert that fails is tried again until it is done', () => {
  let state = until('observing', deploy(2, active(1)));
  state = next(state, failed(state, 'observe.errors'));
  state = next(state, failed(state, 'runner.start'));
  expect(state).toMatchObject({ phase: 'reverting', reason: { code: 'observe.errors' } });
  state = next(state, { type: 'retry' }, state.retryAt);
  expect(next(state, done(state)).phase).toBe('reverted');
});

test('the network is waited for without an end and without a failure', () => {
  let state = until('downloading', deploy(2, active(1)));
  for (let n = 0; n < 20; n++) {
    state = next(state, failed(state, 'download.network'));
    expect(state).toMatchObject({ phase: 'downloading', reason: { code: 'download.network', retry: 'later' } });
    state = next(state, { type: 'retry' }, state.retryAt);
  }
  expect(until('active', state).penalties).toEqual([]);
});

test('three failures put a release into the penalty box, a day later it is tried again, a newer release clears it', () => {
  let state = deploy(2, active(1));
  for (let n = 1; n <= 3; n++) {
    state = next(state, failed(state, 'verify.digest'));
    expect(state.phase).toBe('failed');
    if (n < 3) state = next(state, { type: 'retry' }, state.retryAt);
  }
  expect(state.retryAt).toBe(NOW + PENALTY_MS);
  expect(next(state, { type: 'retry' }, NOW + 1).phase).toBe('failed');
  expect(next(state, { type: 'retry' }, NOW + PENALTY_MS).phase).toBe('accepted');
  const again = next(state, desired(2, 77));
  expect(again).toMatchObject({ phase: 'failed', reason: { code: 'penalty.box', retry: 'later' } });
  expect(next(next(again, desired(3)), desired(2, 78)).phase).toBe('accepted');
});

test.each(['accepted', 'downloading', 'verifying', 'staging', 'proving', 'observing'])(
  'a newer desired state takes over while %s',
  (phase) => {
    const state = until(phase, deploy(2, active(1)));
    const after = next(state, desired(3));
    expect(after).toMatchObject({ phase: 'accepted', target: { release: { id: uuid(3) } } });
    expect(after.outbox.slice(-2).map(({ to, releaseId }) => [to, releaseId])).toEqual([
      ['superseded', uuid(2)],
      ['accepted', uuid(3)],
    ]);
    expect(next(after, done(state))).toEqual(after);
  },
);

test.each(['switching', 'reverting'])('while %s a newer desired state waits for the end of the step', (phase) => {
  let state = until('switching', deploy(2, active(1)));
  if (phase === 'reverting') state = next(state, failed(state, 'runner.start'));
  const waiting = next(state, desired(3));
  expect(waiting.phase).toBe(phase);
  expect(next(waiting, done(waiting))).toMatchObject({ phase: 'accepted', target: { release: { id: uuid(3) } } });
});

test('going back to the version in service needs no work and no second proof', () => {
  let state = deploy(2, active(1));
  state = next(state, failed(state, 'proof.golden'));
  state = next(state, desired(1, 50));
  expect(state).toMatchObject({ phase: 'observing', serving: { deployment: uuid(1050) } });
  expect(next(state, { type: 'acknowledged', job: state.job }).phase).toBe('active');
});

test('nothing desired stops serving and keeps the files of what was good', () => {
  const { state, effects } = reduce(active(1), desired(null), NOW);
  expect(state).toMatchObject({ phase: 'idle', serving: null, before: { release: { id: uuid(1) } } });
  expect(effects.map(({ kind }) => kind)).toContain('serve');
});

describe('the agent starts again', () => {
  test.each(['accepted', 'downloading', 'verifying', 'staging', 'proving'])(
    'while %s: serves the old one and goes on',
    (phase) => {
      const state = until(phase, deploy(2, active(1)));
      expect(kinds(state, started)).toEqual(['serve', 'work']);
      const after = next(state, started);
      expect(after).toMatchObject({ phase, serving: { release: { id: uuid(1) } } });
      expect(until('active', after).serving?.release.id).toBe(uuid(2));
    },
  );

  test('while switching: goes back to what was good, says so, and tries again later', () => {
    const state = until('switching', deploy(2, active(1)));
    const reverting = next(state, started);
    expect(reverting).toMatchObject({ phase: 'reverting', serving: { release: { id: uuid(1) } } });
    const reverted = next(reverting, done(reverting));
    expect(reverted).toMatchObject({ phase: 'reverted', reason: { code: 'agent.restarted', retry: 'later' } });
    const again = next(reverted, { type: 'retry' }, reverted.retryAt);
    expect(until('active', again).serving?.release.id).toBe(uuid(2));
  });

  test('while observing: observes on, but a release that takes the agent down again and again is taken back', () => {
    let state = until('observing', deploy(2, active(1)));
    state = next(state, started);
    state = next(state, started);
    expect(state).toMatchObject({ phase: 'observing', serving: { release: { id: uuid(2) } } });
    expect(next(state, started)).toMatchObject({ phase: 'reverting', serving: { release: { id: uuid(1) } } });
  });

  test('while only the acknowledgement is missing: serves the new one and waits for it', () => {
    const observing = until('observing', deploy(2, active(1)));
    const observed = next(observing, done(observing));
    expect(kinds(observed, started)).toEqual(['serve', 'await-ack']);
  });

  test('while waiting to try again: waits on', () => {
    const state = next(deploy(1), failed(deploy(1), 'storage.full'));
    expect(kinds(state, started)).toEqual(['serve', 'wake']);
  });
});

describe('when the container engine answers again', () => {
  const slot = makeSlot(2);
  const runtime = { kind: 'container', image: `r.example/a@sha256:${'0'.repeat(64)}`, memoryMb: 64, cpus: 1 } as const;
  const inContainer: SlotInput = { type: 'desired', slot: { ...slot, release: { ...slot.release, runtime } } };
  const able: SlotInput = { type: 'able' };
  const serving = active(1);

  test('what was refused for want of it is begun, with nothing held against it', () => {
    const accepted = next(serving, inContainer);
    const refused = next(accepted, failed(accepted, 'release.runtime'));
    expect(refused).toMatchObject({ phase: 'failed', reason: { retry: 'never' } });
    const again = next(refused, able);
    expect(again).toMatchObject({ phase: 'accepted', penalties: [], attempts: 0 });
    expect(kinds(refused, able)).toEqual(['serve', 'work']);
  });

  test.each(['accepted', 'downloading', 'verifying', 'staging', 'proving'])(
    'what waits for it in %s goes on',
    (phase) => {
      const before = until(phase, next(serving, inContainer));
      const waiting = next(before, failed(before, 'container.engine_away'));
      expect(waiting).toMatchObject({
        phase,
        penalties: [],
        reason: { code: 'container.engine_away', retry: 'later' },
      });
      expect(kinds(waiting, able)).toEqual(['work']);
      expect(next(waiting, able)).toMatchObject({ phase, job: waiting.job + 1 });
    },
  );

  test('what serves is started without waiting for its turn, and what failed for another reason stays', () => {
    expect(kinds(serving, able)).toEqual(['serve']);
    expect(next(serving, able)).toEqual(serving);
    const accepted = next(serving, inContainer);
    const refused = next(accepted, failed(accepted, 'release.malformed'));
    expect(next(refused, able)).toEqual(refused);
    const process = deploy(2, serving);
    const unable = next(process, failed(process, 'release.runtime'));
    expect(next(unable, able)).toEqual(unable);
  });
});
