import * as z from 'zod';
import {
  addAlertEvent,
  clearMembers,
  findAlert,
  listMembers,
  lockAlert,
  type StoredAlert,
  updateAlert,
} from '../../db/alerts-open.ts';
import { findAlertRule, lockAlertRule } from '../../db/alerts-rules.ts';
import { dismissAlertStates } from '../../db/alerts-states.ts';
import { writeAudit } from '../../db/audit.ts';
import { notifyLive, notifyWork } from '../../db/notify.ts';
import { inTenant, type Scope } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { MAX_NAMED } from '../../domain/alerts/message.ts';
import { toldChannels } from '../../domain/alerts/notify.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';
import { loadTelling, tellAlert, write } from './tell-alert.ts';

export const HandleAlert = z.object({ alertId: z.uuid(), note: z.string().trim().max(1_000).default('') });
export type HandleAlert = z.input<typeof HandleAlert>;

type HandleDeps = Pick<Deps, 'db' | 'now' | 'urls'>;

/**
 * A person is on it: its growth is told no more, and the channels hear who it is. Acknowledged again, the note alone is added.
 * @throws AppError `not_found`; `conflict` when it is over
 */
export async function acknowledgeAlert(deps: HandleDeps, actor: Actor, input: HandleAlert): Promise<void> {
  const { note } = HandleAlert.parse(input);
  await handle(deps, actor, input.alertId, async (scope, alert) => {
    const now = deps.now();
    const isFirst = alert.acknowledgedAt === null;
    if (isFirst) await updateAlert(scope, alert.id, { acknowledgedAt: now });
    const kind = isFirst ? 'acknowledged' : 'noted';
    await addAlertEvent(scope, actor, { alertId: alert.id, at: now, kind, detail: { note } });
    await writeAudit(scope, actor, 'alert.acknowledge', { kind: 'alert', id: alert.id }, { note });
    if (isFirst && alert.notifiedAt !== null) await tellOfAcknowledgement(scope, deps, alert, note);
  });
}

/**
 * A person says that it is over. While its members are still bad they say nothing, until they have been good once.
 * @throws AppError `not_found`; `conflict` when it is over
 */
export async function resolveAlert(deps: HandleDeps, actor: Actor, input: HandleAlert): Promise<void> {
  const { note } = HandleAlert.parse(input);
  await handle(deps, actor, input.alertId, async (scope, alert) => {
    const now = deps.now();
    await dismissAlertStates(scope, alert.id, now);
    await clearMembers(scope, alert.id, null, now);
    await updateAlert(scope, alert.id, { resolvedAt: now, resolvedWhy: 'person', mutedById: null, members: 0 });
    await addAlertEvent(scope, actor, {
      alertId: alert.id,
      at: now,
      kind: 'resolved',
      detail: { why: 'person', note },
    });
    await writeAudit(scope, actor, 'alert.resolve', { kind: 'alert', id: alert.id }, { note });
    const telling = await loadTelling(scope, { now, url: deps.urls.api });
    await tellAlert(scope, telling, alert.id, alert.ruleId ? await findAlertRule(scope, alert.ruleId) : null);
  });
}

async function handle(
  { db }: HandleDeps,
  actor: Actor,
  alertId: string,
  act: (scope: Scope, alert: StoredAlert) => Promise<void>,
): Promise<void> {
  requirePermission(actor, 'alerts:write');
  await inTenant(db, actor.organizationId, async (scope) => {
    const found = await findAlert(scope, alertId);
    if (found?.ruleId) await lockAlertRule(scope, found.ruleId); // First the rule, then the alert: as an evaluation does.
    const alert = await lockAlert(scope, alertId);
    if (!alert) throw notFound('alert');
    if (alert.resolvedAt)
      throw new AppError({ code: 'conflict', reason: 'alert_resolved', userMessage: 'This alert is over already.' });
    await act(scope, alert);
    await notifyLive(scope, 'alert', alertId);
  });
}

async function tellOfAcknowledgement(scope: Scope, deps: HandleDeps, alert: StoredAlert, note: string): Promise<void> {
  const rule = alert.ruleId ? await findAlertRule(scope, alert.ruleId) : null;
  const telling = await loadTelling(scope, { now: deps.now(), url: deps.urls.api });
  const channelIds = toldChannels(telling.channels, alert.severity, rule?.channelIds ?? null);
  const members = await listMembers(scope, alert.id, MAX_NAMED);
  await write(scope, telling, alert, members, { kind: 'acknowledged', key: 'acknowledged', channelIds }, note || null);
  await notifyWork(scope, { kind: 'deliveries' });
}
