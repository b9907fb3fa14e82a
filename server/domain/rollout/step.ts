import { bakeVerdict } from './gates/bake-verdict.ts';
import type { Gate } from './gates/gate.ts';
import type { GateSamples, GateVerdict } from './gates/judge-gate.ts';
import type { RolloutPlan, WavePlan } from './plan.ts';
import { isFinished, isInFlight, type RolloutState, type WaveState } from './states.ts';
import {
  countWave,
  isErrorThresholdCrossed,
  isSuccessThresholdReached,
  type WaveCounts,
  type WaveMember,
} from './thresholds.ts';

export type WaveView = {
  position: number;
  state: WaveState;
  startedAt: Date | null;
  bakingAt: Date | null;
  members: WaveMember[];
  /** Telemetry of the wave's devices on the release, since each switched. */
  samples: GateSamples;
};

export type RolloutView = {
  state: RolloutState;
  plan: RolloutPlan;
  waves: WaveView[];
  /** State of the rollout that takes this one back, once it exists. */
  rollback: { state: RolloutState; allSucceeded: boolean } | null;
};

export type WaveVerdict = { counts: WaveCounts; gates: GateVerdict[] };

/** What the engine wants done. Applied in order, in one transaction; the next step looks at the result. */
export type Decision =
  | { kind: 'start-wave'; position: number }
  | { kind: 'notify'; deploymentIds: string[] }
  | { kind: 'time-out'; deploymentIds: string[] }
  | { kind: 'bake-wave'; position: number; verdict: WaveVerdict }
  | { kind: 'pass-wave'; position: number; verdict: WaveVerdict }
  | { kind: 'skip-wave'; position: number; verdict: WaveVerdict; why: 'empty' | 'unreachable' }
  | {
      kind: 'fail-wave';
      position: number;
      verdict: WaveVerdict;
      why: 'errors' | 'success' | 'gate';
      metric?: Gate['metric'];
    }
  | { kind: 'pause'; why: 'errors' | 'success' | 'gate' | 'no-data' | 'unreachable'; position: number }
  | { kind: 'roll-back'; why: 'errors' | 'success' | 'gate'; position: number }
  | { kind: 'cancel-queued' }
  | { kind: 'create-rollback' }
  | { kind: 'finish'; state: Extract<RolloutState, 'succeeded' | 'aborted' | 'rolled-back' | 'rollback-incomplete'> };

/** One look at a rollout. Pure and level-triggered: the same view at the same time gives the same decisions, however often it is asked. */
export function step(rollout: RolloutView, now: Date): Decision[] {
  const overdue = overdueOf(rollout, now);
  if (overdue.length > 0) return [{ kind: 'time-out', deploymentIds: overdue }];
  switch (rollout.state) {
    case 'running':
      return stepRunning(rollout, now);
    case 'aborting':
      return stepAborting(rollout);
    case 'rolling-back':
      return stepRollingBack(rollout);
    case 'draft':
    case 'scheduled':
    case 'paused':
    case 'succeeded':
    case 'aborted':
    case 'rolled-back':
    case 'rollback-incomplete':
      return [];
  }
}

/** Running deployments finish or time out in every state, also while the rollout is paused. */
function overdueOf({ plan, waves }: RolloutView, now: Date): string[] {
  return waves
    .flatMap(({ members }) => members)
    .filter(
      ({ state, notifiedAt }) => isInFlight(state) && notifiedAt !== null && elapsedS(notifiedAt, now) > plan.timeoutS,
    )
    .map(({ deploymentId }) => deploymentId);
}

function stepRunning(rollout: RolloutView, now: Date): Decision[] {
  const current = rollout.waves.find(
    ({ state }) => state === 'rolling' || state === 'baking' || state === 'pending' || state === 'failed',
  );
  const late = notifyWaiting(
    rollout.plan,
    rollout.waves.filter(({ state }) => state === 'passed' || state === 'skipped'),
  );
  if (!current) return [...late, ...finishWhenSettled(rollout, late.length > 0)];
  const plan = rollout.plan.waves[current.position];
  if (!plan) throw new Error(`wave ${current.position} has no plan`);
  switch (current.state) {
    case 'pending':
      return [...late, ...startWave(rollout.plan, current)];
    case 'rolling':
      return [...late, ...stepRolling(rollout, current, plan, now)];
    case 'baking':
      return [...late, ...stepBaking(current, plan, now)];
    case 'failed':
    case 'passed':
    case 'skipped':
      return late;
  }
}

function startWave(plan: RolloutPlan, wave: WaveView): Decision[] {
  const verdict = { counts: countWave(wave.members), gates: [] };
  if (wave.members.length === 0) return [{ kind: 'skip-wave', position: wave.position, verdict, why: 'empty' }];
  return [{ kind: 'start-wave', position: wave.position }, ...notifyWaiting(plan, [wave])];
}

/**
 * A wave whose devices all went to newer rollouts is as good as empty. A wave that needs no success (a roll back) ends when all have
 * answered, and devices that were told while dark have until their time-out: nobody needs to be asked.
 */
function stepRolling(rollout: RolloutView, wave: WaveView, plan: WavePlan, now: Date): Decision[] {
  const counts = countWave(wave.members);
  const { position } = wave;
  const verdict = { counts, gates: [] };
  if (isErrorThresholdCrossed(counts, plan))
    return breach(rollout.plan.onErrors, { kind: 'fail-wave', position, verdict, why: 'errors' });
  const notify = notifyWaiting(rollout.plan, [wave]);
  if (notify.length > 0) return notify;
  if (isSuccessThresholdReached(counts, plan)) return [{ kind: 'bake-wave', position, verdict }];
  if (counts.considered + counts.dark === 0) return [{ kind: 'skip-wave', position, verdict, why: 'empty' }];
  const isSettled = counts.considered === counts.finished;
  if (isSettled && counts.finished > 0 && plan.success.minPercent === 0)
    return [{ kind: 'bake-wave', position, verdict }];
  if (isSettled && counts.finished > 0)
    return breach(rollout.plan.onErrors, { kind: 'fail-wave', position, verdict, why: 'success' });
  const waited = wave.startedAt !== null && elapsedS(wave.startedAt, now) >= rollout.plan.offline.waitS;
  const isToldInTheDark = rollout.plan.offline.notifyDark && wave.members.some(({ state }) => isInFlight(state));
  if (!isSettled || !waited || isToldInTheDark) return [];
  return position === 0
    ? [{ kind: 'pause', why: 'unreachable', position }]
    : [{ kind: 'skip-wave', position, verdict, why: 'unreachable' }];
}

function stepBaking(wave: WaveView, plan: WavePlan, now: Date): Decision[] {
  const { position } = wave;
  const elapsed = wave.bakingAt === null ? 0 : elapsedS(wave.bakingAt, now);
  const baked = bakeVerdict(plan.bake, wave.samples, elapsed);
  const verdict = { counts: countWave(wave.members), gates: baked.gates };
  if (isErrorThresholdCrossed(verdict.counts, plan))
    return breach('roll-back', { kind: 'fail-wave', position, verdict, why: 'errors' });
  switch (baked.outcome) {
    case 'breach': {
      const { onBreach, metric } = baked.gate;
      return breach(onBreach, { kind: 'fail-wave', position, verdict, why: 'gate', metric });
    }
    case 'pass':
      return [{ kind: 'pass-wave', position, verdict }];
    case 'no-data':
      return [{ kind: 'pause', why: 'no-data', position }];
    case 'go-on':
      return [];
  }
}

function breach(action: 'pause' | 'roll-back', failure: Extract<Decision, { kind: 'fail-wave' }>): Decision[] {
  const { why, position } = failure;
  return [failure, action === 'pause' ? { kind: 'pause', why, position } : { kind: 'roll-back', why, position }];
}

/** Devices that came back while their wave is on, or after it passed, are told then. */
function notifyWaiting({ offline }: RolloutPlan, waves: WaveView[]): Decision[] {
  const deploymentIds = waves
    .flatMap(({ members }) => members)
    .filter(({ state, isReachable }) => state === 'queued' && (isReachable || offline.notifyDark))
    .map(({ deploymentId }) => deploymentId);
  return deploymentIds.length > 0 ? [{ kind: 'notify', deploymentIds }] : [];
}

/** All waves are over: wait for what is in flight, then close the book on devices that stayed dark. */
function finishWhenSettled({ waves }: RolloutView, hasLate: boolean): Decision[] {
  const members = waves.flatMap((wave) => wave.members);
  if (hasLate || members.some(({ state }) => isInFlight(state))) return [];
  const hasQueued = members.some(({ state }) => state === 'queued');
  return [...(hasQueued ? [{ kind: 'cancel-queued' } as const] : []), { kind: 'finish', state: 'succeeded' }];
}

function stepAborting({ waves }: RolloutView): Decision[] {
  const members = waves.flatMap((wave) => wave.members);
  if (members.some(({ state }) => state === 'queued')) return [{ kind: 'cancel-queued' }];
  return members.every(({ state }) => isFinished(state)) ? [{ kind: 'finish', state: 'aborted' }] : [];
}

function stepRollingBack({ rollback, waves }: RolloutView): Decision[] {
  if (waves.some(({ members }) => members.some(({ state }) => state === 'queued'))) return [{ kind: 'cancel-queued' }];
  if (!rollback) return [{ kind: 'create-rollback' }];
  const isOver = rollback.state === 'succeeded' || rollback.state === 'aborted';
  if (!isOver) return [];
  return [
    {
      kind: 'finish',
      state: rollback.state === 'succeeded' && rollback.allSucceeded ? 'rolled-back' : 'rollback-incomplete',
    },
  ];
}

function elapsedS(since: Date, now: Date): number {
  return (now.getTime() - since.getTime()) / 1000;
}
