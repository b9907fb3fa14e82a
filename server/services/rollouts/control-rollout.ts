import { writeAudit } from '../../db/audit.ts';
import { insertDecision } from '../../db/decisions.ts';
import { notifyLive, notifyWork } from '../../db/notify.ts';
import { lockRollout, type StoredRollout, setRolloutState } from '../../db/rollouts.ts';
import { inTenant, type Scope } from '../../db/scope.ts';
import { listWaves, setWaveState } from '../../db/waves.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { RolloutState } from '../../domain/rollout/states.ts';
import type { Deps } from '../deps.ts';

export const rolloutControls = ['start', 'pause', 'resume', 'abort', 'roll-back'] as const;
export type RolloutControl = (typeof rolloutControls)[number];

/** From which states a person may do what, where it leads, and how the record says it. */
const controls: Record<RolloutControl, { from: readonly RolloutState[]; to: RolloutState; message: string }> = {
  start: { from: ['draft', 'scheduled'], to: 'running', message: 'Started the rollout' },
  pause: { from: ['running'], to: 'paused', message: 'Paused the rollout' },
  resume: { from: ['paused'], to: 'running', message: 'Resumed the rollout' },
  abort: { from: ['draft', 'scheduled', 'running', 'paused'], to: 'aborting', message: 'Aborted the rollout' },
  'roll-back': {
    from: ['running', 'paused', 'succeeded', 'aborted'],
    to: 'rolling-back',
    message: 'Asked to roll back',
  },
};

/** What a person may do with a rollout in this state. */
export function controlsOf(rollout: Pick<StoredRollout, 'state' | 'rollbackOfId'>): RolloutControl[] {
  return rolloutControls.filter(
    (control) =>
      controls[control].from.includes(rollout.state) && !(control === 'roll-back' && rollout.rollbackOfId !== null),
  );
}

/** Starts, pauses, resumes, aborts or rolls back. The engine does the rest. @throws AppError `conflict` with the present state. */
export async function controlRollout(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: { id: string; control: RolloutControl; note?: string | undefined },
): Promise<void> {
  requirePermission(actor, 'rollouts:write');
  const { to, message } = controls[input.control];
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    const rollout = await lockRollout(scope, input.id);
    if (!rollout) throw notFound('rollout');
    if (!controlsOf(rollout).includes(input.control)) throw wrongState(rollout, input.control);
    const at = deps.now();
    if (input.control === 'resume') await reopenWave(scope, rollout.id, at);
    await setRolloutState(
      scope,
      rollout.id,
      to,
      at,
      to === 'paused' || to === 'rolling-back' ? { code: 'operator', detail: input.note ?? message } : null,
    );
    await insertDecision(scope, actor, rollout.id, at, {
      kind: input.control,
      message: input.note ? `${message}: ${input.note}` : message,
    });
    await writeAudit(
      scope,
      actor,
      `rollout.${input.control}`,
      { kind: 'rollout', id: rollout.id },
      input.note ? { note: input.note } : {},
    );
    await notifyWork(scope, { kind: 'rollouts', id: rollout.id });
    await notifyLive(scope, 'rollout', rollout.id);
  });
}

/** Resuming is a person's word: a failed wave is passed over, and a wave that waited for devices or data waits afresh. */
async function reopenWave(scope: Scope, rolloutId: string, at: Date): Promise<void> {
  const wave = (await listWaves(scope, rolloutId)).find(
    ({ state }) => state === 'failed' || state === 'rolling' || state === 'baking',
  );
  if (wave) await setWaveState(scope, rolloutId, wave.position, wave.state === 'failed' ? 'skipped' : wave.state, at);
}

function wrongState(rollout: StoredRollout, control: RolloutControl): AppError {
  const allowed = controlsOf(rollout);
  return new AppError({
    code: 'conflict',
    reason: 'rollout_state',
    userMessage: `The rollout is ${rollout.state}, so "${control}" is not possible. ${allowed.length > 0 ? `Possible now: ${allowed.join(', ')}.` : 'It is over.'}`,
    details: { state: rollout.state, possible: allowed },
  });
}
