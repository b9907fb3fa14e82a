import { admit } from './admit.ts';
import type { RolloutPlan, WavePlan } from './plan.ts';
import { isRetryable } from './retries.ts';
import { isInFlight } from './states.ts';
import type { Decision, RolloutView, WaveVerdict, WaveView } from './step.ts';
import { elapsedS, failWave, stepBaking } from './step-baking.ts';
import { countWave, isErrorThresholdCrossed, isSuccessThresholdReached } from './thresholds.ts';

/** Longest that a rollout whose waves are over stays open for devices that it keeps waiting for: 90 days. */
export const LONGEST_WAIT_S = 90 * 86_400;

/** The wave whose turn it is; undefined when all are over. */
export function currentWave(waves: readonly WaveView[]): WaveView | undefined {
  return waves.find(({ state }) => state !== 'passed' && state !== 'skipped');
}

/** The wave that a person must let start; the last one also when all are over, because late joiners begin it again. */
export function waveToApprove({ plan, waves }: Pick<RolloutView, 'plan' | 'waves'>): WaveView | undefined {
  const wave = currentWave(waves) ?? (plan.target === 'continuous' ? waves.at(-1) : undefined);
  const isAsked = wave && plan.waves[wave.position]?.approval === true && wave.approvedAt === null;
  return isAsked && (wave.state === 'pending' || wave.state === 'skipped') ? wave : undefined;
}

/** The waves whose waiting devices may be told now: the one that rolls, and those that are over, for devices that come back late. */
export function openWaves(waves: readonly WaveView[]): WaveView[] {
  const current = currentWave(waves);
  const over = waves.filter(({ state }) => state === 'passed' || state === 'skipped');
  return current?.state === 'rolling' ? [...over, current] : over;
}

export function stepRunning(rollout: RolloutView, now: Date): Decision[] {
  const current = currentWave(rollout.waves);
  if (!current) return reopenForJoiners(rollout) ?? finishWhenSettled(rollout, now);
  const plan = rollout.plan.waves[current.position];
  if (!plan) throw new Error(`wave ${current.position} has no plan`);
  switch (current.state) {
    case 'pending':
      return startWave(rollout, current, now);
    case 'rolling':
      return stepRolling(rollout, current, plan, now);
    case 'baking': {
      const decisions = stepBaking(current, plan, rollout.plan, now);
      return stops(decisions) ? decisions : [...notify(rollout, [], now), ...decisions];
    }
    case 'failed':
    case 'passed':
    case 'skipped':
      return [];
  }
}

function startWave(rollout: RolloutView, wave: WaveView, now: Date): Decision[] {
  const { position } = wave;
  const verdict = { counts: countWave(wave.members, rollout.plan.retries), gates: [] };
  if (wave.members.length === 0)
    return [...notify(rollout, [], now), { kind: 'skip-wave', position, verdict, why: 'empty' }];
  if (waveToApprove(rollout)) return [{ kind: 'pause', why: 'approval', position }];
  return [{ kind: 'start-wave', position }, ...notify(rollout, [wave], now)];
}

/**
 * A wave whose devices all went to newer rollouts is as good as empty. A wave that needs no success (a roll back) ends when all have
 * answered, and devices that were told while dark have until their time-out: nobody needs to be asked.
 */
function stepRolling(rollout: RolloutView, wave: WaveView, plan: WavePlan, now: Date): Decision[] {
  const counts = countWave(wave.members, rollout.plan.retries);
  const { position } = wave;
  const verdict: WaveVerdict = { counts, gates: [] };
  if (isErrorThresholdCrossed(counts, plan))
    return failWave(rollout.plan.onErrors, { kind: 'fail-wave', position, verdict, why: 'errors' });
  const told = notify(rollout, [], now);
  if (told.length > 0) return told;
  if (isSuccessThresholdReached(counts, plan)) return [{ kind: 'bake-wave', position, verdict }];
  if (counts.considered + counts.dark === 0) return [{ kind: 'skip-wave', position, verdict, why: 'empty' }];
  const isSettled = counts.considered === counts.finished;
  if (isSettled && counts.finished > 0 && plan.success.minPercent === 0)
    return [{ kind: 'bake-wave', position, verdict }];
  if (isSettled && counts.finished > 0 && !isWaitingToFail(rollout.plan, wave))
    return failWave(rollout.plan.onErrors, { kind: 'fail-wave', position, verdict, why: 'success' });
  return stepDark(rollout.plan, wave, verdict, isSettled, now);
}

/** What happens to the devices that could not be reached in the time the plan gives them. */
function stepDark(plan: RolloutPlan, wave: WaveView, verdict: WaveVerdict, isSettled: boolean, now: Date): Decision[] {
  const { position } = wave;
  if (wave.startedAt === null || elapsedS(wave.startedAt, now) < plan.offline.waitS) return [];
  const dark = darkOf(wave);
  if (plan.offline.andThen === 'fail' && !plan.offline.notifyDark && dark.length > 0)
    return [{ kind: 'time-out', deploymentIds: dark, why: 'unreachable' }];
  const isToldInTheDark = plan.offline.notifyDark && wave.members.some(({ state }) => isInFlight(state));
  if (!isSettled || isToldInTheDark) return [];
  return position === 0
    ? [{ kind: 'pause', why: 'unreachable', position }]
    : [{ kind: 'skip-wave', position, verdict, why: 'unreachable' }];
}

function isWaitingToFail({ offline }: RolloutPlan, wave: WaveView): boolean {
  return offline.andThen === 'fail' && !offline.notifyDark && darkOf(wave).length > 0;
}

function darkOf({ members }: WaveView): string[] {
  return members
    .filter(({ state, isReachable }) => state === 'queued' && !isReachable)
    .map(({ deploymentId }) => deploymentId);
}

/** Devices that came back while their wave is on, or after it passed, are told then, as far as the limits allow. */
function notify({ plan, waves }: RolloutView, starting: readonly WaveView[], now: Date): Decision[] {
  const all = waves.flatMap(({ members }) => members);
  const open = [...openWaves(waves), ...starting].flatMap(({ members }) => members);
  const { told } = admit(plan, all, open, now);
  return told.length > 0 ? [{ kind: 'notify', deploymentIds: told }] : [];
}

/** Late joiners go through the last wave again: its thresholds, its bake and its gates. */
function reopenForJoiners({ plan, waves }: RolloutView): Decision[] | null {
  const last = waves.at(-1);
  if (plan.target !== 'continuous' || !last) return null;
  const hasJoiner = last.members.some(({ state, isReachable }) => state === 'queued' && isReachable);
  if (!hasJoiner) return null;
  const { position } = last;
  return waveToApprove({ plan, waves })
    ? [{ kind: 'pause', why: 'approval', position }]
    : [{ kind: 'start-wave', position }];
}

/** All waves are over: wait for what is in flight or comes again, then close the book on devices that stayed dark. */
function finishWhenSettled(rollout: RolloutView, now: Date): Decision[] {
  const told = notify(rollout, [], now);
  if (told.length > 0) return told;
  const { plan, waves } = rollout;
  const members = waves.flatMap((wave) => wave.members);
  const isOnItsWay = (member: (typeof members)[number]) =>
    isInFlight(member.state) ||
    (member.isReachable && (member.state === 'queued' || isRetryable(member, plan.retries)));
  if (plan.target === 'continuous' || members.some(isOnItsWay)) return [];
  const queued = members.filter(({ state }) => state === 'queued');
  if (queued.length > 0 && plan.offline.andThen === 'keep-waiting' && !hasWaitedLongEnough(rollout, now)) return [];
  return [...(queued.length > 0 ? [{ kind: 'cancel-queued' } as const] : []), { kind: 'finish', state: 'succeeded' }];
}

function hasWaitedLongEnough({ waves, stateSince }: RolloutView, now: Date): boolean {
  const lastStart = waves.findLast(({ startedAt }) => startedAt !== null)?.startedAt ?? stateSince;
  return elapsedS(lastStart, now) >= LONGEST_WAIT_S;
}

function stops(decisions: readonly Decision[]): boolean {
  return decisions.some(({ kind }) => kind === 'pause' || kind === 'roll-back');
}
