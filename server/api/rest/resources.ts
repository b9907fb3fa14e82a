import { Release } from '@flotilla/protocol';
import * as z from 'zod';
import type { StoredDecision } from '../../db/decisions.ts';
import type { StoredDeployment } from '../../db/deployments.ts';
import type { ModelVersion } from '../../db/models.ts';
import type { StoredRelease } from '../../db/releases.ts';
import { connectivities, healths, updates } from '../../domain/device/axes.ts';
import { OnnxFacts } from '../../domain/onnx/facts.ts';
import { RolloutPlan } from '../../domain/rollout/plan.ts';
import { deploymentStates, rolloutStates, waveStates } from '../../domain/rollout/states.ts';
import type { DeviceTableRow } from '../../queries/device-table.ts';
import type { RolloutListRow } from '../../queries/rollout-pages.ts';
import type { TokenView } from '../../services/enrollment/create-token.ts';

const Time = z.iso.datetime();
const Labels = z.record(z.string(), z.string());
const ReasonResource = z
  .object({
    code: z.string(),
    detail: z.string(),
    retry: z.enum(['never', 'later', 'now']),
    nextTryAt: Time.nullable(),
  })
  .nullable();

const time = (at: Date) => at.toISOString();
const timeOrNull = (at: Date | null) => at?.toISOString() ?? null;

const axis = <T extends readonly [string, ...string[]]>(values: T) =>
  z.object({ value: z.enum(values), since: Time.nullable() });

export const DeviceResource = z
  .object({
    id: z.uuid(),
    name: z.string(),
    labels: Labels,
    connectivity: axis(connectivities),
    health: axis(healths),
    update: axis(updates),
    lastHeardAt: Time.nullable(),
    serving: z
      .object({ releaseId: z.uuid(), model: z.string(), version: z.string(), since: Time.nullable() })
      .nullable(),
  })
  .meta({ id: 'Device' });

export function deviceResource({
  id,
  name,
  labels,
  status,
  lastHeardAt,
  serving,
}: Pick<DeviceTableRow, 'id' | 'name' | 'labels' | 'status' | 'lastHeardAt' | 'serving'>): z.input<
  typeof DeviceResource
> {
  const toAxis = <T>({ value, since }: { value: T; since: Date | null }) => ({ value, since: timeOrNull(since) });
  return {
    id,
    name,
    labels,
    connectivity: toAxis(status.connectivity),
    health: toAxis(status.health),
    update: toAxis(status.update),
    lastHeardAt: timeOrNull(lastHeardAt),
    serving: serving && {
      releaseId: serving.releaseId,
      model: serving.modelName,
      version: serving.version,
      since: timeOrNull(serving.since),
    },
  };
}

export const TokenResource = z
  .object({
    id: z.uuid(),
    name: z.string(),
    state: z.enum(['active', 'used-up', 'expired', 'revoked']),
    labels: Labels,
    maxUses: z.int(),
    uses: z.int(),
    expiresAt: Time,
    createdAt: Time,
  })
  .meta({ id: 'EnrollmentToken' });

export function tokenResource({
  id,
  name,
  state,
  labels,
  maxUses,
  uses,
  expiresAt,
  createdAt,
}: TokenView): z.input<typeof TokenResource> {
  return { id, name, state, labels, maxUses, uses, expiresAt: time(expiresAt), createdAt: time(createdAt) };
}

export const ModelResource = z
  .object({ id: z.uuid(), name: z.string(), description: z.string(), createdAt: Time })
  .meta({ id: 'Model' });

export function modelResource({
  id,
  name,
  description,
  createdAt,
}: {
  id: string;
  name: string;
  description: string;
  createdAt: Date;
}): z.input<typeof ModelResource> {
  return { id, name, description, createdAt: time(createdAt) };
}

export const VersionResource = z
  .object({
    id: z.uuid(),
    model: z.string(),
    version: z.string(),
    sha256: z.string(),
    sizeBytes: z.int(),
    notes: z.string(),
    createdAt: Time,
    facts: OnnxFacts.meta({ id: 'OnnxFacts' }),
    files: z.array(
      z.object({
        path: z.string(),
        role: z.enum(['model', 'external-data', 'labels', 'golden', 'reference']),
        sha256: z.string(),
        sizeBytes: z.int(),
      }),
    ),
  })
  .meta({ id: 'ModelVersion' });

export function versionResource({
  id,
  modelName,
  version,
  sha256,
  sizeBytes,
  notes,
  createdAt,
  facts,
  files,
}: ModelVersion): z.input<typeof VersionResource> {
  return { id, model: modelName, version, sha256, sizeBytes, notes, createdAt: time(createdAt), facts, files };
}

export const ReleaseResource = z
  .object({
    id: z.uuid(),
    model: z.string(),
    version: z.string(),
    createdAt: Time,
    document: Release.meta({ id: 'ReleaseDocument' }),
  })
  .meta({ id: 'Release' });

export function releaseResource({
  id,
  modelName,
  version,
  createdAt,
  document,
}: StoredRelease): z.input<typeof ReleaseResource> {
  return { id, model: modelName, version, createdAt: time(createdAt), document };
}

export const RolloutResource = z
  .object({
    id: z.uuid(),
    name: z.string(),
    state: z.enum(rolloutStates),
    stateSince: Time,
    stateReason: z.object({ code: z.string(), detail: z.string() }).nullable(),
    slot: z.string(),
    releaseId: z.uuid().nullable(),
    model: z.string().nullable(),
    version: z.string().nullable(),
    rollbackOfId: z.uuid().nullable(),
    plan: RolloutPlan.meta({ id: 'RolloutPlan' }),
    deployments: z.partialRecord(z.enum(deploymentStates), z.int()).meta({ description: 'Devices by state.' }),
    waves: z.array(
      z.object({
        name: z.string(),
        state: z.enum(waveStates),
        startedAt: Time.nullable(),
        bakingAt: Time.nullable(),
        finishedAt: Time.nullable(),
      }),
    ),
    createdAt: Time,
    startedAt: Time.nullable(),
    finishedAt: Time.nullable(),
  })
  .meta({ id: 'Rollout' });

export function rolloutResource(row: Omit<RolloutListRow, 'createdBy'>): z.input<typeof RolloutResource> {
  const { id, name, state, stateReason, slot, releaseId, release, rollbackOfId, plan, counts } = row;
  return {
    id,
    name,
    state,
    stateReason,
    slot,
    releaseId,
    rollbackOfId,
    plan,
    model: release?.modelName ?? null,
    version: release?.version ?? null,
    stateSince: time(row.stateSince),
    deployments: counts,
    waves: row.waves.map((wave) => ({
      name: wave.name,
      state: wave.state,
      startedAt: timeOrNull(wave.startedAt),
      bakingAt: timeOrNull(wave.bakingAt),
      finishedAt: timeOrNull(wave.finishedAt),
    })),
    createdAt: time(row.createdAt),
    startedAt: timeOrNull(row.startedAt),
    finishedAt: timeOrNull(row.finishedAt),
  };
}

export const DeploymentResource = z
  .object({
    id: z.uuid(),
    rolloutId: z.uuid(),
    wave: z.int(),
    deviceId: z.uuid(),
    device: z.string(),
    slot: z.string(),
    state: z.enum(deploymentStates),
    stateSince: Time,
    releaseId: z.uuid().nullable(),
    previousReleaseId: z.uuid().nullable(),
    reason: ReasonResource,
    attempts: z.int(),
    notifiedAt: Time.nullable(),
    finishedAt: Time.nullable(),
  })
  .meta({ id: 'Deployment' });

export function deploymentResource(row: StoredDeployment): z.input<typeof DeploymentResource> {
  const { id, rolloutId, deviceId, slot, state, releaseId, previousReleaseId, attempts, reason } = row;
  return {
    id,
    rolloutId,
    deviceId,
    slot,
    state,
    releaseId,
    previousReleaseId,
    attempts,
    wave: row.wavePosition,
    device: row.deviceName,
    stateSince: time(row.stateSince),
    reason: reason && {
      code: reason.code,
      detail: reason.detail,
      retry: reason.retry,
      nextTryAt: reason.nextTryAt === undefined ? null : new Date(reason.nextTryAt).toISOString(),
    },
    notifiedAt: timeOrNull(row.notifiedAt),
    finishedAt: timeOrNull(row.finishedAt),
  };
}

export const DecisionResource = z
  .object({
    id: z.uuid(),
    at: Time,
    actorKind: z.string(),
    kind: z.string(),
    message: z.string(),
    evidence: z.unknown(),
  })
  .meta({ id: 'RolloutDecision' });

export function decisionResource({
  id,
  at,
  actorKind,
  kind,
  message,
  evidence,
}: StoredDecision): z.input<typeof DecisionResource> {
  return { id, at: time(at), actorKind, kind, message, evidence };
}

/** A page of a list. `nextCursor` goes into `cursor` for the next one; null at the end. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(100).optional(),
});

/** One page of rows that are listed by id: a full one names its last row as the cursor of the next. */
export function pageById<Row extends { id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
): { status: 200; body: { items: Item[]; nextCursor: string | null } } {
  const nextCursor = rows.length === limit ? (rows.at(-1)?.id ?? null) : null;
  return { status: 200, body: { items: rows.map(toItem), nextCursor } };
}
