import type { Actor } from '../domain/access/actor.ts';
import { actorId } from '../domain/access/actor.ts';
import { AlertCondition } from '../domain/alerts/condition.ts';
import type { Evidence, SubjectKind } from '../domain/alerts/evaluate.ts';
import type { Severity } from '../domain/alerts/rule.ts';
import type { Alert as AlertRow, Prisma } from './generated/client.ts';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

export type ResolvedWhy = 'good' | 'gone' | 'person' | 'rule';

export type StoredAlert = {
  id: string;
  ruleId: string | null;
  ruleName: string;
  severity: Severity;
  condition: AlertCondition;
  groupKey: string;
  firedAt: Date;
  acknowledgedAt: Date | null;
  resolvedAt: Date | null;
  resolvedWhy: ResolvedWhy | null;
  members: number;
  peakMembers: number;
  notifiedAt: Date | null;
  notifiedMembers: number;
  growths: number;
  mutedById: string | null;
};

export type StoredMember = {
  alertId: string;
  subjectId: string;
  subjectKind: SubjectKind;
  name: string;
  firedAt: Date;
  clearedAt: Date | null;
  evidence: Evidence;
};

export type AlertEventKind = 'fired' | 'grew' | 'shrank' | 'acknowledged' | 'noted' | 'resolved' | 'muted' | 'unmuted';

export async function listOpenAlerts({ tx, organizationId }: Scope, ruleId?: string): Promise<StoredAlert[]> {
  const where = { organizationId, resolvedAt: null, ...(ruleId && { ruleId }) };
  return (await tx.alert.findMany({ where, orderBy: { id: 'asc' } })).map(toAlert);
}

export async function findAlert({ tx, organizationId }: Scope, id: string): Promise<StoredAlert | null> {
  const row = await tx.alert.findUnique({ where: { organizationId_id: { organizationId, id } } });
  return row && toAlert(row);
}

/** The alert, locked until the transaction ends. Whoever changes members locks the rule first. */
export async function lockAlert(scope: Scope, id: string): Promise<StoredAlert | null> {
  await scope.tx
    .$queryRaw`SELECT 1 FROM alert WHERE organization_id = ${scope.organizationId}::uuid AND id = ${id}::uuid FOR UPDATE`;
  return findAlert(scope, id);
}

type NewAlert = Pick<StoredAlert, 'id' | 'ruleId' | 'ruleName' | 'severity' | 'condition' | 'groupKey' | 'firedAt'>;

export async function insertAlert({ tx, organizationId }: Scope, alert: NewAlert): Promise<void> {
  await tx.alert.create({ data: { ...alert, condition: asJson(alert.condition), organizationId } });
}

export async function updateAlert(
  { tx, organizationId }: Scope,
  id: string,
  data: Partial<Omit<StoredAlert, 'id' | 'condition' | 'ruleId'>>,
): Promise<void> {
  await tx.alert.updateMany({ where: { organizationId, id }, data });
}

/** Adds members; one that fired in this alert before fires again, on new evidence. One statement, for an outage may have ten thousand. */
export async function saveMembers({ tx, organizationId }: Scope, members: readonly StoredMember[]): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO alert_member (organization_id, alert_id, subject_id, subject_kind, name, fired_at, cleared_at, evidence)
    SELECT ${organizationId}::uuid, m."alertId", m."subjectId", m."subjectKind", m.name, m."firedAt", m."clearedAt", m.evidence
    FROM jsonb_to_recordset(${JSON.stringify(members)}::jsonb) AS m ("alertId" uuid, "subjectId" text, "subjectKind" text, name text,
      "firedAt" timestamptz, "clearedAt" timestamptz, evidence jsonb)
    ON CONFLICT (alert_id, subject_id) DO UPDATE SET subject_kind = excluded.subject_kind, name = excluded.name,
      fired_at = excluded.fired_at, cleared_at = excluded.cleared_at, evidence = excluded.evidence`;
}

/** Of these members, or of all, nobody fires any more. */
export async function clearMembers(
  { tx, organizationId }: Scope,
  alertId: string,
  subjectIds: readonly string[] | null,
  now: Date,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE alert_member SET cleared_at = ${now}::timestamptz
    WHERE organization_id = ${organizationId}::uuid AND alert_id = ${alertId}::uuid AND cleared_at IS NULL
      AND (${subjectIds}::text[] IS NULL OR subject_id = ANY(${subjectIds}::text[]))`;
}

/** Members in the order in which they fired. */
export async function listMembers(
  { tx, organizationId }: Scope,
  alertId: string,
  limit: number,
): Promise<StoredMember[]> {
  const rows = await tx.alertMember.findMany({
    where: { organizationId, alertId },
    orderBy: [{ clearedAt: { sort: 'desc', nulls: 'first' } }, { firedAt: 'asc' }, { name: 'asc' }],
    take: limit,
    omit: { organizationId: true },
  });
  return rows.map((row) => ({
    ...row,
    subjectKind: row.subjectKind as SubjectKind,
    evidence: toEvidence(row.evidence),
  }));
}

export async function countFiring({ tx, organizationId }: Scope, alertId: string): Promise<number> {
  return await tx.alertMember.count({ where: { organizationId, alertId, clearedAt: null } });
}

export async function addAlertEvent(
  { tx, organizationId }: Scope,
  actor: Actor,
  event: { alertId: string; at: Date; kind: AlertEventKind; detail?: Prisma.InputJsonObject },
): Promise<void> {
  const { detail = {}, ...rest } = event;
  await tx.alertEvent.create({
    data: { ...rest, detail, organizationId, actorKind: actor.kind, actorId: actorId(actor) },
  });
}

/** Events of one alert that a page shows, newest first. */
const MAX_EVENTS = 200;

export async function listAlertEvents({ tx, organizationId }: Scope, alertId: string) {
  return await tx.alertEvent.findMany({
    where: { organizationId, alertId },
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
    take: MAX_EVENTS,
    omit: { organizationId: true, alertId: true },
  });
}

export function toEvidence(value: unknown): Evidence {
  const evidence = value as Omit<Evidence, 'from' | 'to'> & { from: string; to: string };
  return { ...evidence, from: new Date(evidence.from), to: new Date(evidence.to) };
}

export function toAlert({ organizationId: _, condition, severity, resolvedWhy, ...row }: AlertRow): StoredAlert {
  return {
    ...row,
    condition: AlertCondition.parse(condition),
    severity: severity as Severity,
    resolvedWhy: resolvedWhy as ResolvedWhy | null,
  };
}
