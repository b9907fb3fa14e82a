import type { Release } from '@flotilla/protocol';
import { type Connectivity, connectivityOf } from '../device/axes.ts';
import type { KnownFacts } from '../device/facts.ts';
import { type Incompatibility, incompatibilityOf } from '../release/compatibility.ts';
import type { RolloutPlan } from './plan.ts';
import { assignWaves } from './waves.ts';

export type DryRunTarget = {
  deviceId: string;
  name: string;
  online: boolean;
  lastHeardAt: Date | null;
  facts: KnownFacts;
  servingReleaseId: string | null;
};

export type DryRunVerdict =
  | { kind: 'will-update'; wave: number }
  | { kind: 'already-there' }
  | { kind: 'incompatible'; reason: Incompatibility };

export type DryRunDevice = {
  deviceId: string;
  name: string;
  connectivity: Connectivity;
  lastHeardAt: Date | null;
  verdict: DryRunVerdict;
  downloadBytes: number;
};

/** What a plan would do to each device. Dark devices keep their place in a wave: they are told when they come back. */
export function dryRun(
  plan: RolloutPlan,
  release: Release,
  targets: readonly DryRunTarget[],
  now: Date,
): DryRunDevice[] {
  const reasons = new Map(targets.map((target) => [target.deviceId, incompatibilityOf(target.facts, release)]));
  const movable = targets.filter(
    (target) => reasons.get(target.deviceId) === null && target.servingReleaseId !== release.id,
  );
  const waveOf = new Map<string, number>();
  const members = movable.map((target) => ({ ...target, isReachable: connectivityOf(target, now) === 'online' }));
  for (const [wave, deviceIds] of assignWaves(plan, members).entries())
    for (const id of deviceIds) waveOf.set(id, wave);
  const sizeBytes = release.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return targets.map((target) => {
    const reason = reasons.get(target.deviceId);
    const wave = waveOf.get(target.deviceId);
    const verdict: DryRunVerdict = reason
      ? { kind: 'incompatible', reason }
      : wave === undefined
        ? { kind: 'already-there' }
        : { kind: 'will-update', wave };
    const { deviceId, name, lastHeardAt } = target;
    return {
      deviceId,
      name,
      connectivity: connectivityOf(target, now),
      lastHeardAt,
      verdict,
      downloadBytes: verdict.kind === 'will-update' ? sizeBytes : 0,
    };
  });
}
