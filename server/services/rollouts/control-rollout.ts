import { writeAudit } from '../../db/audit.ts';
import { insertDecisions } from '../../db/decisions.ts';
import { closeDeployments } from '../../db/deployments.ts';
import { notifyWork } from '../../db/notify.ts';
import { approveRollout, lockRollout, type StoredRollout, setRolloutState } from '../../db/rollouts.ts';
import { inTenant, type Scope } from '../../db/scope.ts';
import { approveWave, listWaves, type StoredWave, setWaveState } from '../../db/waves.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';
import { controls, controlsOf, type RolloutControl, waveInTurn, wrongState } from './rollout-controls.ts';
import { startRollout } from './start-rollout.ts';

/** What a person asks of a rollout. The engine does the rest. @throws AppError `conflict` with the present state. */
export async function controlRollout(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: { id: string; control: RolloutControl; note?: string | undefined },
): Promise<void> {
  requirePermission(actor, 'rollouts:write');
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    const rollout = await lockRollout(scope, input.id);
    if (!rollout) throw notFound('rollout');
    const waves = await listWaves(scope, rollout.id);
    if (!controlsOf(rollout, waves).includes(input.control)) throw wrongState(rollout, waves, input.control);
    const at = deps.now();
    const about = await carryOut({ scope, actor, rollout, waves, at, note: input.note }, input.control);
    const message = [controls[input.control].message, about].filter(Boolean).join(' ');
    await insertDecisions(scope, actor, rollout.id, [
      { at, kind: input.control, message: input.note ? `${message}: ${input.note}` : message },
    ]);
    await writeAudit(
      scope,
      actor,
      `rollout.${input.control}`,
      { kind: 'rollout', id: rollout.id },
      input.note ? { note: input.note } : {},
    );
    await notifyWork(scope, { kind: 'rollouts', id: rollout.id });
  });
}

type Order = {
  scope: Scope;
  actor: Actor;
  rollout: StoredRollout;
  waves: readonly StoredWave[];
  at: Date;
  note: string | undefined;
};

/** Changes the rollout. Returns what the record says of it beside the name of the control. */
async function carryOut(order: Order, control: RolloutControl): Promise<string | null> {
  const { scope, rollout, at, note } = order;
  const reason = { code: 'operator', detail: note ?? controls[control].message };
  switch (control) {
    case 'start': {
      const state = await startRollout(scope, rollout, at);
      return state === 'running'
        ? null
        : state === 'scheduled'
          ? `at ${rollout.plan.startsAt}`
          : '; it waits for approval';
    }
    case 'pause':
      await setRolloutState(scope, rollout.id, 'paused', at, reason);
      return null;
    case 'resume':
      await reopenWave(order);
      await setRolloutState(scope, rollout.id, 'running', at, null);
      return null;
    case 'approve':
      return approve(order);
    case 'reject':
      await closeQueued(order, 'The rollout was not approved.');
      await setRolloutState(scope, rollout.id, 'rejected', at, reason);
      return null;
    case 'skip-wave':
      return skipWave(order);
    case 'finish':
      await closeQueued(order, 'The rollout was finished before this device was told to move.');
      await setRolloutState(scope, rollout.id, 'succeeded', at, null);
      return null;
    case 'abort':
      await setRolloutState(scope, rollout.id, 'aborting', at, null);
      return null;
    case 'roll-back':
      await setRolloutState(scope, rollout.id, 'rolling-back', at, reason);
      return null;
  }
}

/** Four eyes: the one who planned it cannot approve it, and a key is nobody. A wave may be approved by whoever may run rollouts. */
async function approve({ scope, actor, rollout, waves, at }: Order): Promise<string> {
  if (actor.kind !== 'user') throw forbidden('needs_person', 'Only a person can approve. An API key cannot.');
  if (rollout.state === 'pending-approval') {
    if (actor.userId === rollout.createdById)
      throw forbidden('four_eyes', 'You planned this rollout, so another person must approve it.');
    await approveRollout(scope, rollout.id, actor.userId, at);
    await startRollout(scope, { ...rollout, approvedById: actor.userId }, at);
    return 'the rollout';
  }
  const wave = waveInTurn(waves) ?? waves.at(-1);
  if (wave) await approveWave(scope, rollout.id, wave.position, actor.userId, at);
  await setRolloutState(scope, rollout.id, 'running', at, null);
  return wave?.name ?? 'the wave';
}

async function skipWave({ scope, rollout, waves, at }: Order): Promise<string> {
  const wave = waveInTurn(waves);
  if (!wave) return 'nothing';
  await setWaveState(scope, rollout.id, wave.position, 'skipped', at);
  if (rollout.stateReason?.code === 'approval') await setRolloutState(scope, rollout.id, 'running', at, null);
  return wave.name;
}

/** Resuming is a person's word: a failed wave is passed over, and a wave that waited for devices or data waits afresh. */
async function reopenWave({ scope, rollout, waves, at }: Order): Promise<void> {
  const wave = waves.find(({ state }) => state === 'failed' || state === 'rolling' || state === 'baking');
  if (wave) await setWaveState(scope, rollout.id, wave.position, wave.state === 'failed' ? 'skipped' : wave.state, at);
}

async function closeQueued({ scope, rollout, at }: Order, detail: string): Promise<void> {
  const reason = { code: 'rollout.ended', detail, retry: 'never' as const };
  await closeDeployments(scope, rollout.id, { state: 'queued' }, 'cancelled', at, reason);
}

function forbidden(reason: string, userMessage: string): AppError {
  return new AppError({ code: 'forbidden', reason, userMessage });
}
