import type { Db } from './client.ts';
import type { Scope } from './scope.ts';

export type LabelWebhook = {
  id: string;
  createdAt: Date;
  renewedAt: Date;
  /** Until then calls may be signed with the secret before the last change. */
  previousUntil: Date | null;
  lastUsedAt: Date | null;
};
export type SealedLabelWebhook = LabelWebhook & {
  organizationId: string;
  sealedSecret: string;
  previousSecret: string | null;
};

const hidden = { organizationId: true, sealedSecret: true, previousSecret: true } as const;

export function findLabelWebhook({ tx, organizationId }: Scope): Promise<LabelWebhook | null> {
  return tx.labelWebhook.findFirst({ where: { organizationId }, omit: hidden });
}

/** Of whichever organization: its id is how a caller names it. */
export function findSealedLabelWebhook(db: Db, id: string): Promise<SealedLabelWebhook | null> {
  return db.labelWebhook.findUnique({ where: { id } });
}

/** Locked until the transaction ends, so that of two changes at once the later one keeps the earlier one's secret. */
export async function lockLabelWebhook({ tx, organizationId }: Scope): Promise<SealedLabelWebhook | null> {
  await tx.$queryRaw`SELECT 1 AS one FROM organization WHERE id = ${organizationId}::uuid FOR UPDATE`;
  return tx.labelWebhook.findFirst({ where: { organizationId } });
}

export async function saveLabelWebhook({ tx, organizationId }: Scope, webhook: SealedLabelWebhook): Promise<void> {
  const data = { ...webhook, organizationId };
  await tx.labelWebhook.upsert({ where: { organizationId }, create: data, update: data });
}

export async function touchLabelWebhook({ tx, organizationId }: Scope, now: Date): Promise<void> {
  await tx.labelWebhook.updateMany({ where: { organizationId }, data: { lastUsedAt: now } });
}

/** False when there was none. */
export async function deleteLabelWebhook({ tx, organizationId }: Scope): Promise<boolean> {
  return (await tx.labelWebhook.deleteMany({ where: { organizationId } })).count > 0;
}
