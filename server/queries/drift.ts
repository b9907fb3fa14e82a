import * as z from 'zod';
import { listHours } from '../db/accuracy.ts';
import {
  type DriftFinding,
  findReference,
  findWatches,
  listDriftFindings,
  type ReferenceSource,
  type StoredReference,
  type StoredWatch,
} from '../db/drift.ts';
import { findVersion } from '../db/models.ts';
import { forTenant } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { sharesOf, totalOf } from '../domain/drift/distances.ts';
import { type Judged, MIN_SAMPLES } from '../domain/drift/judge.ts';
import { LEARN_SAMPLES } from '../domain/drift/learn.ts';
import { combinedBins, type DriftKind, type ReferenceBins } from '../domain/drift/reference.ts';
import { notFound } from '../domain/errors.ts';
import { NIL_ID } from '../domain/telemetry/rollup.ts';
import type { Deps } from '../services/deps.ts';

/** Past findings that a page shows. */
const MAX_FINDINGS = 20;
const MAX_OPEN = 200;

/** How far back an hour that was not judged yet is counted as gathering. */
const GATHERING_MS = 24 * 3_600_000;

export const DriftInput = z.object({
  model: z.string().max(64),
  version: z.string().max(64),
  /** Absent: the whole fleet. */
  deviceId: z.uuid().optional(),
  slot: z.string().max(32).optional(),
});
export type DriftInput = z.infer<typeof DriftInput>;

/** `drifting`: found, and not over. `off`: unlike the reference in the last window alone. `few`: too few samples in it. */
export type FeatureState = 'drifting' | 'off' | 'steady' | 'few';

export type FeatureDrift = {
  kind: DriftKind;
  name: string;
  state: FeatureState;
  isLearned: boolean;
  /** Edges between the bins; null where bins are classes. Shares have one element more: what is missing comes last. */
  edges: number[] | null;
  referenceShares: number[];
  /** Null when the last window had too few. */
  currentShares: number[] | null;
  numbers: Omit<Judged, 'counts'> | null;
  finding: DriftFinding | null;
};

export type DriftView = {
  reference: {
    source: ReferenceSource;
    samples: number;
    learnedFrom: Date | null;
    learnedAt: Date | null;
    /** What is being learned, and how much of it is there. */
    learning: { hours: number; needHours: number; samples: number; needSamples: number } | null;
    canReset: boolean;
  } | null;
  slot: string | null;
  /** The last window that was judged. */
  window: { from: Date; to: Date } | null;
  judgedAt: Date | null;
  /** Samples that were counted since, and how many a window needs. */
  gathering: { samples: number; needed: number };
  /** Those that drift first, then by effect. */
  features: FeatureDrift[];
  /** Findings that are over, newest first. */
  past: DriftFinding[];
};

export async function driftView(deps: Pick<Deps, 'db' | 'now'>, actor: Actor, input: DriftInput): Promise<DriftView> {
  requirePermission(actor, 'telemetry:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const version = await findVersion(scope, input.model, input.version);
  if (!version) throw notFound('version');
  const deviceId = input.deviceId ?? null;
  const now = deps.now();
  const [reference, watches, open, past] = await Promise.all([
    findReference(scope, version.id),
    findWatches(scope, { versionIds: [version.id], deviceIds: [deviceId ?? NIL_ID] }),
    listDriftFindings(scope, { versionIds: [version.id], deviceId, isOpen: true, limit: MAX_OPEN }),
    listDriftFindings(scope, { versionIds: [version.id], deviceId, isOpen: false, limit: MAX_FINDINGS }),
  ]);
  const watch = newest(watches.filter(({ slot }) => input.slot === undefined || slot === input.slot));
  const isCurrent = watch !== undefined && watch.revision === reference?.revision;
  const window = isCurrent ? watch.watch.windows.at(-1) : undefined;
  const hours = await listHours(scope, {
    versionId: version.id,
    deviceId,
    slot: input.slot ?? watch?.slot,
    from: new Date(Math.max(window?.toMs ?? 0, now.getTime() - GATHERING_MS)),
    to: now,
  });
  const features = (reference ? combinedBins(reference.registered, reference.learned) : []).map(({ bins, isLearned }) =>
    featureOf(
      bins,
      isLearned,
      window?.features ?? [],
      open.filter(({ slot }) => slot === watch?.slot),
    ),
  );
  return {
    reference: reference && referenceView(reference),
    slot: watch?.slot ?? null,
    window: window ? { from: new Date(window.fromMs), to: new Date(window.toMs) } : null,
    judgedAt: watch?.judgedAt ?? null,
    gathering: { samples: hours.reduce((sum, { sums }) => sum + sums.inferences, 0), needed: MIN_SAMPLES },
    features: features.sort(
      (a, b) =>
        Number(b.state === 'drifting') - Number(a.state === 'drifting') ||
        (b.numbers?.effect ?? -1) - (a.numbers?.effect ?? -1),
    ),
    past,
  };
}

function featureOf(
  bins: ReferenceBins,
  isLearned: boolean,
  judged: readonly Judged[],
  open: readonly DriftFinding[],
): FeatureDrift {
  const last = judged.find(({ kind, name }) => kind === bins.kind && name === bins.name);
  const finding = open.find(({ kind, feature }) => kind === bins.kind && feature === bins.name) ?? null;
  const { counts, ...numbers } = last ?? { counts: null };
  return {
    kind: bins.kind,
    name: bins.name,
    state: finding ? 'drifting' : last ? (last.isOff ? 'off' : 'steady') : 'few',
    isLearned,
    edges: bins.edges,
    referenceShares: sharesOf(bins.counts),
    currentShares: counts && sharesOf(counts),
    numbers: last ? (numbers as Omit<Judged, 'counts'>) : null,
    finding,
  };
}

function referenceView({
  source,
  registered,
  learned,
  learning,
  learnHours,
  learnedFrom,
  learnedAt,
}: StoredReference): NonNullable<DriftView['reference']> {
  const sizes = [...registered, ...learned].map(({ counts }) => totalOf(counts));
  return {
    source,
    learnedFrom,
    learnedAt,
    samples: Math.max(0, ...sizes),
    learning: learning && {
      hours: learning.hours,
      needHours: learnHours,
      samples: learning.sums.inferences,
      needSamples: LEARN_SAMPLES,
    },
    canReset: learning !== null || learned.length > 0,
  };
}

function newest(watches: readonly StoredWatch[]): StoredWatch | undefined {
  return watches.toSorted((a, b) => (b.judgedAt?.getTime() ?? 0) - (a.judgedAt?.getTime() ?? 0))[0];
}

export const DriftFindingsInput = z.object({
  isOpen: z.boolean().optional(),
  cursor: z.uuid().optional(),
  limit: z.number().int().min(1).max(200).default(50),
});

/** Drift over the whole organization, newest first: what alerts and the overview read. */
export function driftFindings(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  { isOpen, cursor, limit }: z.infer<typeof DriftFindingsInput>,
): Promise<DriftFinding[]> {
  requirePermission(actor, 'telemetry:read');
  return listDriftFindings(forTenant(deps.db, actor.organizationId), { isOpen, before: cursor, limit });
}
