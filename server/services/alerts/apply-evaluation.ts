import { v7 as uuidv7 } from 'uuid';
import {
  addAlertEvent,
  clearMembers,
  countFiring,
  findAlert,
  insertAlert,
  listOpenAlerts,
  type ResolvedWhy,
  type StoredAlert,
  saveMembers,
  updateAlert,
} from '../../db/alerts-open.ts';
import { lockAlertRule, type StoredRule } from '../../db/alerts-rules.ts';
import { listAlertStates, saveAlertStates } from '../../db/alerts-states.ts';
import type { Db } from '../../db/client.ts';
import { notifyLive } from '../../db/notify.ts';
import { inTenant, type Scope } from '../../db/scope.ts';
import { type Evaluation, evaluateRule, type Fired, type Reading } from '../../domain/alerts/evaluate.ts';
import { type Telling, tellAlert } from './tell-alert.ts';

/**
 * Evaluates one rule again, under its lock and on its states as they are now, and writes what changed: states, alerts, members, timeline
 * and messages, all or nothing. A rule that was changed since the readings were made is left to the next look.
 */
export async function applyEvaluation(
  db: Db,
  organizationId: string,
  rule: StoredRule,
  readings: readonly Reading[],
  telling: Telling,
): Promise<void> {
  await inTenant(db, organizationId, async (scope) => {
    const locked = await lockAlertRule(scope, rule.id);
    if (!locked?.isEnabled || locked.updatedAt.getTime() !== rule.updatedAt.getTime()) return;
    const before = await listAlertStates(scope, rule.id);
    const evaluation = evaluateRule(locked, before, readings, telling.now);
    if (!evaluation.isChanged) return;
    const alertOf = new Map(before.flatMap(({ subjectId, alertId }) => (alertId ? [[subjectId, alertId]] : [])));
    const touched = new Set<string>();
    await clear(scope, evaluation, alertOf, telling.now, touched);
    await fire(scope, locked, evaluation.fired, alertOf, telling.now, touched);
    const states = evaluation.states.map((state) => ({
      ...state,
      alertId: state.phase === 'firing' ? (alertOf.get(state.subjectId) ?? null) : null,
    }));
    await saveAlertStates(scope, rule.id, before, states);
    for (const alertId of touched) {
      await recount(scope, alertId, evaluation, telling.now);
      await tellAlert(scope, telling, alertId, locked);
      await notifyLive(scope, 'alert', alertId);
    }
  });
}

async function clear(
  scope: Scope,
  { cleared }: Evaluation,
  alertOf: ReadonlyMap<string, string>,
  now: Date,
  touched: Set<string>,
): Promise<void> {
  const byAlert = Map.groupBy(cleared, ({ subjectId }) => alertOf.get(subjectId));
  for (const [alertId, members] of byAlert) {
    if (alertId === undefined) continue;
    const subjectIds = members.map(({ subjectId }) => subjectId);
    await clearMembers(scope, alertId, subjectIds, now);
    touched.add(alertId);
  }
}

async function fire(
  scope: Scope,
  rule: StoredRule,
  fired: readonly Fired[],
  alertOf: Map<string, string>,
  now: Date,
  touched: Set<string>,
): Promise<void> {
  if (fired.length === 0) return;
  const engine = { kind: 'engine', organizationId: scope.organizationId } as const;
  const open = new Map((await listOpenAlerts(scope, rule.id)).map((alert) => [alert.groupKey, alert]));
  for (const [groupKey, members] of Map.groupBy(fired, ({ reading }) => reading.group)) {
    const known = open.get(groupKey);
    const alertId = known?.id ?? uuidv7();
    if (!known) {
      const { id: ruleId, name: ruleName, severity, condition } = rule;
      await insertAlert(scope, { id: alertId, ruleId, ruleName, severity, condition, groupKey, firedAt: now });
    }
    await saveMembers(
      scope,
      members.map(({ reading: { subjectId, subjectKind, name }, evidence }) => ({
        alertId,
        subjectId,
        subjectKind,
        name,
        firedAt: now,
        clearedAt: null,
        evidence,
      })),
    );
    for (const { reading } of members) alertOf.set(reading.subjectId, alertId);
    const names = members.slice(0, NAMES_IN_EVENT).map(({ reading }) => reading.name);
    const detail = { count: members.length, names };
    await addAlertEvent(scope, engine, { alertId, at: now, kind: known ? 'grew' : 'fired', detail });
    touched.add(alertId);
  }
}

/** Subjects that one line of a timeline names. */
const NAMES_IN_EVENT = 5;

/** Counts who fires; when nobody does any more, the alert is over. */
async function recount(scope: Scope, alertId: string, { cleared }: Evaluation, now: Date): Promise<void> {
  const alert = await findAlert(scope, alertId);
  if (!alert) return;
  const members = await countFiring(scope, alertId);
  await updateAlert(scope, alertId, { members, peakMembers: Math.max(alert.peakMembers, members) });
  if (members === 0) return endAlert(scope, alert, cleared.every(({ why }) => why === 'gone') ? 'gone' : 'good', now);
  if (members >= alert.members) return;
  const engine = { kind: 'engine', organizationId: scope.organizationId } as const;
  const detail = { count: alert.members - members, left: members };
  await addAlertEvent(scope, engine, { alertId, at: now, kind: 'shrank', detail });
}

/** The engine ends an alert. */
export async function endAlert(scope: Scope, { id }: StoredAlert, resolvedWhy: ResolvedWhy, now: Date): Promise<void> {
  await updateAlert(scope, id, { resolvedAt: now, resolvedWhy, mutedById: null, members: 0 });
  const engine = { kind: 'engine', organizationId: scope.organizationId } as const;
  await addAlertEvent(scope, engine, { alertId: id, at: now, kind: 'resolved', detail: { why: resolvedWhy } });
}
