import type { Db } from './client.ts';

/** Every organization, and up to when its metrics were sent; null when never. */
export async function listOtlpProgress(
  db: Db,
): Promise<{ organizationId: string; slug: string; sentUntil: Date | null }[]> {
  return db.$queryRaw`SELECT id AS "organizationId", slug, otlp_sent_until AS "sentUntil" FROM organization ORDER BY id`;
}

export async function saveOtlpProgress(db: Db, organizationId: string, sentUntil: Date): Promise<void> {
  await db.$executeRaw`UPDATE organization SET otlp_sent_until = ${sentUntil}::timestamptz WHERE id = ${organizationId}::uuid`;
}
