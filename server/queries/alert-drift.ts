import { listHours } from '../db/accuracy.ts';
import { findAlert, listMembers, type StoredMember } from '../db/alerts-open.ts';
import { listVersionNames } from '../db/alerts-versions.ts';
import { type DriftFinding, findReferences, listDriftFindings } from '../db/drift.ts';
import { forTenant, type Scope } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { MIN_EFFECT } from '../domain/drift/judge.ts';
import { combinedBins } from '../domain/drift/reference.ts';
import { HOUR_MS, type JudgedWindow, windowsOf } from '../domain/drift/watch.ts';
import { notFound } from '../domain/errors.ts';
import { alignDown } from '../domain/telemetry/range.ts';
import { NIL_ID } from '../domain/telemetry/rollup.ts';
import type { Deps } from '../services/deps.ts';

/** Distributions that are drawn: of each member the one that drifts most, then their others. */
const MAX_LINES = 8;

/** Members whose drift is read; those that fired first. */
const MAX_MEMBERS = 50;
const MAX_FINDINGS = 500;

/** Shown before the drift began and after the alert was over. */
const AROUND_MS = 6 * HOUR_MS;

/** The longest stretch: of an alert that goes on, its last days. All counts of an hour are read for each of its points. */
const MAX_SHOWN_MS = 72 * HOUR_MS;

export type DriftLine = Pick<
  DriftFinding,
  'id' | 'kind' | 'feature' | 'severity' | 'effect' | 'numbers' | 'since' | 'closedAt'
> & {
  /** Who it was found on, by name, and the version it serves. */
  subject: string;
  version: string;
  /** Jensen–Shannon distance, net of chance, of the window that each hour was judged in. */
  points: { t: number; value: number | null; n: number }[];
};

export type AlertDrift = {
  from: number;
  to: number;
  stepMs: number;
  /** From this distance on it is drift. */
  limit: number;
  members: number;
  lines: DriftLine[];
  /** What drifted beyond what is drawn. */
  hidden: number;
};

/**
 * What a rule on drift saw: how far each distribution that drifted was from its reference, hour by hour. Null for rules that look at something
 * else. @throws AppError `not_found`
 */
export async function alertDrift(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { alertId }: { alertId: string },
): Promise<AlertDrift | null> {
  requirePermission(actor, 'alerts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const alert = await findAlert(scope, alertId);
  if (!alert) throw notFound('alert');
  if (alert.condition.kind !== 'drift') return null;
  const members = await listMembers(scope, alertId, MAX_MEMBERS);
  const byDevice = new Map(members.map((member, at) => [deviceOf(member), { name: member.name, at }]));
  const [found, versionNames] = await Promise.all([
    listDriftFindings(scope, {
      versionIds: [...new Set(members.flatMap(({ evidence }) => evidence.versionIds))],
      deviceIds: [...byDevice.keys()],
      openAt: alert.firedAt,
      limit: MAX_FINDINGS,
    }),
    listVersionNames(scope),
  ]);
  const drawn = mostOfEach(found, (finding) => byDevice.get(finding.deviceId ?? NIL_ID)?.at ?? 0).slice(0, MAX_LINES);
  const now = deps.now().getTime();
  const began = Math.min(alert.firedAt.getTime(), ...drawn.map(({ since }) => since.getTime()));
  const to = Math.min(now, (alert.resolvedAt?.getTime() ?? now) + AROUND_MS);
  const from = alignDown(new Date(Math.max(began - AROUND_MS, to - MAX_SHOWN_MS)), HOUR_MS);
  const judged = await judgedWindows(scope, drawn, { from, to: new Date(to) });
  const lines = drawn.map((finding): DriftLine => {
    const { id, kind, feature, severity, effect, numbers, since, closedAt } = finding;
    const version = versionNames.get(finding.versionId) ?? '';
    return {
      ...{ id, kind, feature, severity, effect, numbers, since, closedAt, version },
      subject: finding.deviceId === null ? version : (byDevice.get(finding.deviceId)?.name ?? ''),
      points: pointsOf(judged.get(watchOf(finding)) ?? [], finding),
    };
  });
  return {
    ...{ from: from.getTime(), to, stepMs: HOUR_MS, limit: MIN_EFFECT, lines },
    members: members.length,
    hidden: found.length - drawn.length,
  };
}

function deviceOf({ subjectKind, subjectId }: StoredMember): string {
  return subjectKind === 'device' ? subjectId : NIL_ID;
}

function watchOf({ versionId, deviceId, slot }: DriftFinding): string {
  return `${versionId}/${deviceId ?? NIL_ID}/${slot}`;
}

/** Of each member what drifts most, then what drifts second, so that no member hides the others. */
function mostOfEach(found: readonly DriftFinding[], memberOf: (finding: DriftFinding) => number): DriftFinding[] {
  const byMember = Map.groupBy(found, memberOf);
  return [...byMember]
    .flatMap(([member, findings]) =>
      findings.toSorted((a, b) => b.effect - a.effect).map((finding, rank) => ({ finding, member, rank })),
    )
    .toSorted((a, b) => a.rank - b.rank || a.member - b.member)
    .map(({ finding }) => finding);
}

/** The hours of what is drawn, judged again as they were: by the reference that holds now, joined from the first hour shown on. */
async function judgedWindows(
  scope: Scope,
  drawn: readonly DriftFinding[],
  range: { from: Date; to: Date },
): Promise<Map<string, JudgedWindow[]>> {
  const references = await findReferences(scope, [...new Set(drawn.map(({ versionId }) => versionId))]);
  const judged = new Map<string, JudgedWindow[]>();
  for (const finding of drawn) {
    const { versionId, deviceId, slot } = finding;
    const [key, reference] = [watchOf(finding), references.get(versionId)];
    if (judged.has(key) || !reference) continue;
    const hours = await listHours(scope, { versionId, deviceId, slot, ...range });
    const bins = combinedBins(reference.registered, reference.learned).map((each) => each.bins);
    const over = hours.map(({ hourAt, sums }) => ({ atMs: hourAt.getTime(), sums }));
    judged.set(key, windowsOf(over, bins));
  }
  return judged;
}

/** Every hour of a window has what the window was judged by. */
function pointsOf(windows: readonly JudgedWindow[], { kind, feature }: DriftFinding): DriftLine['points'] {
  return windows.flatMap(({ fromMs, toMs, features }) => {
    const { effect = null, n = 0 } = features.find((each) => each.kind === kind && each.name === feature) ?? {};
    const hours = Math.round((toMs - fromMs) / HOUR_MS);
    return Array.from({ length: hours }, (_, hour) => ({ t: fromMs + hour * HOUR_MS, value: effect, n }));
  });
}
