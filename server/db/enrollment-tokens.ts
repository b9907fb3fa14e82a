import { Labels } from '../domain/device/labels.ts';
import type { Db } from './client.ts';
import type { Scope } from './scope.ts';

export type EnrollmentToken = {
  id: string;
  name: string;
  labels: Labels;
  maxUses: number;
  uses: number;
  expiresAt: Date;
  revokedAt: Date | null;
  createdById: string | null;
  createdAt: Date;
};

/** Tokens that a page shows, newest first. */
const MAX_TOKENS = 500;

export async function insertToken(
  { tx, organizationId }: Scope,
  token: EnrollmentToken & { secretHash: string },
): Promise<void> {
  await tx.enrollmentToken.create({ data: { ...token, organizationId } });
}

export async function listEnrollmentTokens({ tx, organizationId }: Scope): Promise<EnrollmentToken[]> {
  const rows = await tx.enrollmentToken.findMany({
    where: { organizationId },
    orderBy: { id: 'desc' },
    take: MAX_TOKENS,
  });
  return rows.map(toToken);
}

export async function findToken({ tx, organizationId }: Scope, id: string): Promise<EnrollmentToken | null> {
  const row = await tx.enrollmentToken.findFirst({ where: { organizationId, id } });
  return row ? toToken(row) : null;
}

/** A token by its id, in whichever organization: the token itself says where the device belongs. */
export async function findTokenSecret(
  db: Db,
  id: string,
): Promise<(EnrollmentToken & { organizationId: string; secretHash: string }) | null> {
  const row = await db.enrollmentToken.findUnique({ where: { id } });
  return row ? { ...toToken(row), organizationId: row.organizationId, secretHash: row.secretHash } : null;
}

/** Takes one use, if there is one left to take at `now`. The row is locked until the transaction ends. */
export async function takeUse({ tx, organizationId }: Scope, id: string, now: Date): Promise<boolean> {
  const count = await tx.$executeRaw`
    UPDATE enrollment_token SET uses = uses + 1
    WHERE organization_id = ${organizationId}::uuid AND id = ${id}::uuid
      AND uses < max_uses AND revoked_at IS NULL AND expires_at > ${now}`;
  return count > 0;
}

/** False when it was revoked already. */
export async function markTokenRevoked({ tx, organizationId }: Scope, id: string, now: Date): Promise<boolean> {
  const { count } = await tx.enrollmentToken.updateMany({
    where: { organizationId, id, revokedAt: null },
    data: { revokedAt: now },
  });
  return count > 0;
}

function toToken(row: Omit<EnrollmentToken, 'labels'> & { labels: unknown }): EnrollmentToken {
  const { id, name, maxUses, uses, expiresAt, revokedAt, createdById, createdAt } = row;
  return { id, name, labels: Labels.parse(row.labels), maxUses, uses, expiresAt, revokedAt, createdById, createdAt };
}
