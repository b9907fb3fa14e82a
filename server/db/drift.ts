import type { ReferenceProfile } from '@flotilla/protocol';
import * as z from 'zod';
import type { HourSums } from '../domain/drift/hour-sums.ts';
import { emptyHour, HourSums as HourSumsSchema } from '../domain/drift/hour-sums.ts';
import { Judged, type Severity } from '../domain/drift/judge.ts';
import { Learning } from '../domain/drift/learn.ts';
import { binsOfProfile, type DriftKind, ReferenceBins } from '../domain/drift/reference.ts';
import { Watch } from '../domain/drift/watch.ts';
import { NIL_ID } from '../domain/telemetry/rollup.ts';
import type { Db } from './client.ts';
import { Prisma } from './generated/client.ts';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

export type ReferenceSource = 'registered' | 'samples' | 'golden' | 'learned';

export type StoredReference = {
  versionId: string;
  source: ReferenceSource;
  registered: ReferenceBins[];
  learned: ReferenceBins[];
  learnedFrom: Date | null;
  learnedAt: Date | null;
  /** Null when nothing is being learned. */
  learning: Learning | null;
  learnHours: number;
  revision: number;
  updatedAt: Date;
};

export async function findReference(scope: Scope, versionId: string): Promise<StoredReference | null> {
  return (await findReferences(scope, [versionId])).get(versionId) ?? null;
}

export async function findReferences(
  { tx, organizationId }: Scope,
  versionIds: readonly string[],
): Promise<Map<string, StoredReference>> {
  const rows = await tx.versionReference.findMany({ where: { organizationId, versionId: { in: [...versionIds] } } });
  return new Map(
    rows.map(({ organizationId: _, profile, learned, learning, source, ...row }) => [
      row.versionId,
      {
        ...row,
        source: source as ReferenceSource,
        registered: profile === null ? [] : binsOfProfile(profile as ReferenceProfile),
        learned: z.array(ReferenceBins).parse(learned ?? []),
        learning: learning === null ? null : Learning.parse(learning),
      },
    ]),
  );
}

export async function insertReference(
  { tx, organizationId }: Scope,
  {
    versionId,
    source,
    profile,
    learning,
    learnHours,
    now,
  }: {
    versionId: string;
    source: ReferenceSource;
    profile: ReferenceProfile | null;
    learning: Learning | null;
    learnHours: number;
    now: Date;
  },
): Promise<void> {
  await tx.versionReference.create({
    data: {
      organizationId,
      versionId,
      source,
      learnHours,
      updatedAt: now,
      ...(profile ? { profile: asJson(profile) } : {}),
      ...(learning ? { learning: asJson(learning) } : {}),
    },
  });
}

/** Writes what was learned, or is being learned. A new revision when what is compared with changed. */
export async function saveLearning(
  { tx, organizationId }: Scope,
  {
    versionId,
    learned,
    learning,
    learnedFrom,
    learnHours,
    isNew,
    now,
  }: {
    versionId: string;
    learned: readonly ReferenceBins[] | null;
    learning: Learning | null;
    learnedFrom: Date | null;
    learnHours: number;
    isNew: boolean;
    now: Date;
  },
): Promise<void> {
  await tx.versionReference.updateMany({
    where: { organizationId, versionId },
    data: {
      learned: learned ? (learned as Prisma.InputJsonArray) : Prisma.DbNull,
      learning: learning ? asJson(learning) : Prisma.DbNull,
      learnedFrom,
      learnedAt: learned ? now : null,
      learnHours,
      updatedAt: now,
      ...(isNew ? { revision: { increment: 1 } } : {}),
    },
  });
}

export type DueHour = {
  organizationId: string;
  versionId: string;
  deviceId: string;
  slot: string;
  hourAt: Date;
  sums: HourSums;
};

/** An hour whose counts grew beyond what can be read says nothing: one device's numbers keep no other organization's hours from being judged. */
const ReadableHour = HourSumsSchema.catch(emptyHour);

/** Hours that ended before `before` and were not judged yet, oldest first; without those for which something waits to be added. */
export async function findDueHours(db: Db, before: Date, limit: number): Promise<DueHour[]> {
  const rows = await db.$queryRaw<(Omit<DueHour, 'sums'> & { sums: unknown })[]>`
    SELECT organization_id AS "organizationId", version_id AS "versionId", device_id AS "deviceId", slot, hour_at AS "hourAt", sums
    FROM monitoring_hour h WHERE NOT judged AND hour_at < ${before}::timestamptz - interval '1 hour'
      AND NOT EXISTS (SELECT FROM telemetry_added a WHERE a.organization_id = h.organization_id AND a.device_id = h.device_id
        AND a.version_id = h.version_id AND a.slot = h.slot AND date_bin('1 hour', a.bucket_at, '2000-01-01Z') = h.hour_at)
    ORDER BY hour_at LIMIT ${limit}`;
  return rows.map((row) => ({ ...row, sums: ReadableHour.parse(row.sums) }));
}

type HourKey = Omit<DueHour, 'sums' | 'organizationId'>;

export async function markJudged({ tx, organizationId }: Scope, hours: readonly HourKey[]): Promise<void> {
  await tx.$executeRaw`UPDATE monitoring_hour h SET judged = true
    FROM unnest(${hours.map(({ versionId }) => versionId)}::uuid[], ${hours.map(({ deviceId }) => deviceId)}::uuid[],
      ${hours.map(({ slot }) => slot)}::text[], ${hours.map(({ hourAt }) => hourAt)}::timestamptz[]) AS g (v, d, s, at)
    WHERE h.organization_id = ${organizationId}::uuid AND h.version_id = g.v AND h.device_id = g.d AND h.slot = g.s AND h.hour_at = g.at`;
}

/** `deviceId` of zeros is the fleet. */
export type WatchKey = { versionId: string; deviceId: string; slot: string };
export type StoredWatch = WatchKey & { revision: number; watch: Watch; judgedAt: Date | null };

export async function findWatches(
  { tx, organizationId }: Scope,
  filter: { versionIds: readonly string[]; deviceIds?: readonly string[] },
): Promise<StoredWatch[]> {
  const rows = await tx.driftWatch.findMany({
    where: {
      organizationId,
      versionId: { in: [...filter.versionIds] },
      ...(filter.deviceIds ? { deviceId: { in: [...filter.deviceIds] } } : {}),
    },
  });
  return rows.map(({ versionId, deviceId, slot, revision, watch, judgedAt }) => ({
    versionId,
    deviceId,
    slot,
    revision,
    judgedAt,
    watch: Watch.parse(watch),
  }));
}

export async function saveWatch({ tx, organizationId }: Scope, stored: StoredWatch, now: Date): Promise<void> {
  const { versionId, deviceId, slot, revision, judgedAt } = stored;
  const key = { organizationId, versionId, deviceId, slot };
  const data = { revision, judgedAt, watch: asJson(stored.watch), updatedAt: now };
  await tx.driftWatch.upsert({
    where: { organizationId_versionId_deviceId_slot: key },
    create: { ...key, ...data },
    update: data,
  });
}

export type DriftFinding = {
  id: string;
  versionId: string;
  /** Null: the whole fleet. */
  deviceId: string | null;
  slot: string;
  kind: DriftKind;
  feature: string;
  severity: Severity;
  /** Jensen–Shannon distance, net of chance, of the windows it was found in. */
  effect: number;
  numbers: Judged;
  since: Date;
  openedAt: Date;
  updatedAt: Date;
  closedAt: Date | null;
  closedBy: 'over' | 'reference' | null;
};

export type FindingFilter = {
  isOpen?: boolean | undefined;
  versionIds?: readonly string[] | undefined;
  /** Null: of the fleet. */
  deviceId?: string | null | undefined;
  /** Of any of these; zeros are the fleet. */
  deviceIds?: readonly string[] | undefined;
  /** What was still open then. */
  openAt?: Date | undefined;
  before?: string | undefined;
  limit: number;
};

/** Drift that was found, newest first. Alerts read the open ones. */
export async function listDriftFindings({ tx, organizationId }: Scope, filter: FindingFilter): Promise<DriftFinding[]> {
  const rows = await tx.driftFinding.findMany({
    where: {
      organizationId,
      ...(filter.isOpen === undefined ? {} : { closedAt: filter.isOpen ? null : { not: null } }),
      ...(filter.versionIds ? { versionId: { in: [...filter.versionIds] } } : {}),
      ...(filter.deviceId === undefined ? {} : { deviceId: filter.deviceId ?? NIL_ID }),
      ...(filter.deviceIds ? { deviceId: { in: [...filter.deviceIds] } } : {}),
      ...(filter.openAt ? { OR: [{ closedAt: null }, { closedAt: { gte: filter.openAt } }] } : {}),
      ...(filter.before ? { id: { lt: filter.before } } : {}),
    },
    orderBy: { id: 'desc' },
    take: filter.limit,
  });
  return rows.map(({ organizationId: _, deviceId, numbers, kind, severity, closedBy, ...row }) => ({
    ...row,
    deviceId: deviceId === NIL_ID ? null : deviceId,
    kind: kind as DriftKind,
    severity: severity as Severity,
    closedBy: closedBy as DriftFinding['closedBy'],
    numbers: Judged.parse(numbers),
  }));
}

export type OpenFinding = WatchKey &
  Pick<DriftFinding, 'kind' | 'feature' | 'severity' | 'effect' | 'numbers' | 'since'>;

/** Opens a finding, or brings the open one up to date; since when it drifts stays. */
export async function saveFinding({ tx, organizationId }: Scope, finding: OpenFinding, now: Date): Promise<void> {
  const { versionId, deviceId, slot, kind, feature, severity, effect, numbers, since } = finding;
  await tx.$executeRaw`
    INSERT INTO drift_finding (organization_id, version_id, device_id, slot, kind, feature, severity, effect, numbers, since, opened_at, updated_at)
    VALUES (${organizationId}::uuid, ${versionId}::uuid, ${deviceId}::uuid, ${slot}, ${kind}, ${feature}, ${severity}, ${effect},
      ${JSON.stringify(numbers)}::jsonb, ${since}::timestamptz, ${now}::timestamptz, ${now}::timestamptz)
    ON CONFLICT (organization_id, version_id, device_id, slot, kind, feature) WHERE closed_at IS NULL
    DO UPDATE SET severity = excluded.severity, effect = excluded.effect, numbers = excluded.numbers, updated_at = excluded.updated_at`;
}

/** Closes open findings: of these features, or all of the key when none are named, or of the version when only that is. */
export async function closeFindings(
  { tx, organizationId }: Scope,
  key: { versionId: string; deviceId?: string; slot?: string; kind?: DriftKind; feature?: string },
  closedBy: NonNullable<DriftFinding['closedBy']>,
  now: Date,
): Promise<number> {
  const { count } = await tx.driftFinding.updateMany({
    where: { organizationId, closedAt: null, ...key },
    data: { closedAt: now, updatedAt: now, closedBy },
  });
  return count;
}
