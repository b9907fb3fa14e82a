import type { MemberState } from '../domain/alerts/evaluate.ts';
import { Prisma } from './generated/client.ts';
import { epochMs, selectRows } from './json-columns.ts';
import type { Scope } from './scope.ts';

/** A subject of a rule, and the alert that it is a member of while it fires. */
export type SubjectState = MemberState & { alertId: string | null };
export type StoredState = SubjectState & { ruleId: string };

type Row = Omit<StoredState, 'since' | 'clearSince'> & { sinceMs: number; clearSinceMs: number | null };

/** Every subject that is not simply good: of the whole organization, or of one rule. In an outage those are all devices. */
export async function listAlertStates({ tx, organizationId }: Scope, ruleId?: string): Promise<StoredState[]> {
  const columns: { [Name in keyof Row]: Prisma.Sql } = {
    ruleId: Prisma.sql`s.rule_id`,
    subjectId: Prisma.sql`s.subject_id`,
    phase: Prisma.sql`s.phase`,
    sinceMs: epochMs('s.since'),
    clearSinceMs: epochMs('s.clear_since'),
    alertId: Prisma.sql`s.alert_id`,
  };
  const ofRule = ruleId === undefined ? Prisma.empty : Prisma.sql`AND s.rule_id = ${ruleId}::uuid`;
  const rows = await selectRows<Row>(
    tx,
    columns,
    Prisma.sql`FROM alert_state s WHERE s.organization_id = ${organizationId}::uuid ${ofRule}`,
  );
  return rows.map(({ sinceMs, clearSinceMs, ...row }) => ({
    ...row,
    since: new Date(sinceMs),
    clearSince: clearSinceMs === null ? null : new Date(clearSinceMs),
  }));
}

/** Makes the states of a rule these, of which it has those of `before`: what is the same is not written. */
export async function saveAlertStates(
  { tx, organizationId }: Scope,
  ruleId: string,
  before: readonly SubjectState[],
  states: readonly SubjectState[],
): Promise<void> {
  const known = new Map(before.map((state) => [state.subjectId, state]));
  const changed = states.filter((state) => !isSame(known.get(state.subjectId), state));
  for (const { subjectId } of states) known.delete(subjectId);
  if (known.size > 0)
    await tx.$executeRaw`
      DELETE FROM alert_state WHERE organization_id = ${organizationId}::uuid AND rule_id = ${ruleId}::uuid
        AND subject_id = ANY(${[...known.keys()]}::text[])`;
  if (changed.length > 0)
    await tx.$executeRaw`
      INSERT INTO alert_state (organization_id, rule_id, subject_id, phase, since, clear_since, alert_id)
      SELECT ${organizationId}::uuid, ${ruleId}::uuid, s."subjectId", s.phase, s.since, s."clearSince", s."alertId"
      FROM jsonb_to_recordset(${JSON.stringify(changed)}::jsonb)
        AS s ("subjectId" text, phase text, since timestamptz, "clearSince" timestamptz, "alertId" uuid)
      ON CONFLICT (rule_id, subject_id) DO UPDATE
        SET phase = excluded.phase, since = excluded.since, clear_since = excluded.clear_since, alert_id = excluded.alert_id`;
}

function isSame(a: SubjectState | undefined, b: SubjectState): boolean {
  const isSameTime = a?.since.getTime() === b.since.getTime() && a.clearSince?.getTime() === b.clearSince?.getTime();
  return isSameTime && a?.phase === b.phase && a.alertId === b.alertId;
}

/** The rule looks no more. */
export async function removeAlertStates({ tx, organizationId }: Scope, ruleId: string): Promise<void> {
  await tx.alertState.deleteMany({ where: { organizationId, ruleId } });
}

/** A person resolved the alert: its members say nothing until they have been good once. */
export async function dismissAlertStates({ tx, organizationId }: Scope, alertId: string, now: Date): Promise<void> {
  const data = { phase: 'dismissed', since: now, clearSince: null, alertId: null };
  await tx.alertState.updateMany({ where: { organizationId, alertId }, data });
}
