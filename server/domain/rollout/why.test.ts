import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ago, member, NOW, rollout, wave } from '../../testing/rollout-view.ts';
import { deploymentStates, rolloutStates, waveStates } from './states.ts';
import type { RolloutView } from './step.ts';
import { type Why, type WhyDetail, whyOf } from './why.ts';
import { type WhyCode, whySentences } from './why-sentences.ts';

const inS = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const iso = (at: Date) => at.toISOString();
const hourly = (minute: number) => ({ cron: `${minute} * * * *`, minutes: 10 });
const queued = (more: object = {}) => member('a', 'queued', more);
/** The device's wave rolls, in a rollout with this in its plan. */
const rolling = (device = queued(), plan: object = {}, others: ReturnType<typeof member>[] = []) =>
  rollout([wave(0, 'rolling', [...others, device])], { plan });
const stateOf = (state: RolloutView['state'], plan: object = {}) =>
  rollout([wave(0, 'pending', [queued()])], { state, plan });
const dark = { isReachable: false };
const broke = { code: 'download.network', detail: 'It broke.', retry: 'later' as const };

type Case = [code: WhyCode, view: RolloutView, detail?: Partial<WhyDetail>, more?: Partial<Why>];
/** A reason each, as of device `a`: the sentence of every one of them is read by somebody. */
const cases: Case[] = [
  ['rollout.draft', stateOf('draft'), {}, { since: ago(60), nextTryAt: null }],
  ['rollout.pending_approval', stateOf('pending-approval')],
  ['rollout.rejected', stateOf('rejected')],
  ['rollout.scheduled', stateOf('scheduled', { startsAt: iso(inS(600)) }), {}, { nextTryAt: inS(600) }],
  ['rollout.paused', rollout([wave(0, 'rolling', [queued()])], { state: 'paused' })],
  ['rollout.ending', stateOf('aborting')],
  ['wave.approval', rollout([wave(0, 'pending', [queued()])], { state: 'paused', wave: { approval: true } })],
  [
    'wave.approval_before',
    rollout([wave(0, 'pending', []), wave(1, 'pending', [queued()])], { state: 'paused', wave: { approval: true } }),
  ],
  [
    'wave.waiting',
    rollout([wave(0, 'rolling', [member('b', 'proving')]), wave(1, 'pending', [queued()])]),
    {},
    { since: ago(60), nextTryAt: null, evidence: { wave: 1, current: 0, currentState: 'rolling' } },
  ],
  [
    'wave.waiting',
    rollout([wave(0, 'baking', []), wave(1, 'pending', [queued()])], { wave: { bake: { seconds: 100 } } }),
    {},
    { nextTryAt: inS(40) },
  ],
  [
    'wave.baking',
    rollout([wave(0, 'baking', [queued()])], { wave: { bake: { seconds: 100 } } }),
    {},
    { nextTryAt: inS(40) },
  ],
  // A bake runs on for lack of evidence: nobody knows how long.
  [
    'wave.baking',
    rollout([wave(0, 'baking', [queued()])], { wave: { bake: { seconds: 30 } } }),
    {},
    { nextTryAt: null },
  ],
  ['wave.failed', rollout([wave(0, 'failed', [queued()])])],
  ['engine.next', rolling()],
  ['engine.next', rollout([wave(0, 'passed', [queued()]), wave(1, 'rolling', [member('b', 'proving')])])],
  [
    'device.offline',
    rolling(queued(dark)),
    { lastHeardAt: ago(900) },
    { since: ago(900), evidence: { lastHeardAt: ago(900) } },
  ],
  ['device.never_seen', rolling(queued(dark)), { lastHeardAt: null }],
  [
    'retry.waiting',
    rolling(member('a', 'failed', { stateSince: ago(10) }), { retries: { count: 2, backoffS: 60 } }),
    { reason: broke },
    { evidence: { tries: 1, of: 3, reason: 'download.network' } },
  ],
  ['window.download', rolling(queued(), { windows: { download: hourly(30) } }), {}, { nextTryAt: inS(1_800) }],
  [
    'budget.group',
    rolling(queued(), { budget: { groupBy: ['site'], maxUnavailable: 1 } }, [member('b', 'proving')]),
    {},
    { evidence: expect.objectContaining({ moving: 1, most: 1 }) },
  ],
  [
    'rate.concurrency',
    rolling(queued(), { concurrency: 1 }, [member('b', 'proving')]),
    {},
    { evidence: { moving: 1, most: 1 } },
  ],
  [
    'rate.limited',
    rolling(queued(), { rate: { maxPerMinute: 1 } }, [member('b', 'proving', { notifiedAt: ago(20) })]),
    {},
    { nextTryAt: inS(40), evidence: { perMinute: 1 } },
  ],
  [
    'window.activate',
    rolling(member('a', 'proving'), { windows: { activate: hourly(30) } }),
    {},
    { nextTryAt: inS(1_800) },
  ],
  ['device.told', rolling(member('a', 'notified')), {}, { since: ago(60) }],
  ['device.told_offline', rolling(member('a', 'notified', dark)), { lastHeardAt: ago(70) }],
  [
    'device.moving',
    rolling(member('a', 'downloading')),
    { progress: { bytes: 4, totalBytes: 40 } },
    { evidence: { state: 'downloading', bytes: 4, totalBytes: 40 } },
  ],
  ['device.moving_offline', rolling(member('a', 'proving', dark))],
  ['device.done', rolling(member('a', 'succeeded'))],
  [
    'device.failed',
    rolling(member('a', 'failed')),
    { reason: { ...broke, nextTryAt: inS(90).getTime() } },
    { nextTryAt: inS(90), evidence: { code: 'download.network', detail: 'It broke.' } },
  ],
  [
    'device.rejected',
    rolling(member('a', 'rejected')),
    { reason: { code: 'proof.accuracy', detail: '0.71, limit 0.90', retry: 'never' } },
    { evidence: { code: 'proof.accuracy', detail: '0.71, limit 0.90' } },
  ],
  ['device.incompatible', rolling(member('a', 'rejected', { notifiedAt: null }))],
  ['device.timed_out', rolling(member('a', 'timed-out'))],
  ['device.cancelled', rolling(member('a', 'cancelled'))],
  ['device.superseded', rolling(member('a', 'superseded'))],
  ['device.reverted', rolling(member('a', 'reverted'))],
];

const noDetail: WhyDetail = { lastHeardAt: null, reason: null, progress: null };

describe('why a device stands where it stands', () => {
  it.each(cases)('is said: %s', (code, view, detail = {}, more = {}) => {
    const why = whyOf(view, new Map([['a', { ...noDetail, ...detail }]]), NOW).get('a');
    expect(why).toMatchObject({ code, sentence: whySentences[code], ...more });
  });

  it('has every reason that there is in these cases, but for the one that only who has no part in a rollout has', () => {
    const said = new Set(cases.map(([code]) => code));
    expect(Object.keys(whySentences).filter((code) => !said.has(code as WhyCode))).toEqual(['device.already_there']);
  });

  it('is said of every device in every state of rollout, waves and devices, and never promises a time that has gone', () => {
    const device = fc.record({
      state: fc.constantFrom(...deploymentStates),
      isReachable: fc.boolean(),
      isTold: fc.boolean(),
      tries: fc.nat(3),
      sinceS: fc.nat(4_000),
      group: fc.constantFrom('oslo', 'bergen'),
      reason: fc.option(fc.integer({ min: -600, max: 600 })),
    });
    const plan = fc.record({
      rate: fc.constantFrom(null, { maxPerMinute: 1 }),
      concurrency: fc.constantFrom(null, 1),
      budget: fc.boolean().map((isGiven) => (isGiven ? { groupBy: ['site'], maxUnavailable: 1 } : null)),
      retries: fc.record({ count: fc.nat(2) }),
      offline: fc.record({ notifyDark: fc.boolean() }),
      windows: fc.constantFrom({}, { download: hourly(30) }, { activate: hourly(30) }),
      startsAt: fc.constantFrom(null, iso(ago(60)), iso(inS(60))),
      target: fc.constantFrom('snapshot' as const, 'continuous' as const),
    });
    const waves = fc.array(
      fc.record({ state: fc.constantFrom(...waveStates), devices: fc.array(device, { maxLength: 4 }) }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...rolloutStates), waves, plan, fc.boolean(), (state, drawn, limits, approval) => {
        const details = new Map<string, WhyDetail>();
        const built = drawn.map((each, position) =>
          wave(
            position,
            each.state,
            each.devices.map(({ state: of, isTold, sinceS, reason, ...more }, at) => {
              const id = `${position}/${at}`;
              const nextTryAt = reason === null ? null : inS(reason).getTime();
              const said = nextTryAt === null ? null : { ...broke, nextTryAt };
              details.set(id, { ...noDetail, reason: said });
              return member(id, of, { ...more, stateSince: ago(sinceS), notifiedAt: isTold ? ago(sinceS) : null });
            }),
          ),
        );
        const why = whyOf(rollout(built, { state, plan: limits, wave: { approval } }), details, NOW);
        expect([...why.keys()].toSorted()).toEqual([...details.keys()].toSorted());
        for (const { code, sentence, since, nextTryAt } of why.values()) {
          expect(sentence).toBe(whySentences[code]);
          expect(since.getTime()).toBeLessThanOrEqual(NOW.getTime());
          if (nextTryAt) expect(nextTryAt.getTime()).toBeGreaterThan(NOW.getTime());
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
