import type { Reason } from '@flotilla/protocol';
import * as z from 'zod';
import { findDeviceRollouts } from '../db/device-rollouts.ts';
import { findListening } from '../db/listening.ts';
import { type MemberRow, readForBoth } from '../db/rollout-counts.ts';
import { findLeftOut } from '../db/rollout-dry-runs.ts';
import { loadRolloutView } from '../db/rollout-view.ts';
import { findRollout, type StoredRollout } from '../db/rollouts.ts';
import { forTenant, type Scope } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { type Connectivity, connectivityOf, type Listening } from '../domain/device/axes.ts';
import { notFound } from '../domain/errors.ts';
import { type DeviceKind, deviceKindOf, deviceKinds } from '../domain/rollout/device-kinds.ts';
import type { DeploymentState } from '../domain/rollout/states.ts';
import { type Why, type WhyDetail, whyOf } from '../domain/rollout/why.ts';
import { type WhyCode, whySentences } from '../domain/rollout/why-sentences.ts';
import type { Deps } from '../services/deps.ts';

const whyCodes = Object.keys(whySentences) as [WhyCode, ...WhyCode[]];

export const WhyNotInput = z.object({
  id: z.uuid(),
  code: z.enum(whyCodes).optional(),
  kind: z.enum(deviceKinds).optional().describe('Only devices that stand like this.'),
  wave: z.coerce.number().int().min(0).max(49).optional().describe('Only devices of this wave; the first is 0.'),
  q: z.string().trim().max(100).optional().describe('Only devices with this in their name.'),
  after: z.uuid().optional().describe('The device that the page before ended with.'),
  limit: z.number().int().min(1).max(500).default(100),
});
export type WhyNotInput = z.infer<typeof WhyNotInput>;

export type WhyRow = Why & {
  deviceId: string;
  deviceName: string;
  wave: number | null;
  /** Null for a device that has no part in it: the release does not fit it, or it served it before. */
  part: {
    kind: DeviceKind;
    state: DeploymentState;
    stateSince: Date;
    connectivity: Connectivity;
    lastHeardAt: Date | null;
    bytes: number | null;
    totalBytes: number | null;
  } | null;
};
export type WhyGroup = { code: WhyCode; sentence: string; devices: number; nextTryAt: Date | null };

/**
 * Why the devices of a rollout stand where they stand: how many for each reason, and the devices of a page, those that most need a look
 * first. Nobody is without a reason. `groups` counts what the filters leave, but for the one on the reason.
 */
export async function whyNot(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { id, after, limit, ...filter }: WhyNotInput,
): Promise<{ groups: WhyGroup[]; items: WhyRow[]; total: number; nextAfter: string | null }> {
  requirePermission(actor, 'rollouts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const rollout = await findRollout(scope, id);
  if (!rollout) throw notFound('rollout');
  const rows = (await reasonsOf(scope, rollout, deps.now())).filter((row) => isMeant(row, filter));
  const { code } = filter;
  const chosen = rows.filter((row) => code === undefined || row.code === code).sort(worstFirst);
  const from = after === undefined ? 0 : chosen.findIndex(({ deviceId }) => deviceId === after) + 1;
  const items = chosen.slice(from, from + limit);
  return {
    groups: groupsOf(rows),
    items,
    total: chosen.length,
    nextAfter: from + limit < chosen.length ? (items.at(-1)?.deviceId ?? null) : null,
  };
}

function isMeant(row: WhyRow, { kind, wave, q }: Pick<WhyNotInput, 'kind' | 'wave' | 'q'>): boolean {
  return (
    (kind === undefined || row.part?.kind === kind) &&
    (wave === undefined || row.wave === wave) &&
    (!q || row.deviceName.toLowerCase().includes(q.toLowerCase()))
  );
}

function worstFirst(a: WhyRow, b: WhyRow): number {
  const rank = ({ part }: WhyRow) => (part ? deviceKinds.indexOf(part.kind) : deviceKinds.length);
  return (
    rank(a) - rank(b) ||
    (a.wave ?? Number.POSITIVE_INFINITY) - (b.wave ?? Number.POSITIVE_INFINITY) ||
    (a.deviceName < b.deviceName ? -1 : 1)
  );
}

/** Why a device stands where it stands, in one slot. */
export type DeviceReason = WhyRow & { rolloutId: string; rolloutName: string; slot: string };

/** Why one device does not update: its newest rollout of each slot says it. */
export async function whyDevice(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { deviceId }: { deviceId: string },
): Promise<DeviceReason[]> {
  requirePermission(actor, 'rollouts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const rollouts = await findDeviceRollouts(scope, deviceId);
  if (rollouts === null) throw notFound('device');
  const answers = await Promise.all(
    rollouts.map(async (rolloutId) => {
      const rollout = await findRollout(scope, rolloutId);
      const row = rollout && (await reasonOf(scope, rollout, deviceId, deps.now()));
      return row ? [{ ...row, rolloutId, rolloutName: rollout.name, slot: rollout.slot }] : [];
    }),
  );
  return answers.flat();
}

/**
 * What limits share out is shared by all devices of a rollout: they are all looked at when this one waits for its share, and only then.
 */
async function reasonOf(
  scope: Scope,
  rollout: StoredRollout,
  deviceId: string,
  now: Date,
): Promise<WhyRow | undefined> {
  const { rate, concurrency, budget } = rollout.plan;
  const [alone] = await reasonsOf(scope, rollout, now, deviceId);
  const isShared = rate !== null || concurrency !== null || budget !== null;
  if (!isShared || alone?.code !== 'engine.next') return alone;
  return (await reasonsOf(scope, rollout, now)).find((each) => each.deviceId === deviceId);
}

/** Of all devices, or of one as if it were alone. */
async function reasonsOf(scope: Scope, rollout: StoredRollout, now: Date, deviceId?: string): Promise<WhyRow[]> {
  const [{ members: read, rows: members }, leftOut, listening] = await Promise.all([
    readForBoth(scope, rollout.id, deviceId),
    findLeftOut(scope, rollout.id, deviceId),
    findListening(scope.tx),
  ]);
  const view = await loadRolloutView(scope, rollout, now, { withSamples: false, members: read });
  const why = whyOf(view, new Map(members.map((member) => [member.deploymentId, detailOf(member)])), now);
  const inside = members.flatMap((member): WhyRow[] => {
    const { deploymentId, deviceId, deviceName, wavePosition } = member;
    const answer = why.get(deploymentId);
    return answer
      ? [{ ...answer, deviceId, deviceName, wave: wavePosition, part: partOf(member, now, listening) }]
      : [];
  });
  const known = new Set(members.map(({ deviceId }) => deviceId));
  const outside = (leftOut?.devices ?? []).flatMap(({ deviceId, name: deviceName, verdict }): WhyRow[] => {
    if (known.has(deviceId)) return [];
    const code: WhyCode = verdict.kind === 'incompatible' ? 'device.incompatible' : 'device.already_there';
    const evidence = verdict.kind === 'incompatible' ? verdict.reason : {};
    const since = leftOut?.at ?? rollout.createdAt;
    const answer = { code, sentence: whySentences[code], since, nextTryAt: null, evidence };
    return [{ ...answer, deviceId, deviceName, wave: null, part: null }];
  });
  return [...inside, ...outside];
}

function partOf(member: MemberRow, now: Date, listening: Listening | null): NonNullable<WhyRow['part']> {
  const { state, stateSince, lastHeardAt, bytes, totalBytes } = member;
  const connectivity = connectivityOf(member, now, listening);
  const kind = deviceKindOf(state, connectivity === 'online');
  return { kind, state, stateSince, connectivity, lastHeardAt, bytes, totalBytes };
}

function detailOf({ lastHeardAt, reasonCode, reasonDetail, nextTryAt, bytes, totalBytes }: MemberRow): WhyDetail {
  const reason: Reason | null =
    reasonCode === null
      ? null
      : { code: reasonCode, detail: reasonDetail ?? '', retry: 'later', ...(nextTryAt === null ? {} : { nextTryAt }) };
  return { lastHeardAt, reason, progress: bytes === null || totalBytes === null ? null : { bytes, totalBytes } };
}

/** Most devices first; the soonest next try of each. */
function groupsOf(rows: readonly WhyRow[]): WhyGroup[] {
  return [...Map.groupBy(rows, ({ code }) => code)]
    .map(([code, all]) => ({
      code,
      sentence: whySentences[code],
      devices: all.length,
      nextTryAt: all.flatMap(({ nextTryAt }) => nextTryAt ?? []).reduce<Date | null>(earlier, null),
    }))
    .sort((a, b) => b.devices - a.devices);
}

function earlier(a: Date | null, b: Date): Date {
  return a !== null && a < b ? a : b;
}
