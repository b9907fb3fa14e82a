import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { listAlertChannels } from '../../db/alerts-channels.ts';
import { clearMembers, listOpenAlerts } from '../../db/alerts-open.ts';
import {
  deleteAlertRule,
  findAlertRule,
  insertAlertRule,
  listAlertRules,
  lockAlertRule,
  MAX_RULES,
  type StoredRule,
  updateAlertRule,
} from '../../db/alerts-rules.ts';
import { removeAlertStates } from '../../db/alerts-states.ts';
import { writeAudit } from '../../db/audit.ts';
import { asJson } from '../../db/json.ts';
import { notifyLive, notifyWork } from '../../db/notify.ts';
import { inTenant, type Scope } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { defaultRule, defaultRules } from '../../domain/alerts/defaults.ts';
import { AlertRuleFields } from '../../domain/alerts/rule.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';
import { endAlert } from './apply-evaluation.ts';
import { loadTelling, tellAlert } from './tell-alert.ts';

export const SaveRule = z.object({ ruleId: z.uuid().optional(), rule: AlertRuleFields });
export type SaveRule = z.input<typeof SaveRule>;
export const NameRule = z.object({ ruleId: z.uuid() });
export type NameRule = z.infer<typeof NameRule>;

type RuleDeps = Pick<Deps, 'db' | 'now' | 'urls'>;

/** Makes a rule, or changes one. A rule that is switched off has no open alerts. @throws AppError `not_found`, `invalid`, `conflict` */
export async function saveRule(deps: RuleDeps, actor: Actor, input: SaveRule): Promise<StoredRule> {
  requirePermission(actor, 'alerts:write');
  const fields = AlertRuleFields.parse(input.rule);
  return await inTenant(deps.db, actor.organizationId, async (scope) => {
    await requireChannels(scope, fields);
    const id = input.ruleId ?? uuidv7();
    const known = input.ruleId ? await lockAlertRule(scope, id) : null;
    if (input.ruleId && !known) throw notFound('rule');
    await (known ? change(scope, deps, known, fields) : create(scope, deps, actor, id, fields));
    await writeAudit(
      scope,
      actor,
      `alert-rule.${known ? 'update' : 'create'}`,
      { kind: 'alert-rule', id },
      asJson(fields),
    );
    return await announce(scope, id);
  });
}

/** Its open alerts are over; those of the past stay. @throws AppError `not_found` */
export async function removeRule(deps: RuleDeps, actor: Actor, { ruleId }: NameRule): Promise<void> {
  requirePermission(actor, 'alerts:write');
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    const rule = await lockAlertRule(scope, ruleId);
    if (!rule) throw notFound('rule');
    await endAll(scope, deps, rule);
    await deleteAlertRule(scope, ruleId);
    await writeAudit(scope, actor, 'alert-rule.remove', { kind: 'alert-rule', id: ruleId }, { name: rule.name });
    await notifyLive(scope, 'alert', ruleId);
  });
}

/** Makes one of the first rules what it was. @throws AppError `not_found`; `conflict` for a rule that a person made */
export async function restoreRule(deps: RuleDeps, actor: Actor, { ruleId }: NameRule): Promise<StoredRule> {
  requirePermission(actor, 'alerts:write');
  return await inTenant(deps.db, actor.organizationId, async (scope) => {
    const rule = await lockAlertRule(scope, ruleId);
    if (!rule) throw notFound('rule');
    const fields = rule.defaultKey ? defaultRule(rule.defaultKey) : undefined;
    if (!fields)
      throw new AppError({
        code: 'conflict',
        reason: 'no_default',
        userMessage: 'This rule was made by a person: it has no first form.',
      });
    await change(scope, deps, rule, fields);
    await writeAudit(scope, actor, 'alert-rule.restore', { kind: 'alert-rule', id: ruleId }, { name: fields.name });
    return await announce(scope, ruleId);
  });
}

/** Brings back those of the first rules that were removed; the others stay as they are. */
export async function restoreDefaults(deps: RuleDeps, actor: Actor): Promise<{ restored: number }> {
  requirePermission(actor, 'alerts:write');
  return await inTenant(deps.db, actor.organizationId, async (scope) => {
    const present = new Set((await listAlertRules(scope)).map(({ defaultKey }) => defaultKey));
    const missing = defaultRules.filter(({ key }) => !present.has(key));
    for (const { key, fields } of missing) {
      const id = uuidv7();
      await insertAlertRule(scope, { id, fields, defaultKey: key, createdById: null, now: deps.now() });
      await writeAudit(scope, actor, 'alert-rule.restore', { kind: 'alert-rule', id }, { name: fields.name });
      await announce(scope, id);
    }
    return { restored: missing.length };
  });
}

async function create(scope: Scope, deps: RuleDeps, actor: Actor, id: string, fields: AlertRuleFields): Promise<void> {
  if ((await listAlertRules(scope)).length >= MAX_RULES)
    throw new AppError({
      code: 'conflict',
      reason: 'too_many',
      userMessage: `An organization has at most ${MAX_RULES} rules.`,
    });
  const createdById = actor.kind === 'user' ? actor.userId : null;
  await insertAlertRule(scope, { id, fields, defaultKey: null, createdById, now: deps.now() });
}

async function change(scope: Scope, deps: RuleDeps, rule: StoredRule, fields: AlertRuleFields): Promise<void> {
  const isAnother = rule.condition.kind !== fields.condition.kind;
  if (!fields.isEnabled || isAnother) await endAll(scope, deps, rule);
  await updateAlertRule(scope, rule.id, fields, deps.now());
}

/** Ends the open alerts of a rule that looks no more, and tells so. */
async function endAll(scope: Scope, deps: RuleDeps, rule: StoredRule): Promise<void> {
  await removeAlertStates(scope, rule.id);
  const open = await listOpenAlerts(scope, rule.id);
  if (open.length === 0) return;
  const now = deps.now();
  const telling = await loadTelling(scope, { now, url: deps.urls.api });
  for (const alert of open) {
    await clearMembers(scope, alert.id, null, now);
    await endAlert(scope, alert, 'rule', now);
    await tellAlert(scope, telling, alert.id, rule);
    await notifyLive(scope, 'alert', alert.id);
  }
}

async function requireChannels(scope: Scope, { channelIds, retrainChannelId }: AlertRuleFields): Promise<void> {
  const channels = new Map((await listAlertChannels(scope)).map((channel) => [channel.id, channel]));
  if (channelIds?.some((id) => !channels.has(id)))
    throw invalid('/channelIds', 'One of the channels does not exist any more.');
  if (retrainChannelId && channels.get(retrainChannelId)?.settings.kind !== 'webhook')
    throw invalid('/retrainChannelId', 'Training is asked for by a webhook. Choose a channel of that kind.');
}

async function announce(scope: Scope, ruleId: string): Promise<StoredRule> {
  await notifyLive(scope, 'alert', ruleId);
  await notifyWork(scope, { kind: 'alerts' });
  const rule = await findAlertRule(scope, ruleId);
  if (!rule) throw notFound('rule');
  return rule;
}

function invalid(pointer: string, message: string): AppError {
  return new AppError({ code: 'invalid', userMessage: message, fields: [{ pointer, message }] });
}
