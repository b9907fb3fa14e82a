import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { insertDecisions, type NewDecision } from '../../db/decisions.ts';
import { insertDeployments } from '../../db/deployments.ts';
import { notifyWork } from '../../db/notify.ts';
import { insertDryRun } from '../../db/rollout-dry-runs.ts';
import { insertRollout } from '../../db/rollouts.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, actorId, requirePermission } from '../../domain/access/actor.ts';
import { AppError } from '../../domain/errors.ts';
import type { DryRunDevice } from '../../domain/rollout/dry-run.ts';
import type { RolloutState } from '../../domain/rollout/states.ts';
import type { Deps } from '../deps.ts';
import { PlanRollout, planRollout } from './plan-rollout.ts';
import { startRollout } from './start-rollout.ts';

export const CreateRollout = PlanRollout.extend({
  name: z.string().trim().min(1).max(120).optional(),
  /** Start at once; else it stays a draft. */
  start: z.boolean().default(false),
});
export type CreateRollout = z.infer<typeof CreateRollout>;

/**
 * Plans a rollout and gives every device that will move its wave.
 * @throws AppError `invalid` when the selector holds no device, or none that the release fits or would change.
 */
export async function createRollout(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: CreateRollout,
): Promise<{ id: string }> {
  requirePermission(actor, 'rollouts:write');
  const { release, ...planned } = await planRollout(deps, actor, input);
  const { devices } = planned;
  const moving = devices.flatMap(({ deviceId, verdict }) =>
    verdict.kind === 'will-update' ? [{ deviceId, wave: verdict.wave }] : [],
  );
  if (moving.length === 0) throw nothingToMove(input.plan.selector, devices);
  const id = uuidv7();
  const name = input.name ?? `${release.modelName} ${release.version}`;
  const { plan, releaseId } = input;
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    await insertRollout(scope, {
      id,
      name,
      slot: plan.slot,
      releaseId,
      plan,
      state: 'draft',
      rollbackOfId: null,
      createdById: actor.kind === 'user' ? actorId(actor) : null,
    });
    await insertDeployments(
      scope,
      id,
      plan.slot,
      moving.map(({ deviceId, wave }) => ({ wavePosition: wave, deviceId, releaseId })),
    );
    await insertDryRun(scope, id, planned);
    const counted = `${moving.length.toLocaleString('en-US')} of ${devices.length.toLocaleString('en-US')}`;
    const decisions: NewDecision[] = [
      { at: deps.now(), kind: 'create', message: `Planned for ${counted} selected devices` },
    ];
    if (input.start) {
      const state = await startRollout(scope, { id, plan, approvedById: null, state: 'draft' }, deps.now());
      decisions.push({ at: deps.now(), kind: 'start', message: startMessage[state] ?? state });
      await notifyWork(scope, { kind: 'rollouts', id });
    }
    await insertDecisions(scope, actor, id, decisions);
    await writeAudit(
      scope,
      actor,
      'rollout.create',
      { kind: 'rollout', id },
      { name, releaseId, devices: moving.length, started: input.start },
    );
  });
  return { id };
}

const startMessage: Partial<Record<RolloutState, string>> = {
  running: 'Started the rollout',
  scheduled: 'Started the rollout; it begins at its time',
  'pending-approval': 'Started the rollout; it waits for the approval of another person',
};

function nothingToMove(selector: string, devices: readonly DryRunDevice[]): AppError {
  const [first] = devices;
  if (!first) {
    return new AppError({
      code: 'invalid',
      reason: 'no_devices',
      userMessage:
        selector === ''
          ? 'There is no device to move yet. Enroll one first.'
          : `No device matches "${selector}". Check the labels, or enroll devices with them.`,
      fields: [{ pointer: '/plan/selector', message: 'selects no device' }],
    });
  }
  const incompatible = devices.filter(({ verdict }) => verdict.kind === 'incompatible');
  const detail = incompatible[0]?.verdict.kind === 'incompatible' ? incompatible[0].verdict.reason.detail : '';
  return new AppError({
    code: 'invalid',
    reason: incompatible.length > 0 ? 'no_compatible_device' : 'already_there',
    userMessage:
      incompatible.length > 0
        ? `The release fits none of the ${devices.length} selected devices that do not serve it yet. ${first.name}: ${detail}`
        : `All ${devices.length} selected devices serve this release already.`,
  });
}
