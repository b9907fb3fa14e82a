import { KeptEvent, SlotReport } from '@flotilla/protocol';
import type { Scope } from './scope.ts';

export type SlotRow = {
  slot: string;
  phase: string;
  phaseSince: Date;
  servingReleaseId: string | null;
  servingSince: Date | null;
  report: SlotReport;
  updatedAt: Date;
};
export type EventView = {
  id: string;
  at: Date;
  receivedAt: Date;
  kind: string;
  deploymentId: string | null;
  event: KeptEvent;
};
export type CertificateView = { serial: string; notBefore: Date; notAfter: Date; revokedAt: Date | null };
export type RefusedView = { kind: string; code: string; count: number; lastDetail: string; lastAt: Date };

export async function listSlots({ tx, organizationId }: Scope, deviceId: string): Promise<SlotRow[]> {
  const rows = await tx.deviceSlot.findMany({ where: { organizationId, deviceId }, orderBy: { slot: 'asc' } });
  return rows.map(({ organizationId: _, deviceId: __, report, ...row }) => ({
    ...row,
    report: SlotReport.parse(report),
  }));
}

/** Newest first; `before` is the time of the last one seen. */
export async function listEvents(
  { tx, organizationId }: Scope,
  deviceId: string,
  page: { limit: number; before?: Date | undefined },
): Promise<EventView[]> {
  const where = { organizationId, deviceId, ...(page.before ? { at: { lt: page.before } } : {}) };
  const rows = await tx.deviceEvent.findMany({ where, orderBy: [{ at: 'desc' }, { seq: 'desc' }], take: page.limit });
  return rows.map(({ id, at, receivedAt, kind, deploymentId, boot, seq, details }) => ({
    id,
    at,
    receivedAt,
    kind,
    deploymentId,
    event: KeptEvent.parse({
      ...(details as object),
      ...{ boot, seq: Number(seq), at: at.getTime(), kind },
      ...(deploymentId !== null && { deployment: deploymentId }),
    }),
  }));
}

export async function listCertificates({ tx, organizationId }: Scope, deviceId: string): Promise<CertificateView[]> {
  return tx.certificate.findMany({
    where: { organizationId, deviceId },
    orderBy: { notAfter: 'desc' },
    take: 5,
    select: { serial: true, notBefore: true, notAfter: true, revokedAt: true },
  });
}

export async function listRefused({ tx, organizationId }: Scope, deviceId: string): Promise<RefusedView[]> {
  const rows = await tx.refusedMessage.findMany({
    where: { organizationId, deviceId },
    orderBy: { lastAt: 'desc' },
    take: 20,
  });
  return rows.map(({ kind, code, count, lastDetail, lastAt }) => ({
    kind,
    code,
    lastDetail,
    lastAt,
    count: Number(count),
  }));
}
