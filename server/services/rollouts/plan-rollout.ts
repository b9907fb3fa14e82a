import * as z from 'zod';
import { findListening } from '../../db/listening.ts';
import { findRelease, findReleases, type StoredRelease } from '../../db/releases.ts';
import { findOverlaps, type StoredDryRun } from '../../db/rollout-dry-runs.ts';
import { findTargets } from '../../db/rollout-targets.ts';
import { forTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import { type DryRunDevice, dryRun } from '../../domain/rollout/dry-run.ts';
import { estimatePlan } from '../../domain/rollout/estimate.ts';
import type { GateOutlook } from '../../domain/rollout/gates/outlook.ts';
import { RolloutPlan } from '../../domain/rollout/plan.ts';
import type { Deps } from '../deps.ts';
import { planOutlook } from './plan-outlook.ts';

export const PlanRollout = z.object({ releaseId: z.uuid(), plan: RolloutPlan });
export type PlanRollout = z.infer<typeof PlanRollout>;

type Planned = StoredDryRun & { release: StoredRelease };

/** What a rollout would do to every device it selects, how long it would take, and which rollouts it would meet; changes nothing. */
export async function planRollout(deps: Pick<Deps, 'db' | 'now'>, actor: Actor, input: PlanRollout): Promise<Planned> {
  return (await planFor(deps, actor, input)).planned;
}

/** The same, with what the first gates would have to compare with. */
export async function planWithOutlook(
  deps: Pick<Deps, 'db' | 'now' | 'telemetryWindowS'>,
  actor: Actor,
  input: PlanRollout,
): Promise<Planned & { outlook: GateOutlook[] }> {
  const { planned, targets, scope } = await planFor(deps, actor, input);
  return { ...planned, outlook: await planOutlook(deps, scope, input.plan, planned.devices, targets) };
}

async function planFor(deps: Pick<Deps, 'db' | 'now'>, actor: Actor, { releaseId, plan }: PlanRollout) {
  requirePermission(actor, 'rollouts:read');
  requireTimes(plan, deps.now());
  const scope = forTenant(deps.db, actor.organizationId);
  const release = await findRelease(scope, releaseId);
  if (!release) throw notFound('release');
  const withLabels = plan.waves.some(({ size }) => 'selector' in size);
  const targets = await findTargets(scope, plan.selector, plan.slot, { withLabels });
  const serving = new Set(targets.flatMap(({ servingReleaseId }) => servingReleaseId ?? []));
  const held = new Map(
    (await findReleases(scope, [...serving])).map(({ id, document }) => [
      id,
      new Set(document.files.map(({ sha256 }) => sha256)),
    ]),
  );
  const at = deps.now();
  const devices = dryRun(
    plan,
    release.document,
    targets.map(({ penalty, ...target }) => ({
      ...target,
      held: held.get(target.servingReleaseId ?? '') ?? new Set(),
      penaltyUntil: penalty?.releaseId === releaseId ? penalty.until : null,
    })),
    at,
    await findListening(scope.tx),
  );
  const moving = devices.filter(({ verdict }) => verdict.kind === 'will-update');
  const overlaps = await findOverlaps(
    scope,
    plan.slot,
    moving.map(({ deviceId }) => deviceId),
  );
  const most = Math.max(0, ...moving.map(({ downloadBytes }) => downloadBytes));
  const estimate = estimatePlan(plan, sizesOf(plan, devices), most, at);
  return { planned: { release, at, devices, overlaps, estimate }, targets, scope };
}

function sizesOf({ waves }: RolloutPlan, devices: readonly DryRunDevice[]): number[] {
  const sizes = waves.map(() => 0);
  for (const { verdict } of devices)
    if (verdict.kind === 'will-update') sizes[verdict.wave] = (sizes[verdict.wave] ?? 0) + 1;
  return sizes;
}

/** A rollout that would be over before it begins is a slip of the pen. */
function requireTimes({ startsAt, mustEndBy }: RolloutPlan, now: Date): void {
  if (mustEndBy === null) return;
  const begins = Math.max(now.getTime(), startsAt === null ? 0 : new Date(startsAt).getTime());
  if (new Date(mustEndBy.at).getTime() > begins) return;
  const userMessage = 'The rollout must end before it begins. Choose a later end.';
  throw new AppError({
    code: 'invalid',
    reason: 'must_end_by',
    userMessage,
    fields: [{ pointer: '/plan/mustEndBy/at', message: userMessage }],
  });
}
