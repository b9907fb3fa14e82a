import * as z from 'zod';
import type { Overlap } from '../db/rollout-dry-runs.ts';
import type { Actor } from '../domain/access/actor.ts';
import type { DryRunDevice } from '../domain/rollout/dry-run.ts';
import { type DryRunGroup, type DryRunSummary, groupDryRun } from '../domain/rollout/dry-run-groups.ts';
import type { Estimate } from '../domain/rollout/estimate.ts';
import type { GateOutlook } from '../domain/rollout/gates/outlook.ts';
import type { Deps } from '../services/deps.ts';
import { PlanRollout, planRollout, planWithOutlook } from '../services/rollouts/plan-rollout.ts';

/** Devices shown of each group before somebody asks for more. */
const FIRST_DEVICES = 8;

type WithoutDevices<T> = T extends DryRunGroup ? Omit<T, 'devices'> : never;

export type PreviewGroup = WithoutDevices<DryRunGroup> & { count: number; first: DryRunDevice[] };

export type RolloutPreview = Omit<DryRunSummary, 'groups'> & {
  at: Date;
  groups: PreviewGroup[];
  /** Devices that the selector holds. */
  selected: number;
  estimate: Estimate;
  overlaps: Overlap[];
  /** What the gates of the first wave would have to compare with. */
  outlook: GateOutlook[];
};

/** What a plan would do, in counts and the first devices of each group: as small for ten thousand devices as for ten. */
export async function rolloutPreview(
  deps: Pick<Deps, 'db' | 'now' | 'telemetryWindowS'>,
  actor: Actor,
  input: PlanRollout,
): Promise<RolloutPreview> {
  const { devices, at, estimate, overlaps, outlook } = await planWithOutlook(deps, actor, input);
  const { groups, ...summary } = groupDryRun(devices, input.plan.waves.length);
  return {
    ...summary,
    at,
    estimate,
    overlaps,
    outlook,
    selected: devices.length,
    groups: groups.map(({ devices: all, ...group }) => ({
      ...group,
      count: all.length,
      first: all.slice(0, FIRST_DEVICES),
    })),
  };
}

export const PreviewDevicesInput = PlanRollout.extend({
  /** A group's key. */
  group: z.string().max(2000),
  cursor: z.number().int().min(0).max(1_000_000).default(0),
  limit: z.number().int().min(1).max(500).default(100),
});
export type PreviewDevicesInput = z.infer<typeof PreviewDevicesInput>;

/** The devices of one group by page, in order of name. `next` is where the next page begins; null after the last. */
export async function previewDevices(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { group, cursor, limit, ...input }: PreviewDevicesInput,
): Promise<{ items: DryRunDevice[]; next: number | null }> {
  const { devices } = await planRollout(deps, actor, input);
  const all = groupDryRun(devices, input.plan.waves.length).groups.find(({ key }) => key === group)?.devices ?? [];
  return { items: all.slice(cursor, cursor + limit), next: cursor + limit < all.length ? cursor + limit : null };
}
