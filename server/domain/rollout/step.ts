import { overdueOf } from './deadlines.ts';
import type { Gate } from './gates/gate.ts';
import type { GateSamples } from './gates/samples.ts';
import type { GateVerdict } from './gates/verdict.ts';
import type { RolloutPlan } from './plan.ts';
import { isFinished, isRolloutFinished, type RolloutState, type WaveState } from './states.ts';
import { stepRunning } from './step-running.ts';
import type { WaveCounts, WaveMember } from './thresholds.ts';

export type WaveView = {
  position: number;
  state: WaveState;
  startedAt: Date | null;
  bakingAt: Date | null;
  /** When a person said that it may start. */
  approvedAt: Date | null;
  members: WaveMember[];
  /** Telemetry of the wave's devices on the release, since each switched. */
  samples: GateSamples;
};

export type RolloutView = {
  state: RolloutState;
  stateSince: Date;
  plan: RolloutPlan;
  waves: WaveView[];
  /** State of the rollout that takes this one back, once it exists. */
  rollback: { state: RolloutState; allSucceeded: boolean } | null;
};

export type WaveVerdict = { counts: WaveCounts; gates: GateVerdict[] };

export type PauseReason = 'errors' | 'success' | 'gate' | 'no-data' | 'unreachable' | 'approval' | 'must-end-by';

/** What the engine wants done. Applied in order, in one transaction; the next step looks at the result. */
export type Decision =
  | { kind: 'start' }
  | { kind: 'start-wave'; position: number }
  | { kind: 'notify'; deploymentIds: string[] }
  | { kind: 'time-out'; deploymentIds: string[]; why: 'deployment' | 'step' | 'unreachable' }
  | { kind: 'mark-reverted'; deploymentIds: string[] }
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
  | { kind: 'pause'; why: PauseReason; position: number; verdict?: WaveVerdict }
  | { kind: 'roll-back'; why: 'errors' | 'success' | 'gate' | 'must-end-by'; position: number }
  | { kind: 'abort'; why: 'must-end-by' }
  | { kind: 'cancel-queued' }
  | { kind: 'create-rollback' }
  | { kind: 'finish'; state: Extract<RolloutState, 'succeeded' | 'aborted' | 'rolled-back' | 'rollback-incomplete'> };

/** One look at a rollout. Pure and level-triggered: the same view at the same time gives the same decisions, however often it is asked. */
export function step(rollout: RolloutView, now: Date): Decision[] {
  const first = [...timeOuts(rollout, now), ...broughtBack(rollout)];
  if (first.length > 0) return first;
  const ending = endByItsTime(rollout, now);
  if (ending) return [ending];
  switch (rollout.state) {
    case 'scheduled':
      return isDue(rollout.plan.startsAt, now) ? [{ kind: 'start' }] : [];
    case 'running':
      return stepRunning(rollout, now);
    case 'aborting':
      return stepAborting(rollout);
    case 'rolling-back':
      return stepRollingBack(rollout);
    case 'rollback-incomplete':
      return rollout.rollback?.allSucceeded ? [{ kind: 'finish', state: 'rolled-back' }] : [];
    case 'draft':
    case 'pending-approval':
    case 'rejected':
    case 'paused':
    case 'succeeded':
    case 'aborted':
    case 'rolled-back':
      return [];
  }
}

/** Running deployments finish or time out in every state, also while the rollout is paused. */
function timeOuts({ plan, waves }: RolloutView, now: Date): Decision[] {
  const members = waves.flatMap((wave) => wave.members);
  const late = Map.groupBy(members, (member) => overdueOf(member, plan, now));
  return (['deployment', 'step'] as const).flatMap((why) => {
    const deploymentIds = (late.get(why) ?? []).map(({ deploymentId }) => deploymentId);
    return deploymentIds.length > 0 ? [{ kind: 'time-out' as const, deploymentIds, why }] : [];
  });
}

/** What the way back has brought back is no success any more, also when the device came back weeks after the end. */
function broughtBack({ waves }: RolloutView): Decision[] {
  const deploymentIds = waves
    .flatMap(({ members }) => members)
    .filter(({ isBack, state }) => isBack && state === 'succeeded')
    .map(({ deploymentId }) => deploymentId);
  return deploymentIds.length > 0 ? [{ kind: 'mark-reverted', deploymentIds }] : [];
}

/** A rollout that is paused because its time is over goes on when a person resumes it. */
function endByItsTime({ state, stateSince, plan, waves }: RolloutView, now: Date): Decision | null {
  const isOpen = state === 'running' || state === 'paused' || state === 'scheduled' || state === 'pending-approval';
  if (plan.mustEndBy === null || !isOpen || !isDue(plan.mustEndBy.at, now)) return null;
  const position = Math.max(
    0,
    waves.findIndex((wave) => wave.state !== 'passed' && wave.state !== 'skipped'),
  );
  switch (plan.mustEndBy.andThen) {
    case 'abort':
      return { kind: 'abort', why: 'must-end-by' };
    case 'roll-back':
      return { kind: 'roll-back', why: 'must-end-by', position };
    case 'pause':
      return state === 'running' && stateSince < new Date(plan.mustEndBy.at)
        ? { kind: 'pause', why: 'must-end-by', position }
        : null;
  }
}

function stepAborting({ waves }: RolloutView): Decision[] {
  const members = waves.flatMap((wave) => wave.members);
  if (members.some(({ state }) => state === 'queued')) return [{ kind: 'cancel-queued' }];
  return members.every(({ state }) => isFinished(state)) ? [{ kind: 'finish', state: 'aborted' }] : [];
}

function stepRollingBack({ rollback, waves }: RolloutView): Decision[] {
  if (waves.some(({ members }) => members.some(({ state }) => state === 'queued'))) return [{ kind: 'cancel-queued' }];
  if (!rollback) return [{ kind: 'create-rollback' }];
  if (!isRolloutFinished(rollback.state)) return [];
  const isWhole = rollback.state === 'succeeded' && rollback.allSucceeded;
  return [{ kind: 'finish', state: isWhole ? 'rolled-back' : 'rollback-incomplete' }];
}

function isDue(moment: string | null, now: Date): boolean {
  return moment === null || new Date(moment) <= now;
}
