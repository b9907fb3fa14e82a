import { setImmediate as turn } from 'node:timers/promises';
import { listAlertMutes } from '../../db/alerts-mutes.ts';
import { listOpenAlerts } from '../../db/alerts-open.ts';
import { listAlertDevices } from '../../db/alerts-readings.ts';
import { listAlertRules, markEvaluated, type StoredRule } from '../../db/alerts-rules.ts';
import { listAlertStates, type StoredState } from '../../db/alerts-states.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { evaluateRule } from '../../domain/alerts/evaluate.ts';
import { readingsOf } from '../../domain/alerts/readings.ts';
import { deviceNeedsOf, isLookDue } from '../../domain/alerts/schedule.ts';
import type { AlertWorld } from '../../domain/alerts/world.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Deps } from '../deps.ts';
import { applyEvaluation } from './apply-evaluation.ts';
import { loadWorld } from './load-world.ts';
import { loadTelling, type Telling, tellAlert } from './tell-alert.ts';

export type EvaluateDeps = Pick<Deps, 'db' | 'now'> & { url: string; logger: Logger };

/** Devices whose measurements are read at once: those of ten thousand keep a processor from telemetry for a second. */
const DEVICES_AT_ONCE = 1_000;

/**
 * One look at all due rules of one organization. What they read is read once for all of them; a rule is opened for writing only when
 * something changed. One that fails is noted with its failure, and the others go on.
 */
export async function evaluateAlerts(deps: EvaluateDeps, organizationId: string): Promise<void> {
  const now = deps.now();
  const scope = forTenant(deps.db, organizationId);
  const rules = await listAlertRules(scope);
  const due = rules.filter((rule) => rule.isEnabled && isLookDue(rule, now));
  const mutes = await listAlertMutes(scope);
  const selectors = mutes.map(({ selector }) => selector);
  const devices = await listAlertDevices(scope, deviceNeedsOf(due, selectors));
  const conditions = due.map(({ condition }) => condition);
  const world = await loadWorld(scope, conditions, now, devices, DEVICES_AT_ONCE);
  const states = Map.groupBy(await listAlertStates(scope), ({ ruleId }) => ruleId);
  const telling = await loadTelling(scope, { now, url: deps.url, mutes, devices });
  const looks: { id: string; failure: string | null }[] = [];
  for (const rule of due) {
    await turn(); // A rule that changes nothing waits for nothing, and telemetry would wait for all of them.
    const failure = await look(deps, organizationId, rule, states.get(rule.id) ?? [], world, telling);
    looks.push({ id: rule.id, failure });
  }
  if (looks.length > 0) await markEvaluated(scope, looks, now);
  await tellOpen(deps, organizationId, rules, telling);
}

async function look(
  { db, logger }: EvaluateDeps,
  organizationId: string,
  rule: StoredRule,
  states: readonly StoredState[],
  world: AlertWorld,
  telling: Telling,
): Promise<string | null> {
  try {
    const readings = readingsOf(rule, world);
    if (evaluateRule(rule, states, readings, world.now).isChanged)
      await applyEvaluation(db, organizationId, rule, readings, telling);
    return null;
  } catch (error) {
    logger.error({ err: error, ruleId: rule.id }, 'a rule could not be looked at; it is tried again');
    return error instanceof Error ? error.message.slice(0, 500) : 'unknown';
  }
}

/** What a mute held back, and what has grown, is told when its time comes. */
async function tellOpen(
  { db }: EvaluateDeps,
  organizationId: string,
  rules: readonly StoredRule[],
  telling: Telling,
): Promise<void> {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  for (const { id, ruleId, notifiedAt, members, notifiedMembers, mutedById } of await listOpenAlerts(
    forTenant(db, organizationId),
  )) {
    const mayBeTold =
      notifiedAt === null || members > notifiedMembers || mutedById !== null || telling.mutes.length > 0;
    if (mayBeTold)
      await inTenant(db, organizationId, (scope) => tellAlert(scope, telling, id, byId.get(ruleId ?? '') ?? null));
  }
}
