import type { Release } from '@flotilla/protocol';
import { type Connectivity, connectivityOf, type Listening } from '../device/axes.ts';
import { type Incompatibility, incompatibilityOf } from '../release/compatibility.ts';
import type { RolloutPlan } from './plan.ts';
import { assignWaves } from './waves.ts';
import { windowAt } from './windows.ts';

export type DryRunTarget = {
  deviceId: string;
  name: string;
  online: boolean;
  lastHeardAt: Date | null;
  facts: Parameters<typeof incompatibilityOf>[0];
  servingReleaseId: string | null;
  labels?: Readonly<Record<string, string>>;
  /** Digests of the files that the device has already. */
  held?: ReadonlySet<string>;
  /** Until when the device keeps the release in its penalty box. */
  penaltyUntil?: Date | null;
};

/** What keeps a device from being told when its wave begins, and until when, where a clock knows it. */
export type Blocked = {
  code: 'device.offline' | 'penalty.box' | 'window.download' | 'rollout.scheduled';
  until: Date | null;
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
  blocked: Blocked | null;
};

/** What a plan would do to each device. Dark devices keep their place in a wave: they are told when they come back. */
export function dryRun(
  plan: RolloutPlan,
  release: Release,
  targets: readonly DryRunTarget[],
  now: Date,
  listening: Listening | null = null,
): DryRunDevice[] {
  const reasons = new Map(targets.map((target) => [target.deviceId, incompatibilityOf(target.facts, release)]));
  const connectivity = (target: DryRunTarget) => connectivityOf(target, now, listening);
  const movable = targets.filter(
    (target) => reasons.get(target.deviceId) === null && target.servingReleaseId !== release.id,
  );
  const waveOf = new Map<string, number>();
  const members = movable.map((target) => ({ ...target, isReachable: connectivity(target) === 'online' }));
  for (const [wave, deviceIds] of assignWaves(plan, members).entries())
    for (const id of deviceIds) waveOf.set(id, wave);
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
      connectivity: connectivity(target),
      lastHeardAt,
      verdict,
      downloadBytes: verdict.kind === 'will-update' ? bytesFor(target, release) : 0,
      blocked: verdict.kind === 'will-update' ? blockedBy(plan, target, connectivity(target), now) : null,
    };
  });
}

/** What the device has to fetch: files that it holds for what it serves now are not fetched again. */
function bytesFor({ held }: DryRunTarget, { files }: Release): number {
  return files.filter(({ sha256 }) => !held?.has(sha256)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function blockedBy(
  plan: RolloutPlan,
  { penaltyUntil }: DryRunTarget,
  connectivity: Connectivity,
  now: Date,
): Blocked | null {
  if (connectivity !== 'online') return { code: 'device.offline', until: null };
  if (penaltyUntil && penaltyUntil > now) return { code: 'penalty.box', until: penaltyUntil };
  const startsAt = plan.startsAt === null ? now : new Date(plan.startsAt);
  if (startsAt > now) return { code: 'rollout.scheduled', until: startsAt };
  const window = plan.windows.download && windowAt(plan.windows.download, now);
  return window && !window.isOpen ? { code: 'window.download', until: window.opensAt } : null;
}
