import type { Reason } from '@flotilla/protocol';
import { admit, type Hold } from './admit.ts';
import { isRetryable } from './retries.ts';
import { isInFlight } from './states.ts';
import type { RolloutView, WaveView } from './step.ts';
import { currentWave, openWaves, waveToApprove } from './step-running.ts';
import type { WaveMember } from './thresholds.ts';
import { type WhyCode, whySentences } from './why-sentences.ts';
import { windowAt } from './windows.ts';

/** What is known of a device beside what the engine looks at. */
export type WhyDetail = {
  lastHeardAt: Date | null;
  reason: Reason | null;
  progress: { bytes: number; totalBytes: number } | null;
};

/** Why a device does not serve the release: code, sentence, since when, when it is tried next where a clock knows it, and the numbers. */
export type Why = { code: WhyCode; sentence: string; since: Date; nextTryAt: Date | null; evidence: object };

/**
 * Why each device of a rollout stands where it stands, by deployment. Every one gets an answer, in every state: what holds a waiting device
 * back comes from the function by which the engine holds it back.
 */
export function whyOf(
  rollout: RolloutView,
  details: ReadonlyMap<string, WhyDetail>,
  now: Date,
): ReadonlyMap<string, Why> {
  const all = rollout.waves.flatMap(({ members }) => members);
  const open = new Set(openWaves(rollout.waves).flatMap(({ members }) => members));
  const { held } = admit(rollout.plan, all, [...open], now);
  const context: Context = { rollout, open, held, now };
  return new Map(
    rollout.waves.flatMap((wave) =>
      wave.members.map((member) => {
        const detail = details.get(member.deploymentId) ?? noDetail;
        const {
          code,
          since = member.stateSince,
          nextTryAt = null,
          evidence = {},
        } = answer(context, wave, member, detail);
        // A time that has gone tells nobody when: a bake runs on for lack of evidence, a device does not keep its own time.
        const next = nextTryAt !== null && nextTryAt > now ? nextTryAt : null;
        return [member.deploymentId, { code, sentence: whySentences[code], since, nextTryAt: next, evidence }] as const;
      }),
    ),
  );
}

const noDetail: WhyDetail = { lastHeardAt: null, reason: null, progress: null };

type Context = { rollout: RolloutView; open: ReadonlySet<WaveMember>; held: ReadonlyMap<string, Hold>; now: Date };
type Answer = { code: WhyCode; since?: Date; nextTryAt?: Date | null; evidence?: object };

function answer(context: Context, wave: WaveView, member: WaveMember, detail: WhyDetail): Answer {
  if (member.state === 'queued') return waiting(context, wave, member, detail);
  if (isInFlight(member.state)) return moving(context, member, detail);
  const { state, plan } = context.rollout;
  const isAgain = isRetryable(member, plan.retries) && (state === 'running' || state === 'paused');
  if (isAgain && state === 'running') return waiting(context, wave, member, detail);
  return finished(member, detail);
}

/** A device that is to be told: first what the rollout says, then its wave, then what holds it alone. */
function waiting(context: Context, wave: WaveView, member: WaveMember, detail: WhyDetail): Answer {
  const { rollout, open } = context;
  const since = rollout.stateSince;
  switch (rollout.state) {
    case 'draft':
      return { code: 'rollout.draft', since };
    case 'pending-approval':
      return { code: 'rollout.pending_approval', since };
    case 'rejected':
      return { code: 'rollout.rejected', since };
    case 'scheduled': {
      const { startsAt } = rollout.plan;
      return { code: 'rollout.scheduled', since, nextTryAt: startsAt === null ? null : new Date(startsAt) };
    }
    case 'paused':
      return { code: pausedCode(waveToApprove(rollout), wave), since };
    case 'running':
      return open.has(member) ? held(context, member, detail) : closed(rollout, wave);
    case 'aborting':
    case 'rolling-back':
    case 'succeeded':
    case 'aborted':
    case 'rolled-back':
    case 'rollback-incomplete':
      return { code: 'rollout.ending', since };
  }
}

/** A rollout that waits for an approval goes on by that, not by being resumed. */
function pausedCode(asked: WaveView | undefined, wave: WaveView): WhyCode {
  if (!asked) return 'rollout.paused';
  return asked === wave ? 'wave.approval' : 'wave.approval_before';
}

/** The wave of the device is not on. */
function closed(rollout: RolloutView, wave: WaveView): Answer {
  const since = rollout.stateSince;
  if (wave.state === 'failed') return { code: 'wave.failed', since };
  if (wave.state === 'baking') return { code: 'wave.baking', ...bakeEnd(rollout, wave) };
  const current = currentWave(rollout.waves);
  if (current === wave) return { code: 'engine.next', since };
  const evidence = { wave: wave.position, current: current?.position ?? null, currentState: current?.state ?? null };
  const end = current?.state === 'baking' ? bakeEnd(rollout, current) : { since: current?.startedAt ?? since };
  return { code: 'wave.waiting', evidence, ...end };
}

function bakeEnd({ plan, stateSince }: RolloutView, { position, bakingAt }: WaveView) {
  const since = bakingAt ?? stateSince;
  return { since, nextTryAt: new Date(since.getTime() + (plan.waves[position]?.bake.seconds ?? 0) * 1000) };
}

/** Its wave is on: what holds it is what the engine says. */
function held({ held, rollout }: Context, member: WaveMember, detail: WhyDetail): Answer {
  const hold = held.get(member.deploymentId);
  if (!hold) return { code: 'engine.next' };
  switch (hold.code) {
    case 'device.offline':
      return dark(detail);
    case 'retry.waiting':
      return {
        code: hold.code,
        nextTryAt: hold.nextAt,
        evidence: { tries: member.tries, of: rollout.plan.retries.count + 1, reason: detail.reason?.code ?? null },
      };
    case 'window.download':
      return { code: hold.code, nextTryAt: hold.nextAt, evidence: { ...rollout.plan.windows.download } };
    case 'budget.group':
      return { code: hold.code, evidence: hold.room };
    case 'rate.concurrency':
      return { code: hold.code, evidence: { moving: hold.moving, most: hold.most } };
    case 'rate.limited':
      return { code: hold.code, nextTryAt: hold.nextAt, evidence: { perMinute: hold.perMinute } };
  }
}

function dark({ lastHeardAt }: WhyDetail): Answer {
  return lastHeardAt === null
    ? { code: 'device.never_seen' }
    : { code: 'device.offline', since: lastHeardAt, evidence: { lastHeardAt } };
}

function moving({ rollout, now }: Context, member: WaveMember, { progress, reason, lastHeardAt }: WhyDetail): Answer {
  const evidence = { state: member.state, ...(progress ?? {}), ...(reason ? { reason: reason.code } : {}) };
  const nextTryAt = reason?.nextTryAt === undefined ? null : new Date(reason.nextTryAt);
  if (member.state === 'notified')
    return member.isReachable ? { code: 'device.told' } : { code: 'device.told_offline', evidence: { lastHeardAt } };
  if (!member.isReachable) return { code: 'device.moving_offline', evidence: { ...evidence, lastHeardAt } };
  const activate = rollout.plan.windows.activate;
  const window =
    activate && (member.state === 'proving' || member.state === 'staging') ? windowAt(activate, now) : null;
  if (window && !window.isOpen)
    return { code: 'window.activate', nextTryAt: window.opensAt, evidence: { ...activate } };
  return { code: 'device.moving', evidence, nextTryAt };
}

function finished({ state, notifiedAt }: WaveMember, { reason }: WhyDetail): Answer {
  const evidence = reason ? { code: reason.code, detail: reason.detail } : {};
  switch (state) {
    case 'succeeded':
      return { code: 'device.done' };
    case 'failed': {
      const nextTryAt = reason?.nextTryAt === undefined ? null : new Date(reason.nextTryAt);
      return { code: 'device.failed', evidence, nextTryAt };
    }
    case 'rejected':
      return { code: notifiedAt === null ? 'device.incompatible' : 'device.rejected', evidence };
    case 'timed-out':
      return { code: 'device.timed_out', evidence };
    case 'cancelled':
      return { code: 'device.cancelled', evidence };
    case 'superseded':
      return { code: 'device.superseded', evidence };
    default:
      return { code: 'device.reverted', evidence };
  }
}
