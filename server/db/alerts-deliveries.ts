import type { AlertMessage, MessageKind } from '../domain/alerts/message.ts';
import type { Db } from './client.ts';
import type { AlertDelivery as Row } from './generated/client.ts';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

export type DeliveryState = 'waiting' | 'sent' | 'dead';

export type StoredDelivery = {
  id: string;
  channelId: string;
  alertId: string | null;
  kind: MessageKind;
  title: string;
  state: DeliveryState;
  attempts: number;
  nextTryAt: Date;
  lastError: string | null;
  createdAt: Date;
  finishedAt: Date | null;
};

/** A sender that dies holds its message back for so long. */
const CLAIM_MS = 60_000;

type NewDelivery = {
  id: string;
  channelId: string;
  alertId: string | null;
  key: string;
  message: AlertMessage;
  now: Date;
};

/** Writes messages down in the transaction that decided them. One that is there already is not written again. */
export async function insertDeliveries(
  { tx, organizationId }: Scope,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  await tx.alertDelivery.createMany({
    data: deliveries.map(({ message, now, ...rest }) => ({
      ...rest,
      organizationId,
      kind: message.kind,
      message: asJson(message),
      nextTryAt: now,
      createdAt: now,
    })),
    skipDuplicates: true,
  });
}

export type ClaimedDelivery = {
  id: string;
  organizationId: string;
  channelId: string;
  attempts: number;
  message: AlertMessage;
};

/** Takes messages whose time has come, of all organizations, oldest first: no other worker takes them until the claim runs out. */
export async function claimDeliveries(db: Db, now: Date, limit: number): Promise<ClaimedDelivery[]> {
  return db.$queryRaw`
    UPDATE alert_delivery d SET attempts = d.attempts + 1, next_try_at = ${now}::timestamptz + ${CLAIM_MS} * interval '1 millisecond'
    WHERE d.id IN (SELECT id FROM alert_delivery WHERE state = 'waiting' AND next_try_at <= ${now}::timestamptz
      ORDER BY next_try_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING d.id, d.organization_id AS "organizationId", d.channel_id AS "channelId", d.attempts, d.message`;
}

type Outcome = { state: DeliveryState; lastError: string | null; nextTryAt?: Date; finishedAt: Date | null };

/** Notes how a try went; a delivery that was finished meanwhile stays as it is. */
export async function settleDelivery({ tx, organizationId }: Scope, id: string, outcome: Outcome): Promise<void> {
  await tx.alertDelivery.updateMany({ where: { organizationId, id, state: 'waiting' }, data: outcome });
}

/** Sends a dead message again, with all its tries. False when there is none. */
export async function reviveDelivery({ tx, organizationId }: Scope, id: string, now: Date): Promise<boolean> {
  const data = { state: 'waiting', attempts: 0, nextTryAt: now, finishedAt: null };
  const { count } = await tx.alertDelivery.updateMany({ where: { organizationId, id, state: 'dead' }, data });
  return count > 0;
}

export type DeliveryFilter = {
  alertId?: string | undefined;
  channelId?: string | undefined;
  state?: DeliveryState | undefined;
  before?: string | undefined;
  limit: number;
};

/** Newest first; `before` is the id of the last one seen. */
export async function listDeliveries({ tx, organizationId }: Scope, filter: DeliveryFilter): Promise<StoredDelivery[]> {
  const { alertId, channelId, state, before, limit } = filter;
  const where = {
    organizationId,
    ...(alertId && { alertId }),
    ...(channelId && { channelId }),
    ...(state && { state }),
    ...(before && { id: { lt: before } }),
  };
  const rows = await tx.alertDelivery.findMany({ where, orderBy: { id: 'desc' }, take: limit });
  return rows.map(toDelivery);
}

/** Deletes messages that are long done, and alerts that are long over. */
export async function deleteOldAlerts(db: Db): Promise<void> {
  await db.$executeRaw`DELETE FROM alert_delivery WHERE finished_at < now() - interval '30 days'`;
  await db.$executeRaw`DELETE FROM alert WHERE resolved_at < now() - interval '400 days'`;
}

function toDelivery({ organizationId: _, key: __, message, kind, state, ...row }: Row): StoredDelivery {
  const { title } = message as AlertMessage;
  return { ...row, title, kind: kind as MessageKind, state: state as DeliveryState };
}
