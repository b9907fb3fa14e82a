import * as z from 'zod';
import { loadFleetSamples } from '../../db/gate-samples.ts';
import { findTargets } from '../../db/rollout-targets.ts';
import { forTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { defaultGates } from '../../domain/rollout/gates/default-gates.ts';
import { fleetVariance } from '../../domain/rollout/gates/fleet-variance.ts';
import { type PowerPlan, planPower } from '../../domain/rollout/gates/plan-power.ts';
import type { Deps } from '../deps.ts';

export const PowerInput = z.object({
  selector: z.string().max(1000).default(''),
  slot: z.string().max(63).default('default'),
  metric: z
    .enum(['latency_p50', 'latency_p95', 'latency_p99', 'energy_mj', 'power_w', 'rss_mb'])
    .default('latency_p95'),
  /** The regression that must be found, and how likely. */
  regressionPercent: z.coerce.number().gt(0).max(1_000).default(20),
  powerPercent: z.coerce.number().min(50).max(99).default(90),
  /** The gate's limit as a ratio: only what goes beyond it can be found. */
  limit: z.coerce.number().min(0.1).max(10).default(1),
});
export type PowerInput = z.infer<typeof PowerInput>;

export type PowerAnswer = {
  /** What this fleet showed; standard deviations in percent. Without a measured device the usual change is an assumption. */
  measured: { devices: number; usualChangePercent: number; windowPercent: number };
  targets: number;
  /** Fewer canaries bake longer; empty when no bake within a day shows it on the targets there are. */
  plans: PowerPlan[];
};

/** Devices whose telemetry is read: their variance is known well enough from so many. */
const MAX_MEASURED = 100;

/** The longest bake that is worth a plan. */
const MAX_BAKE_S = 86_400;

/** How many canaries, and how long a bake, find a regression on this fleet's own variance. Changes nothing. */
export async function planCanaries(
  deps: Pick<Deps, 'db' | 'now' | 'telemetryWindowS'>,
  actor: Actor,
  { selector, slot, metric, regressionPercent, powerPercent, limit }: PowerInput,
): Promise<PowerAnswer> {
  requirePermission(actor, 'rollouts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const targets = await findTargets(scope, selector, slot);
  const deviceIds = targets.map(({ deviceId }) => deviceId);
  const samples = await loadFleetSamples(scope, { deviceIds, slot, metric, now: deps.now(), most: MAX_MEASURED });
  const fleet = fleetVariance(metric, samples);
  const plans = planPower(fleet, {
    effect: Math.log((1 + regressionPercent / 100) / limit),
    power: powerPercent / 100,
    gates: defaultGates.length,
    windowS: deps.telemetryWindowS,
    maxDevices: targets.length,
    maxWindows: MAX_BAKE_S / deps.telemetryWindowS,
  });
  const measured = {
    devices: fleet.devices,
    usualChangePercent: percentOf(fleet.betweenVariance),
    windowPercent: percentOf(fleet.withinVariance),
  };
  return { measured, targets: targets.length, plans };
}

/** The standard deviation of a logarithm as a change in percent, to a tenth. */
function percentOf(variance: number): number {
  return Math.round(1_000 * (Math.exp(Math.sqrt(variance)) - 1)) / 10;
}
