import type { Phase, Reason } from '@flotilla/protocol';
import { describe, expect, it } from 'vitest';
import type { EventRow } from '@/server/queries/device-events.ts';
import type { DeploymentView } from '@/server/queries/device-page.ts';
import { stepsOf } from './steps.ts';
import { markersOf, timelineOf } from './timeline.ts';
import { whatNext, whyAnswer, whyTitle } from './why-words.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');
const release = { releaseId: 'r2', versionId: 'v2', modelName: 'vibration-fault', version: '1.5.0' };

function deployment(state: DeploymentView['state'], rest: Partial<DeploymentView> = {}): DeploymentView {
  return {
    id: 'd1',
    rolloutId: 'o1',
    wavePosition: 0,
    deviceId: 'x',
    deviceName: 'press-07',
    slot: 'default',
    releaseId: 'r2',
    previousReleaseId: 'r1',
    state,
    stateSince: new Date(9_000),
    reason: null,
    progress: null,
    proof: null,
    attempts: 1,
    tries: 1,
    notifiedAt: null,
    finishedAt: null,
    release,
    previousRelease: { ...release, releaseId: 'r1', version: '1.4.0' },
    sentence: null,
    ...rest,
  };
}

/** Phase changes as the server lists them, newest first, one second apart. */
function way(...phases: Phase[]): EventRow[] {
  return phases
    .map((to, index): EventRow => {
      const at = new Date(index * 1000);
      const from = phases[index - 1];
      const event = {
        boot: 'b',
        seq: index + 1,
        at: index * 1000,
        kind: 'phase',
        to,
        ...(from && { from }),
      };
      return { id: `e${index}`, at, receivedAt: at, kind: 'phase', deploymentId: 'd1', event, release, sentence: null };
    })
    .reverse();
}

const reason = (code: string, rest: Partial<Reason> = {}): Reason => ({ code, detail: '', retry: 'never', ...rest });
const states = (steps: ReturnType<typeof stepsOf>) => steps.map((step) => step.state[0]).join('');

describe('the way of an update', () => {
  it.each<[string, DeploymentView, EventRow[], string]>([
    ['queued', deployment('queued'), [], 'aaaaaaaa'],
    ['accepted', deployment('accepted'), way('accepted'), 'daaaaaaa'],
    ['proving', deployment('proving'), way('accepted', 'downloading', 'verifying', 'staging', 'proving'), 'ddddnaaa'],
    [
      'rejected while proving',
      deployment('rejected', { reason: reason('proof.latency_p95') }),
      way('accepted', 'downloading', 'verifying', 'staging', 'proving', 'failed'),
      'ddddfaaa',
    ],
    ['rejected, its events lost', deployment('rejected', { reason: reason('proof.golden') }), [], 'ddddfaaa'],
    [
      'went back while observed',
      deployment('reverted', { reason: reason('observe.errors') }),
      way(
        'accepted',
        'downloading',
        'verifying',
        'staging',
        'proving',
        'switching',
        'observing',
        'reverting',
        'reverted',
      ),
      'ddddddfa',
    ],
    ['timed out on the download', deployment('timed-out'), way('accepted', 'downloading'), 'dfaaaaaa'],
    ['succeeded', deployment('succeeded'), way('accepted', 'active'), 'dddddddd'],
  ])('%s', (_, given, events, expected) => expect(states(stepsOf(given, events))).toBe(expected));

  it('says when, and how long each step took', () => {
    const events = way('accepted', 'downloading', 'verifying', 'staging', 'proving', 'failed');
    const steps = stepsOf(deployment('rejected', { reason: reason('proof.rss') }), events);
    expect(steps.map(({ at, tookMs }) => [at?.getTime() ?? null, tookMs])).toEqual([
      [0, null],
      [2000, 1000],
      [3000, 1000],
      [4000, 1000],
      [5000, null],
      [null, null],
      [null, null],
      [null, null],
    ]);
  });

  it('speaks of the newest try only', () => {
    const events = way('accepted', 'downloading', 'verifying', 'failed', 'accepted', 'downloading');
    expect(states(stepsOf(deployment('downloading'), events))).toBe('dnaaaaaa');
  });
});

describe('why it is not updating', () => {
  it('says what the device will do by itself', () => {
    const later = deployment('failed', { reason: reason('storage.full', { retry: 'later', nextTryAt: 60_000 }) });
    expect(whatNext({ deployment: later, update: 'failed', name: 'press-07' })[0]).toEqual({
      at: 60_000,
      text: 'It tries again by itself; one try so far.',
    });
    const never = deployment('rejected', { reason: reason('proof.golden') });
    const [now] = whatNext({ deployment: never, update: 'rejected', name: 'press-07' });
    expect(now?.text).toContain('does not try this release again');
    expect(now?.text).toContain('1.4.0 keeps serving');
  });

  it('asks why only when it is stuck', () => {
    expect(whyTitle({ deployment: deployment('proving'), update: 'updating', name: 'press-07' })).toBe(
      'press-07 is updating to 1.5.0',
    );
    expect(whyTitle({ deployment: deployment('queued'), update: 'waiting', name: 'press-07' })).toBe(
      'Why is press-07 not updating?',
    );
    const ofSlot = { ...deployment('queued'), slot: 'vision' };
    expect(whyTitle({ deployment: ofSlot, update: 'waiting', name: 'press-07', hasSlots: true })).toBe(
      'Why is press-07 not updating its slot vision?',
    );
  });

  it('always has an answer', () => {
    for (const update of ['queued', 'waiting', 'updating', 'failed', 'incompatible'] as const) {
      expect(plain(whyAnswer({ deployment: deployment('queued'), update, name: 'press-07' }))).toMatch(/\.$/);
    }
  });
});

describe('the state timeline', () => {
  const events = way('accepted', 'downloading', 'active', 'accepted', 'failed');

  it('joins the steps of one update, and claims nothing before the first event', () => {
    const [update, served] = timelineOf(events, 10_000);
    expect(update?.stretches.map(({ from, to, label }) => [from, to, label])).toEqual([
      [0, 2000, 'Updating to 1.5.0'],
      [2000, 3000, 'Up to date'],
      [3000, 4000, 'Updating to 1.5.0'],
      [4000, 10_000, '1.5.0 not taken'],
    ]);
    expect(served?.stretches.map(({ from, to }) => [from, to])).toEqual([[2000, 10_000]]);
    expect(timelineOf([], 10_000)).toEqual([]);
  });

  it('marks switches and refusals', () => {
    expect(markersOf(events).map(({ t, tone }) => [t, tone])).toEqual([
      [2000, 'quiet'],
      [4000, 'critical'],
    ]);
  });
});
