import type { DesiredSlot } from '@flotilla/protocol';
import { expect, test } from 'vitest';
import { makeSlot } from '../testing/release.ts';
import type { SlotInput } from './inputs.ts';
import { reduce } from './reduce.ts';
import { emptySlot, type SlotState } from './state.ts';

/** Open from 02:00 to 03:00 UTC, every day. */
const window = { cron: '0 2 * * *', timeZone: 'UTC', minutes: 60 };
const at = (time: string) => Date.parse(`2026-07-01T${time}Z`);
const [EVENING, OPEN, OVER] = [at('20:00:00'), Date.parse('2026-07-02T02:00:00Z'), Date.parse('2026-07-02T03:00:00Z')];
const windowed = (n: number, changes: Partial<DesiredSlot> = { activate: { window } }) => ({
  ...makeSlot(n),
  ...changes,
});

const next = (state: SlotState, input: SlotInput, now: number) => reduce(state, input, now);
const done = ({ job }: SlotState): SlotInput => ({ type: 'done', job });
const closed = ({ job }: SlotState): SlotInput => ({
  type: 'failed',
  job,
  code: 'window.download',
  detail: '',
  jitter: 0,
});

/** Every step succeeds, until `phase`. */
function until(phase: string, from: SlotState, now: number): SlotState {
  let state = from;
  for (let n = 0; state.phase !== phase; n++) {
    if (n > 12) throw new Error(`never ${phase}, but ${state.phase}`);
    const acknowledged: SlotInput = { type: 'acknowledged', job: state.job };
    state = next(state, state.observedAt === undefined ? done(state) : acknowledged, now).state;
  }
  return state;
}
const desired = (slot: DesiredSlot, now: number, state = emptySlot(now)) =>
  next(state, { type: 'desired', slot }, now).state;
const waitingToSwitch = (state?: SlotState) => until('proving', desired(windowed(1), EVENING, state), EVENING);

test('outside of the window for the switch it waits before the proof, and the report says until when', () => {
  const state = waitingToSwitch();
  expect(state).toMatchObject({ phase: 'proving', retryAt: OPEN });
  expect(state.reason).toMatchObject({ code: 'window.activate', retry: 'later', nextTryAt: OPEN });
  expect(next(state, done({ ...state, job: state.job - 1 }), EVENING).state.phase).toBe('proving');
});

test('when the window opens it proves and switches, and nothing is said of windows any more', () => {
  const { state, effects } = next(waitingToSwitch(), { type: 'retry' }, OPEN);
  expect(effects).toEqual([{ kind: 'work', phase: 'proving', job: state.job }]);
  expect(state.reason).toBeUndefined();
  expect(next(state, done(state), OPEN + 1).state.phase).toBe('switching');
});

test('a window that closes during the proof: nothing changes, what served serves, and the next one begins with a proof', () => {
  const proving = next(waitingToSwitch(), { type: 'retry' }, OPEN).state;
  const { state, effects } = next(proving, done(proving), OVER);
  expect(state).toMatchObject({ phase: 'proving', retryAt: OPEN + 86_400_000, reason: { code: 'window.activate' } });
  expect(effects.map(({ kind }) => kind)).toEqual(['cancel', 'wake', 'prune', 'serve']);
  const again = next(state, { type: 'retry' }, OPEN + 86_400_000);
  expect(again.effects).toEqual([{ kind: 'work', phase: 'proving', job: again.state.job }]);
});

test('a restart goes on waiting', () => {
  const { state, effects } = next(waitingToSwitch(), { type: 'started', jitter: 0 }, EVENING + 1);
  expect(state).toMatchObject({ phase: 'proving', retryAt: OPEN, reason: { code: 'window.activate' } });
  expect(effects).toContainEqual({ kind: 'wake', at: OPEN });
});

test('a clock that is set while it waits makes the window open earlier, or at the next time that is right', () => {
  const lost = waitingToSwitch(
    until('proving', desired(windowed(1), at('00:00:00') + 4e12, emptySlot(0)), at('00:00:00') + 4e12),
  );
  const corrected = next(lost, { type: 'retry' }, EVENING).state;
  expect(corrected).toMatchObject({ phase: 'proving', retryAt: OPEN });
  expect(next(corrected, { type: 'retry' }, OPEN).effects[0]).toMatchObject({ kind: 'work', phase: 'proving' });
});

test('a download that finds its window closed waits in place for it, and is no failure', () => {
  const slot = windowed(1, { download: { window, maxBytesPerS: 1000 } });
  const downloading = until('downloading', desired(slot, EVENING), EVENING);
  const { state, effects } = next(downloading, closed(downloading), EVENING);
  expect(state).toMatchObject({ phase: 'downloading', retryAt: OPEN, attempts: 0, penalties: [] });
  expect(state.reason).toMatchObject({ code: 'window.download', nextTryAt: OPEN });
  expect(effects).toContainEqual({ kind: 'wake', at: OPEN });
  expect(next(state, { type: 'retry' }, OPEN).effects[0]).toMatchObject({ kind: 'work', phase: 'downloading' });
});

test('a download whose window opened while it was looked at goes on at once', () => {
  const downloading = until('downloading', desired(windowed(1, { download: { window } }), EVENING), EVENING);
  expect(next(downloading, closed(downloading), OPEN).effects[0]).toMatchObject({ kind: 'work', phase: 'downloading' });
});

test('going back to what was good waits for no window', () => {
  const good = until('active', desired(makeSlot(1), EVENING), EVENING);
  const trial = until('observing', desired(makeSlot(2), EVENING, good), EVENING);
  const failed: SlotInput = { type: 'failed', job: trial.job, code: 'observe.errors', detail: '', jitter: 0 };
  expect(next(trial, failed, EVENING).state.phase).toBe('reverting');
  const back = desired({ ...windowed(1), deployment: makeSlot(9, 9).deployment }, EVENING, trial);
  expect(until('switching', back, EVENING).phase).toBe('switching');
});

test('the same deployment with its window taken away goes on at once; with another it waits for that', () => {
  const waiting = waitingToSwitch();
  const now = next(waiting, { type: 'desired', slot: windowed(1, { activate: 'now' }) }, EVENING);
  expect(now.effects).toEqual([{ kind: 'work', phase: 'proving', job: now.state.job }]);
  const later = { window: { ...window, cron: '0 5 * * *' } };
  const other = next(waiting, { type: 'desired', slot: windowed(1, { activate: later }) }, EVENING).state;
  expect(other.retryAt).toBe(OPEN + 3 * 3_600_000);
});
