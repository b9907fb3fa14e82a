import type { StoredRollout } from '../../db/rollouts.ts';
import type { StoredWave } from '../../db/waves.ts';
import { AppError } from '../../domain/errors.ts';
import type { RolloutState } from '../../domain/rollout/states.ts';

export const rolloutControls = [
  'start',
  'pause',
  'resume',
  'approve',
  'reject',
  'skip-wave',
  'finish',
  'abort',
  'roll-back',
] as const;
export type RolloutControl = (typeof rolloutControls)[number];

/** From which states a person may do what, and how the record says it. */
export const controls: Record<RolloutControl, { from: readonly RolloutState[]; message: string }> = {
  start: { from: ['draft', 'scheduled'], message: 'Started the rollout' },
  pause: { from: ['running'], message: 'Paused the rollout' },
  resume: { from: ['paused'], message: 'Resumed the rollout' },
  approve: { from: ['pending-approval', 'paused'], message: 'Approved' },
  reject: { from: ['pending-approval'], message: 'Rejected the rollout' },
  'skip-wave': { from: ['running', 'paused'], message: 'Skipped' },
  finish: { from: ['running'], message: 'Finished the rollout: it takes in no further device' },
  abort: { from: ['draft', 'pending-approval', 'scheduled', 'running', 'paused'], message: 'Aborted the rollout' },
  'roll-back': { from: ['running', 'paused', 'succeeded', 'aborted'], message: 'Asked to roll back' },
};

type Controllable = Pick<StoredRollout, 'state' | 'stateReason' | 'rollbackOfId' | 'plan'>;
type Waves = readonly Pick<StoredWave, 'position' | 'state'>[];

/** What a person may do with a rollout in this state. */
export function controlsOf(rollout: Controllable, waves: Waves): RolloutControl[] {
  return rolloutControls.filter(
    (control) => controls[control].from.includes(rollout.state) && fits(control, rollout, waves),
  );
}

/** The wave whose turn it is; undefined when all are over. */
export function waveInTurn<T extends Waves[number]>(waves: readonly T[]): T | undefined {
  return waves.find(({ state }) => state !== 'passed' && state !== 'skipped');
}

function fits(control: RolloutControl, rollout: Controllable, waves: Waves): boolean {
  const isAwaitingApproval = rollout.state === 'paused' && rollout.stateReason?.code === 'approval';
  switch (control) {
    case 'approve':
      return rollout.state === 'pending-approval' || isAwaitingApproval;
    case 'resume':
      return !isAwaitingApproval;
    case 'skip-wave':
      return rollout.rollbackOfId === null && waveInTurn(waves) !== undefined;
    case 'finish':
      return rollout.plan.target === 'continuous' && waveInTurn(waves) === undefined;
    case 'roll-back':
      return rollout.rollbackOfId === null;
    default:
      return true;
  }
}

export function wrongState(rollout: Controllable, waves: Waves, control: RolloutControl): AppError {
  const allowed = controlsOf(rollout, waves);
  return new AppError({
    code: 'conflict',
    reason: 'rollout_state',
    userMessage: `The rollout is ${rollout.state}, so "${control}" is not possible. ${allowed.length > 0 ? `Possible now: ${allowed.join(', ')}.` : 'It is over.'}`,
    details: { state: rollout.state, possible: allowed },
  });
}
