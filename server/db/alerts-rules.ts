import { AlertCondition } from '../domain/alerts/condition.ts';
import type { AlertRule, AlertRuleFields, NoDataMode, Severity } from '../domain/alerts/rule.ts';
import type { Db } from './client.ts';
import type { AlertRule as Row } from './generated/client.ts';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

/** Rules that one organization may have: each is looked at several times a minute. */
export const MAX_RULES = 200;

export type StoredRule = AlertRule & { failure: string | null };

export async function listAlertRules({ tx, organizationId }: Scope): Promise<StoredRule[]> {
  const rows = await tx.alertRule.findMany({ where: { organizationId }, orderBy: { id: 'asc' }, take: MAX_RULES });
  return rows.map(toRule);
}

export async function findAlertRule({ tx, organizationId }: Scope, id: string): Promise<StoredRule | null> {
  const row = await tx.alertRule.findUnique({ where: { organizationId_id: { organizationId, id } } });
  return row && toRule(row);
}

/** The rule, locked until the transaction ends: an evaluation and a person never change its alerts at the same time. */
export async function lockAlertRule(scope: Scope, id: string): Promise<StoredRule | null> {
  await scope.tx
    .$queryRaw`SELECT 1 FROM alert_rule WHERE organization_id = ${scope.organizationId}::uuid AND id = ${id}::uuid FOR UPDATE`;
  return findAlertRule(scope, id);
}

type NewRule = {
  id: string;
  fields: AlertRuleFields;
  defaultKey: string | null;
  createdById: string | null;
  now: Date;
};

export async function insertAlertRule({ tx, organizationId }: Scope, rule: NewRule): Promise<void> {
  const { id, fields, defaultKey, createdById, now } = rule;
  const data = { id, organizationId, defaultKey, createdById, createdAt: now, updatedAt: now, ...columnsOf(fields) };
  await tx.alertRule.create({ data });
}

export async function updateAlertRule(
  { tx, organizationId }: Scope,
  id: string,
  fields: AlertRuleFields,
  now: Date,
): Promise<void> {
  const data = { ...columnsOf(fields), updatedAt: now, evaluatedAt: null, failure: null };
  await tx.alertRule.updateMany({ where: { organizationId, id }, data });
}

export async function deleteAlertRule({ tx, organizationId }: Scope, id: string): Promise<void> {
  await tx.alertRule.deleteMany({ where: { organizationId, id } });
}

/** Notes that these rules were looked at, in one statement; those that failed with why. */
export async function markEvaluated(
  { tx, organizationId }: Scope,
  looks: readonly { id: string; failure: string | null }[],
  now: Date,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE alert_rule r SET evaluated_at = ${now}::timestamptz, failure = l.failure
    FROM unnest(${looks.map(({ id }) => id)}::uuid[], ${looks.map(({ failure }) => failure)}::text[]) AS l (id, failure)
    WHERE r.organization_id = ${organizationId}::uuid AND r.id = l.id`;
}

/** Organizations with anything to look at: a rule that is on, an alert that is open, or no first rules yet. */
export async function findAlertWork(db: Db): Promise<{ organizationId: string; needsDefaults: boolean }[]> {
  return db.$queryRaw`
    SELECT o.id AS "organizationId", o.alert_defaults_at IS NULL AS "needsDefaults" FROM organization o
    WHERE o.alert_defaults_at IS NULL OR EXISTS (SELECT FROM alert_rule r WHERE r.organization_id = o.id AND r.is_enabled)
      OR EXISTS (SELECT FROM alert a WHERE a.organization_id = o.id AND a.resolved_at IS NULL) ORDER BY o.id`;
}

/** True for whoever is the first to give the organization its first rules. */
export async function claimDefaults({ tx, organizationId }: Scope, now: Date): Promise<boolean> {
  const where = { id: organizationId, alertDefaultsAt: null };
  const { count } = await tx.organization.updateMany({ where, data: { alertDefaultsAt: now } });
  return count === 1;
}

function columnsOf(fields: AlertRuleFields) {
  const { channelIds, condition, ...rest } = fields;
  return { ...rest, condition: asJson(condition), channelIds: channelIds ?? [], tellsAll: channelIds === null };
}

function toRule(row: Row): StoredRule {
  const { organizationId: _, createdById: __, channelIds, tellsAll, condition, severity, noData, ...rest } = row;
  return {
    ...rest,
    condition: AlertCondition.parse(condition),
    severity: severity as Severity,
    noData: noData as NoDataMode,
    channelIds: tellsAll ? null : channelIds,
  };
}
