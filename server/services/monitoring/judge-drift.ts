import {
  closeFindings,
  type DriftFinding,
  type DueHour,
  findDueHours,
  findReferences,
  findWatches,
  insertReference,
  listDriftFindings,
  markJudged,
  type StoredReference,
  type StoredWatch,
  saveFinding,
  saveLearning,
  saveWatch,
} from '../../db/drift.ts';
import { inTenant, type Scope } from '../../db/scope.ts';
import { severityOf } from '../../domain/drift/judge.ts';
import { LEARN_HOURS, learnHour, newLearning } from '../../domain/drift/learn.ts';
import { combinedBins } from '../../domain/drift/reference.ts';
import { driftsOf, isOver, newWatch, takeHour } from '../../domain/drift/watch.ts';
import { NIL_ID } from '../../domain/telemetry/rollup.ts';
import type { Deps } from '../deps.ts';

/** After the end of an hour, time for what devices still hold of it. */
const GRACE_MS = 5 * 60_000;

/** Hours of devices that one look takes. */
const AT_ONCE = 500;

/** Open findings of the versions of one look; beyond it a finding may stay open one look longer. */
const MAX_OPEN = 10_000;

/**
 * Takes the hours that have ended into what is learned and watched, and opens and closes findings: each hour once, in one transaction with
 * what came of it. Returns how many it took. @throws AggregateError when it failed for an organization; the others are done.
 */
export async function judgeDrift(deps: Pick<Deps, 'db' | 'now'>): Promise<number> {
  const now = deps.now();
  const due = await findDueHours(deps.db, new Date(now.getTime() - GRACE_MS), AT_ONCE);
  const failures: unknown[] = [];
  for (const [organizationId, hours] of Map.groupBy(due, (hour) => hour.organizationId)) {
    try {
      await inTenant(deps.db, organizationId, (scope) => judgeHours(scope, hours, now));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'drift could not be judged for some organizations');
  return due.length;
}

async function judgeHours(scope: Scope, hours: readonly DueHour[], now: Date): Promise<void> {
  const versionIds = [...new Set(hours.map(({ versionId }) => versionId))];
  const references = await referencesOf(scope, versionIds, now);
  const deviceIds = [...new Set(hours.map(({ deviceId }) => deviceId))];
  const watches = new Map((await findWatches(scope, { versionIds, deviceIds })).map((watch) => [nameOf(watch), watch]));
  const open = await listDriftFindings(scope, { isOpen: true, versionIds, limit: MAX_OPEN });
  const touched = new Set<StoredWatch>();
  // The fleet's hour first: it may complete what the devices' hours are compared with.
  const ordered = hours.toSorted(
    (a, b) => a.hourAt.getTime() - b.hourAt.getTime() || Number(b.deviceId === NIL_ID) - Number(a.deviceId === NIL_ID),
  );
  for (const hour of ordered) {
    let reference = references.get(hour.versionId);
    if (!reference) continue;
    if (hour.deviceId === NIL_ID && reference.learning) {
      reference = await learn(scope, reference, hour, now);
      references.set(hour.versionId, reference);
    }
    const watch = watchOf(watches, hour, reference.revision);
    if (await judgeHour(scope, watch, hour, reference, open, now)) touched.add(watch);
  }
  for (const watch of touched) await saveWatch(scope, watch, now);
  await markJudged(scope, hours);
}

/** A version that was registered without a reference learns its own, from its first hours. */
async function referencesOf(
  scope: Scope,
  versionIds: readonly string[],
  now: Date,
): Promise<Map<string, StoredReference>> {
  const before = await findReferences(scope, versionIds);
  const missing = versionIds.filter((id) => !before.has(id));
  for (const versionId of missing)
    await insertReference(scope, {
      versionId,
      source: 'learned',
      profile: null,
      learning: newLearning(),
      learnHours: LEARN_HOURS,
      now,
    });
  return missing.length === 0 ? before : findReferences(scope, versionIds);
}

async function learn(scope: Scope, reference: StoredReference, hour: DueHour, now: Date): Promise<StoredReference> {
  if (!reference.learning) return reference;
  const { versionId, learnHours } = reference;
  const { learning, learned } = learnHour(
    reference.learning,
    { atMs: hour.hourAt.getTime(), sums: hour.sums },
    learnHours,
  );
  const learnedFrom = learning.fromMs === null ? null : new Date(learning.fromMs);
  const next = learned ? null : learning;
  await saveLearning(scope, {
    versionId,
    learned,
    learning: next,
    learnedFrom,
    learnHours,
    isNew: learned !== null,
    now,
  });
  if (!learned) return { ...reference, learning: next, learnedFrom };
  return { ...reference, learning: null, learned, learnedFrom, learnedAt: now, revision: reference.revision + 1 };
}

/** What was judged by another reference counts no more. */
function watchOf(watches: Map<string, StoredWatch>, hour: DueHour, revision: number): StoredWatch {
  const found = watches.get(nameOf(hour));
  if (found?.revision === revision) return found;
  const { versionId, deviceId, slot } = hour;
  const fresh = { versionId, deviceId, slot, revision, watch: newWatch, judgedAt: null };
  watches.set(nameOf(hour), fresh);
  return fresh;
}

/** Changes `watch`; false when there is nothing to compare with yet. */
async function judgeHour(
  scope: Scope,
  watch: StoredWatch,
  hour: DueHour,
  reference: StoredReference,
  open: readonly DriftFinding[],
  now: Date,
): Promise<boolean> {
  const bins = combinedBins(reference.registered, reference.learned).map((each) => each.bins);
  if (bins.length === 0) return false;
  const step = takeHour(watch.watch, { atMs: hour.hourAt.getTime(), sums: hour.sums }, bins);
  watch.watch = step.watch;
  if (!step.isJudged) return true;
  watch.judgedAt = now;
  const { versionId, deviceId, slot } = watch;
  for (const { kind, name, effect, last, sinceMs } of driftsOf(step.watch, bins))
    await saveFinding(
      scope,
      {
        versionId,
        deviceId,
        slot,
        kind,
        feature: name,
        effect,
        severity: severityOf(effect),
        numbers: last,
        since: new Date(sinceMs),
      },
      now,
    );
  const ours = open.filter(
    (each) => each.versionId === versionId && (each.deviceId ?? NIL_ID) === deviceId && each.slot === slot,
  );
  for (const { kind, feature } of ours)
    if (isOver(step.watch, kind, feature))
      await closeFindings(scope, { versionId, deviceId, slot, kind, feature }, 'over', now);
  return true;
}

function nameOf({ versionId, deviceId, slot }: Pick<StoredWatch, 'versionId' | 'deviceId' | 'slot'>): string {
  return `${versionId}/${deviceId}/${slot}`;
}
