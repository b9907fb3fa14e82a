import type { Reason } from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import { insertDecisions, type NewDecision } from '../../db/decisions.ts';
import { closeDeployments, insertDeployments, listMoved, markNotified, supersedeOthers } from '../../db/deployments.ts';
import { notifyLive } from '../../db/notify.ts';
import { insertRollout, type StoredRollout, setRolloutState } from '../../db/rollouts.ts';
import type { Scope } from '../../db/scope.ts';
import { setWaveState } from '../../db/waves.ts';
import type { Actor } from '../../domain/access/actor.ts';
import { unreachable } from '../../domain/errors.ts';
import { describeDecision } from '../../domain/rollout/describe.ts';
import { desiredWindows } from '../../domain/rollout/desired-windows.ts';
import { rollbackPlan } from '../../domain/rollout/rollback-plan.ts';
import type { Decision } from '../../domain/rollout/step.ts';
import type { Deps } from '../deps.ts';
import { issueDesired } from '../devices/issue-desired.ts';

type EngineDeps = Pick<Deps, 'signer' | 'now' | 'telemetryWindowS'>;

/** Carries out the engine's decisions about one locked rollout, in the caller's transaction, and writes each into the rollout's record. */
export async function applyDecisions(
  deps: EngineDeps,
  scope: Scope,
  rollout: StoredRollout,
  decisions: readonly Decision[],
): Promise<void> {
  const engine: Actor = { kind: 'engine', organizationId: scope.organizationId };
  const written: NewDecision[] = [];
  for (const decision of decisions) {
    const at = deps.now();
    await applyOne(deps, scope, rollout, decision, at);
    const message = describeDecision(decision, rollout.plan);
    written.push({ at, kind: decision.kind, message, evidence: evidenceOf(decision) });
  }
  await insertDecisions(scope, engine, rollout.id, written);
}

async function applyOne(
  deps: EngineDeps,
  scope: Scope,
  rollout: StoredRollout,
  decision: Decision,
  at: Date,
): Promise<void> {
  switch (decision.kind) {
    case 'start':
      return setRolloutState(scope, rollout.id, 'running', at, null);
    case 'start-wave':
      return setWaveState(scope, rollout.id, decision.position, 'rolling', at);
    case 'bake-wave':
      return setWaveState(scope, rollout.id, decision.position, 'baking', at, decision.verdict);
    case 'pass-wave':
      return setWaveState(scope, rollout.id, decision.position, 'passed', at, decision.verdict);
    case 'skip-wave':
      return setWaveState(scope, rollout.id, decision.position, 'skipped', at, decision.verdict);
    case 'fail-wave':
      return setWaveState(scope, rollout.id, decision.position, 'failed', at, decision.verdict);
    case 'notify':
      return notify(deps, scope, rollout, decision.deploymentIds, at);
    case 'time-out':
      await closeDeployments(
        scope,
        rollout.id,
        { ids: decision.deploymentIds },
        'timed-out',
        at,
        timedOut(rollout, decision.why),
      );
      return;
    case 'mark-reverted':
      await closeDeployments(scope, rollout.id, { ids: decision.deploymentIds }, 'reverted', at, TAKEN_BACK);
      return;
    case 'abort':
      return setRolloutState(scope, rollout.id, 'aborting', at, {
        code: decision.why,
        detail: describeDecision(decision, rollout.plan),
      });
    case 'cancel-queued':
      await closeDeployments(scope, rollout.id, { state: 'queued' }, 'cancelled', at, NOT_STARTED);
      return;
    case 'pause':
      return setRolloutState(scope, rollout.id, 'paused', at, {
        code: decision.why,
        detail: describeDecision(decision, rollout.plan),
      });
    case 'roll-back':
      return setRolloutState(scope, rollout.id, 'rolling-back', at, {
        code: decision.why,
        detail: describeDecision(decision, rollout.plan),
      });
    case 'create-rollback':
      return createRollback(scope, rollout, at);
    case 'finish':
      return setRolloutState(scope, rollout.id, decision.state, at, rollout.stateReason);
    default:
      return unreachable(decision);
  }
}

const NOT_STARTED: Reason = {
  code: 'rollout.ended',
  detail: 'The rollout ended before this device was told to move.',
  retry: 'never',
};

const TAKEN_BACK: Reason = {
  code: 'rollout.rolled_back',
  detail: 'The rollout was taken back; the device serves again what it served before.',
  retry: 'never',
};

function timedOut({ plan }: StoredRollout, why: Extract<Decision, { kind: 'time-out' }>['why']): Reason {
  switch (why) {
    case 'deployment':
      return {
        code: 'rollout.timeout',
        detail: `The device did not finish within ${plan.timeoutS} s of being told.`,
        retry: 'never',
      };
    case 'step':
      return {
        code: 'rollout.step_timeout',
        detail: `The device stood in one step for more than ${plan.stepTimeoutS} s.`,
        retry: 'never',
      };
    case 'unreachable':
      return {
        code: 'rollout.unreachable',
        detail: `The device could not be reached within ${plan.offline.waitS} s of the start of its wave.`,
        retry: 'never',
      };
  }
}

async function notify(
  deps: EngineDeps,
  scope: Scope,
  { id, slot, plan }: StoredRollout,
  deploymentIds: string[],
  at: Date,
): Promise<void> {
  const told = await markNotified(scope, deploymentIds, at);
  await supersedeOthers(
    scope,
    id,
    slot,
    told.map(({ deviceId }) => deviceId),
    at,
  );
  await issueDesired(
    deps,
    scope,
    told.map((each) => ({
      deviceId: each.deviceId,
      slot,
      wanted: each.releaseId ? { deployment: each.id, releaseId: each.releaseId, ...desiredWindows(plan) } : null,
    })),
  );
}

/** A roll back is a rollout of its own, linked to the one it takes back: each device goes to what it served before. */
async function createRollback(scope: Scope, rollout: StoredRollout, at: Date): Promise<void> {
  const id = uuidv7();
  const plan = rollbackPlan(rollout.slot, rollout.plan.timeoutS);
  await insertRollout(scope, {
    id,
    name: `Roll back of ${rollout.name}`,
    slot: rollout.slot,
    releaseId: null,
    plan,
    state: 'draft',
    rollbackOfId: rollout.id,
    createdById: null,
  });
  const moved = await listMoved(scope, rollout.id);
  await insertDeployments(
    scope,
    id,
    rollout.slot,
    moved.map(({ deviceId, previousReleaseId }) => ({ wavePosition: 0, deviceId, releaseId: previousReleaseId })),
  );
  await setRolloutState(scope, id, 'running', at, null);
  await notifyLive(scope, 'rollout', id);
}

function evidenceOf(decision: Decision): object {
  const { kind: _, ...evidence } = decision;
  return 'deploymentIds' in evidence ? { devices: evidence.deploymentIds.length } : evidence;
}
