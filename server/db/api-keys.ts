import { isPermission, type Permission } from '../domain/access/permissions.ts';
import type { Db } from './client.ts';
import type { Scope } from './scope.ts';

export type ApiKey = {
  id: string;
  name: string;
  /** First characters of the key, to recognise it by. */
  prefix: string;
  scopes: Permission[];
  createdById: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
};

/** Keys that a page shows, newest first. */
const MAX_KEYS = 500;

const hidden = { organizationId: true, secretHash: true } as const;

export async function insertApiKey({ tx, organizationId }: Scope, key: ApiKey & { secretHash: string }): Promise<void> {
  await tx.apiKey.create({ data: { ...key, organizationId } });
}

export async function listApiKeys({ tx, organizationId }: Scope): Promise<ApiKey[]> {
  const rows = await tx.apiKey.findMany({
    where: { organizationId },
    omit: hidden,
    orderBy: { id: 'desc' },
    take: MAX_KEYS,
  });
  return rows.map(toApiKey);
}

export async function findApiKey({ tx, organizationId }: Scope, id: string): Promise<ApiKey | null> {
  const row = await tx.apiKey.findFirst({ where: { organizationId, id }, omit: hidden });
  return row ? toApiKey(row) : null;
}

/** False when it was revoked already. */
export async function markApiKeyRevoked({ tx, organizationId }: Scope, id: string, now: Date): Promise<boolean> {
  const { count } = await tx.apiKey.updateMany({
    where: { organizationId, id, revokedAt: null },
    data: { revokedAt: now },
  });
  return count > 0;
}

/** A key by its id, in whichever organization: the key itself says who asks. */
export async function findApiKeySecret(
  db: Db,
  id: string,
): Promise<(ApiKey & { organizationId: string; secretHash: string }) | null> {
  const row = await db.apiKey.findUnique({ where: { id } });
  return row ? { ...toApiKey(row), organizationId: row.organizationId, secretHash: row.secretHash } : null;
}

export async function touchApiKey({ tx, organizationId }: Scope, id: string, now: Date): Promise<void> {
  await tx.apiKey.updateMany({ where: { organizationId, id }, data: { lastUsedAt: now } });
}

function toApiKey(row: Omit<ApiKey, 'scopes'> & { scopes: string[] }): ApiKey {
  const { id, name, prefix, createdById, createdAt, expiresAt, lastUsedAt, revokedAt } = row;
  const scopes = row.scopes.filter(isPermission);
  return { id, name, prefix, scopes, createdById, createdAt, expiresAt, lastUsedAt, revokedAt };
}
