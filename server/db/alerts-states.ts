import type { MemberState } from '../domain/alerts/evaluate.ts';
import type { Scope } from './scope.ts';

export type StoredState = MemberState & { ruleId: string; alertId: string | null };

/** Every subject that is not simply good: of the whole organization, or of one rule. */
export async function listAlertStates({ tx, organizationId }: Scope, ruleId?: string): Promise<StoredState[]> {
  const rows = await tx.alertState.findMany({ where: { organizationId, ...(ruleId && { ruleId }) } });
  return rows.map(({ organizationId: _, phase, ...row }) => ({ ...row, phase: phase as MemberState['phase'] }));
}

/** Puts these in the place of all states of the rule. */
export async function replaceAlertStates(
  { tx, organizationId }: Scope,
  ruleId: string,
  states: readonly (MemberState & { alertId: string | null })[],
): Promise<void> {
  await tx.alertState.deleteMany({ where: { organizationId, ruleId } });
  if (states.length > 0)
    await tx.alertState.createMany({ data: states.map((state) => ({ ...state, ruleId, organizationId })) });
}

/** A person resolved the alert: its members say nothing until they have been good once. */
export async function dismissAlertStates({ tx, organizationId }: Scope, alertId: string, now: Date): Promise<void> {
  const data = { phase: 'dismissed', since: now, clearSince: null, alertId: null };
  await tx.alertState.updateMany({ where: { organizationId, alertId }, data });
}
