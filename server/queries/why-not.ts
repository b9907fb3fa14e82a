import type { Reason } from '@flotilla/protocol';
import * as z from 'zod';
import { findDeviceRollouts } from '../db/device-rollouts.ts';
import { listMembers, type MemberRow } from '../db/rollout-counts.ts';
import { findDryRun } from '../db/rollout-dry-runs.ts';
import { loadRolloutView } from '../db/rollout-view.ts';
import { findRollout, type StoredRollout } from '../db/rollouts.ts';
import { forTenant, type Scope } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { notFound } from '../domain/errors.ts';
import { type Why, type WhyDetail, whyOf } from '../domain/rollout/why.ts';
import { type WhyCode, whySentences } from '../domain/rollout/why-sentences.ts';
import type { Deps } from '../services/deps.ts';

const whyCodes = Object.keys(whySentences) as [WhyCode, ...WhyCode[]];

export const WhyNotInput = z.object({
  id: z.uuid(),
  code: z.enum(whyCodes).optional(),
  after: z.uuid().optional().describe('The device that the page before ended with.'),
  limit: z.number().int().min(1).max(500).default(100),
});
export type WhyNotInput = z.infer<typeof WhyNotInput>;

export type WhyRow = Why & { deviceId: string; deviceName: string; wave: number | null };
export type WhyGroup = { code: WhyCode; sentence: string; devices: number; nextTryAt: Date | null };

/** Why the devices of a rollout stand where they stand: how many for each reason, and the devices of a page. Nobody is without a reason. */
export async function whyNot(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { id, code, after, limit }: WhyNotInput,
): Promise<{ groups: WhyGroup[]; items: WhyRow[]; nextAfter: string | null }> {
  requirePermission(actor, 'rollouts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const rollout = await findRollout(scope, id);
  if (!rollout) throw notFound('rollout');
  const rows = await reasonsOf(scope, rollout, deps.now());
  const chosen = rows.filter((row) => code === undefined || row.code === code);
  const from = after === undefined ? 0 : chosen.findIndex(({ deviceId }) => deviceId === after) + 1;
  const items = chosen.slice(from, from + limit);
  return {
    groups: groupsOf(rows),
    items,
    nextAfter: from + limit < chosen.length ? (items.at(-1)?.deviceId ?? null) : null,
  };
}

/** Why one device does not update: its newest rollout of each slot says it. */
export async function whyDevice(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { deviceId }: { deviceId: string },
): Promise<(WhyRow & { rolloutId: string; rolloutName: string; slot: string })[]> {
  requirePermission(actor, 'rollouts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const rollouts = await findDeviceRollouts(scope, deviceId);
  if (rollouts === null) throw notFound('device');
  const answers = await Promise.all(
    rollouts.map(async (rolloutId) => {
      const rollout = await findRollout(scope, rolloutId);
      const row = rollout && (await reasonsOf(scope, rollout, deps.now())).find((each) => each.deviceId === deviceId);
      return row ? [{ ...row, rolloutId, rolloutName: rollout.name, slot: rollout.slot }] : [];
    }),
  );
  return answers.flat();
}

async function reasonsOf(scope: Scope, rollout: StoredRollout, now: Date): Promise<WhyRow[]> {
  const [view, members, planned] = await Promise.all([
    loadRolloutView(scope, rollout, now),
    listMembers(scope, rollout.id),
    findDryRun(scope, rollout.id),
  ]);
  const why = whyOf(view, new Map(members.map((member) => [member.deploymentId, detailOf(member)])), now);
  const inside = members.flatMap(({ deploymentId, deviceId, deviceName, wavePosition }): WhyRow[] => {
    const answer = why.get(deploymentId);
    return answer ? [{ ...answer, deviceId, deviceName, wave: wavePosition }] : [];
  });
  const known = new Set(members.map(({ deviceId }) => deviceId));
  const outside = (planned?.devices ?? []).flatMap(({ deviceId, name: deviceName, verdict }): WhyRow[] => {
    if (known.has(deviceId) || verdict.kind === 'will-update') return [];
    const code = verdict.kind === 'incompatible' ? 'device.incompatible' : 'device.already_there';
    const evidence = verdict.kind === 'incompatible' ? verdict.reason : {};
    const since = planned?.at ?? rollout.createdAt;
    return [{ deviceId, deviceName, wave: null, code, sentence: whySentences[code], since, nextTryAt: null, evidence }];
  });
  return [...inside, ...outside];
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
