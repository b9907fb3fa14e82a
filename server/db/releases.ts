import { Release } from '@flotilla/protocol';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

export type StoredRelease = {
  id: string;
  versionId: string;
  modelName: string;
  version: string;
  document: Release;
  createdAt: Date;
};

const withVersion = { version: { include: { model: true } } } as const;

export async function findRelease({ tx, organizationId }: Scope, id: string): Promise<StoredRelease | null> {
  const row = await tx.release.findUnique({
    where: { organizationId_id: { organizationId, id } },
    include: withVersion,
  });
  return row ? toRelease(row) : null;
}

export async function findReleases({ tx, organizationId }: Scope, ids: readonly string[]): Promise<StoredRelease[]> {
  const rows = await tx.release.findMany({
    where: { organizationId, id: { in: [...new Set(ids)] } },
    include: withVersion,
  });
  return rows.map(toRelease);
}

/** What devices are told of these releases, by id. */
export async function findReleaseDocuments(
  { tx, organizationId }: Scope,
  ids: readonly string[],
): Promise<Map<string, Release>> {
  const rows = await tx.release.findMany({
    where: { organizationId, id: { in: [...new Set(ids)] } },
    select: { id: true, document: true },
  });
  return new Map(rows.map(({ id, document }) => [id, Release.parse(document)]));
}

export async function findReleaseByContent(
  { tx, organizationId }: Scope,
  contentHash: string,
): Promise<StoredRelease | null> {
  const row = await tx.release.findUnique({
    where: { organizationId_contentHash: { organizationId, contentHash } },
    include: withVersion,
  });
  return row ? toRelease(row) : null;
}

/** Newest first; `before` is the id of the last one seen (ids grow with time). */
export async function listReleases(
  { tx, organizationId }: Scope,
  page: { limit: number; before?: string | undefined; versionId?: string | undefined },
): Promise<StoredRelease[]> {
  const where = {
    organizationId,
    ...(page.before ? { id: { lt: page.before } } : {}),
    ...(page.versionId ? { versionId: page.versionId } : {}),
  };
  const rows = await tx.release.findMany({ where, include: withVersion, orderBy: { id: 'desc' }, take: page.limit });
  return rows.map(toRelease);
}

export async function insertRelease(
  { tx, organizationId }: Scope,
  release: { document: Release; versionId: string; contentHash: string; createdById: string | null },
): Promise<void> {
  const { document, ...rest } = release;
  await tx.release.create({ data: { id: document.id, organizationId, document: asJson(document), ...rest } });
}

type ReleaseRow = {
  id: string;
  versionId: string;
  document: unknown;
  createdAt: Date;
  version: { version: string; model: { name: string } };
};

function toRelease(row: ReleaseRow): StoredRelease {
  return {
    id: row.id,
    versionId: row.versionId,
    modelName: row.version.model.name,
    version: row.version.version,
    document: Release.parse(row.document),
    createdAt: row.createdAt,
  };
}
