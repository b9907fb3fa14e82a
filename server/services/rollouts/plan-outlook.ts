import { loadBefore } from '../../db/gate-samples.ts';
import type { RolloutTarget } from '../../db/rollout-targets.ts';
import type { Scope } from '../../db/scope.ts';
import type { DryRunDevice } from '../../domain/rollout/dry-run.ts';
import { type GateOutlook, type OutlookDevice, outlookOf } from '../../domain/rollout/gates/outlook.ts';
import { hardwareClassOf } from '../../domain/rollout/hardware-class.ts';
import type { RolloutPlan } from '../../domain/rollout/plan.ts';
import type { Deps } from '../deps.ts';

/** Devices of a wave whose telemetry is counted: as many as its gates would read. */
const MAX_READ = 100;

/** What the gates of the first wave that moves a device would have to compare with, if it began now. */
export async function planOutlook(
  deps: Pick<Deps, 'now' | 'telemetryWindowS'>,
  scope: Scope,
  plan: RolloutPlan,
  devices: readonly DryRunDevice[],
  targets: readonly RolloutTarget[],
): Promise<GateOutlook[]> {
  const waveOf = new Map(devices.map(({ deviceId, verdict }) => [deviceId, 'wave' in verdict ? verdict.wave : null]));
  const reachable = new Set(
    devices.flatMap(({ deviceId, connectivity }) => (connectivity === 'online' ? deviceId : [])),
  );
  const wave = [...waveOf.values()].reduce<number | null>(
    (first, each) => (each === null || (first !== null && first <= each) ? first : each),
    null,
  );
  if (wave === null) return [];
  const metrics = (plan.waves[wave]?.bake.gates ?? []).flatMap(({ compare, metric }) =>
    compare === 'absolute' ? [] : metric,
  );
  const own = targets.filter(({ deviceId }) => waveOf.get(deviceId) === wave).slice(0, MAX_READ);
  if (metrics.length === 0 || own.every(({ servingReleaseId }) => servingReleaseId === null)) return [];
  const now = deps.now();
  const deviceIds = own.map(({ deviceId }) => deviceId);
  const before = await loadBefore(scope, { deviceIds, slot: plan.slot, metrics, now });
  const known = ({ deviceId, facts, servingReleaseId }: RolloutTarget): OutlookDevice => ({
    hardwareClass: hardwareClassOf(facts),
    isNew: servingReleaseId === null,
    isReachable: reachable.has(deviceId),
    before: before.get(deviceId) ?? null,
  });
  const later = targets.filter(({ deviceId }) => (waveOf.get(deviceId) ?? wave) > wave);
  return outlookOf(plan, {
    wave,
    devices: own.map(known),
    later: later.map(known),
    windowS: deps.telemetryWindowS,
    now,
  });
}
