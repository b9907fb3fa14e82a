import { OnnxFacts } from '../domain/onnx/facts.ts';
import type { Scope } from './scope.ts';

export type VersionFile = {
  path: string;
  role: 'model' | 'external-data' | 'labels' | 'golden' | 'reference';
  sha256: string;
  sizeBytes: number;
};

export type ModelVersion = {
  id: string;
  modelId: string;
  modelName: string;
  version: string;
  sha256: string;
  sizeBytes: number;
  facts: OnnxFacts;
  notes: string;
  createdAt: Date;
  files: VersionFile[];
};

export type Model = { id: string; name: string; description: string; createdAt: Date };

const withFiles = { model: true, files: { include: { artifact: true }, orderBy: { path: 'asc' } } } as const;

export async function findModel(scope: Scope, name: string): Promise<Model | null> {
  const { tx, organizationId } = scope;
  return tx.model.findUnique({
    where: { organizationId_name: { organizationId, name } },
    omit: { organizationId: true },
  });
}

/** The model of that name, made when it is missing. */
export async function ensureModel({ tx, organizationId }: Scope, name: string): Promise<Model> {
  return tx.model.upsert({
    where: { organizationId_name: { organizationId, name } },
    create: { organizationId, name },
    update: {},
    omit: { organizationId: true },
  });
}

export async function insertModel({ tx, organizationId }: Scope, name: string, description: string): Promise<Model> {
  return tx.model.create({ data: { organizationId, name, description }, omit: { organizationId: true } });
}

export type NewVersion = {
  modelId: string;
  version: string;
  sha256: string;
  sizeBytes: number;
  facts: OnnxFacts;
  notes: string;
  createdById: string | null;
  files: VersionFile[];
};

/** Writes a version, its files, and the artifacts that this organization now has. */
export async function insertVersion({ tx, organizationId }: Scope, { files, ...version }: NewVersion): Promise<string> {
  await tx.artifact.createMany({
    data: files.map(({ sha256, sizeBytes }) => ({ organizationId, sha256, sizeBytes })),
    skipDuplicates: true,
  });
  const { id } = await tx.modelVersion.create({ data: { organizationId, ...version } });
  await tx.versionFile.createMany({
    data: files.map(({ path, role, sha256 }) => ({ organizationId, versionId: id, path, role, sha256 })),
  });
  return id;
}

export async function findVersion(scope: Scope, model: string, version: string): Promise<ModelVersion | null> {
  const { tx, organizationId } = scope;
  const row = await tx.modelVersion.findFirst({
    where: { organizationId, version, model: { name: model } },
    include: withFiles,
  });
  return row ? toVersion(row) : null;
}

/** All versions of a model, newest first. */
export async function listVersions({ tx, organizationId }: Scope, model: string): Promise<ModelVersion[]> {
  const rows = await tx.modelVersion.findMany({
    where: { organizationId, model: { name: model } },
    include: withFiles,
    orderBy: { createdAt: 'desc' },
    take: MAX_VERSIONS,
  });
  return rows.map(toVersion);
}

/** Versions of one model that a page shows. */
const MAX_VERSIONS = 500;

type VersionRow = {
  id: string;
  modelId: string;
  version: string;
  sha256: string;
  sizeBytes: bigint;
  facts: unknown;
  notes: string;
  createdAt: Date;
  model: { name: string };
  files: { path: string; role: string; sha256: string; artifact: { sizeBytes: bigint } }[];
};

function toVersion(row: VersionRow): ModelVersion {
  const { id, modelId, version, sha256, notes, createdAt } = row;
  const files = row.files.map((file) => ({
    path: file.path,
    role: file.role as VersionFile['role'],
    sha256: file.sha256,
    sizeBytes: Number(file.artifact.sizeBytes),
  }));
  return {
    id,
    modelId,
    modelName: row.model.name,
    version,
    sha256,
    sizeBytes: Number(row.sizeBytes),
    facts: OnnxFacts.parse(row.facts),
    notes,
    createdAt,
    files,
  };
}

export type VersionName = { id: string; modelName: string; version: string };

/** Versions by model and newest first; all of them, or those of `ids`. */
export async function listVersionNames({ tx, organizationId }: Scope, ids?: readonly string[]): Promise<VersionName[]> {
  const rows = await tx.modelVersion.findMany({
    where: { organizationId, ...(ids && { id: { in: [...ids] } }) },
    select: { id: true, version: true, model: { select: { name: true } } },
    orderBy: [{ model: { name: 'asc' } }, { createdAt: 'desc' }],
  });
  return rows.map(({ model, ...row }) => ({ ...row, modelName: model.name }));
}
