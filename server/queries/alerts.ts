import * as z from 'zod';
import { listAlertChannels } from '../db/alerts-channels.ts';
import { listDeliveries, type StoredDelivery } from '../db/alerts-deliveries.ts';
import { type AlertListRow, countAlerts, listAlerts } from '../db/alerts-list.ts';
import { listAlertMutes } from '../db/alerts-mutes.ts';
import {
  type AlertEventKind,
  findAlert,
  listAlertEvents,
  listMembers,
  type StoredAlert,
  type StoredMember,
} from '../db/alerts-open.ts';
import { findAlertRule, listAlertRules, type StoredRule } from '../db/alerts-rules.ts';
import { listVersionNames } from '../db/alerts-versions.ts';
import { userNames } from '../db/rollout-counts.ts';
import { forTenant } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { severities } from '../domain/alerts/rule.ts';
import { notFound } from '../domain/errors.ts';
import type { Deps } from '../services/deps.ts';

export const alertStates = ['firing', 'acknowledged', 'resolved'] as const;
export type AlertState = (typeof alertStates)[number];

export const AlertListInput = z.object({
  states: z.array(z.enum(alertStates)).max(alertStates.length).optional(),
  severities: z.array(z.enum(severities)).max(severities.length).optional(),
  ruleId: z.uuid().optional(),
  /** Part of the rule's name, or of a member's. */
  q: z.string().trim().max(100).optional(),
  /** Alerts that this device, version or rollout was in. */
  subjectId: z.string().max(64).optional(),
  /** Alerts that fired from then on, and before then. */
  firedFrom: z.coerce.date().optional(),
  firedTo: z.coerce.date().optional(),
  limit: z.number().int().min(1).max(200).default(50),
  cursor: z.uuid().nullish(),
});
export type AlertListInput = z.input<typeof AlertListInput>;

export type AlertRow = AlertListRow & { state: AlertState; mute: string | null };

export function stateOf({
  resolvedAt,
  acknowledgedAt,
}: Pick<StoredAlert, 'resolvedAt' | 'acknowledgedAt'>): AlertState {
  if (resolvedAt) return 'resolved';
  return acknowledgedAt ? 'acknowledged' : 'firing';
}

/** Alerts, newest first, each with its first few members. */
export async function alertList(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  input: AlertListInput,
): Promise<{ items: AlertRow[]; nextCursor: string | null }> {
  requirePermission(actor, 'alerts:read');
  const { cursor, limit, ...filter } = AlertListInput.parse(input);
  const scope = forTenant(deps.db, actor.organizationId);
  const rows = await listAlerts(scope, { ...filter, before: cursor ?? undefined, limit });
  const mutes = new Map((await listAlertMutes(scope)).map(({ id, name }) => [id, name]));
  const items = rows.map((row) => ({ ...row, state: stateOf(row), mute: mutes.get(row.mutedById ?? '') ?? null }));
  return { items, nextCursor: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
}

/** How many alerts are open, by state: what the rail and the page's title say. */
export async function alertCounts(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
): Promise<{ firing: number; acknowledged: number }> {
  requirePermission(actor, 'alerts:read');
  return await countAlerts(forTenant(deps.db, actor.organizationId));
}

/** Members and messages that a page shows. */
const MAX_SHOWN = 500;

export type AlertPage = {
  alert: AlertRow;
  rule: StoredRule | null;
  members: StoredMember[];
  events: {
    id: string;
    at: Date;
    kind: AlertEventKind;
    actorKind: string;
    actorName: string | null;
    detail: { count?: number; left?: number; names?: string[]; note?: string; why?: string; mute?: string };
  }[];
  deliveries: (StoredDelivery & { channel: string })[];
};

/** One alert with all that is known of it. @throws AppError `not_found` */
export async function alertPage(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  { alertId }: { alertId: string },
): Promise<AlertPage> {
  requirePermission(actor, 'alerts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const alert = await findAlert(scope, alertId);
  if (!alert) throw notFound('alert');
  const [rule, members, events, deliveries, channels, mutes] = await Promise.all([
    alert.ruleId ? findAlertRule(scope, alert.ruleId) : null,
    listMembers(scope, alertId, MAX_SHOWN),
    listAlertEvents(scope, alertId),
    listDeliveries(scope, { alertId, limit: MAX_SHOWN }),
    listAlertChannels(scope),
    listAlertMutes(scope),
  ]);
  const people = await userNames(
    scope,
    events.map(({ actorKind, actorId }) => (actorKind === 'user' ? actorId : null)),
  );
  const channelNames = new Map(channels.map(({ id, name }) => [id, name]));
  const names = members.slice(0, 3).map(({ name }) => name);
  const subjectKinds = [...new Set(members.map(({ subjectKind }) => subjectKind))];
  return {
    alert: {
      ...alert,
      names,
      subjectKinds,
      evidence: members[0]?.evidence ?? null,
      state: stateOf(alert),
      mute: mutes.find(({ id }) => id === alert.mutedById)?.name ?? null,
    },
    rule,
    members,
    events: events.map(({ actorId, kind, detail, ...event }) => ({
      ...event,
      kind: kind as AlertEventKind,
      actorName: people.get(actorId ?? '') ?? null,
      detail: detail as AlertPage['events'][number]['detail'],
    })),
    deliveries: deliveries.map((delivery) => ({
      ...delivery,
      channel: channelNames.get(delivery.channelId) ?? 'a removed channel',
    })),
  };
}

export type RuleRow = StoredRule & { openAlerts: number };

/** Every rule, with how many of its alerts are open. */
export async function ruleList(deps: Pick<Deps, 'db'>, actor: Actor): Promise<RuleRow[]> {
  requirePermission(actor, 'alerts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const [rules, open] = await Promise.all([
    listAlertRules(scope),
    listAlerts(scope, { states: ['firing', 'acknowledged'], limit: MAX_SHOWN }),
  ]);
  const byRule = Map.groupBy(open, ({ ruleId }) => ruleId);
  return rules.map((rule) => ({ ...rule, openAlerts: byRule.get(rule.id)?.length ?? 0 }));
}

export async function rulePage(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  { ruleId }: { ruleId: string },
): Promise<StoredRule> {
  requirePermission(actor, 'alerts:read');
  const rule = await findAlertRule(forTenant(deps.db, actor.organizationId), ruleId);
  if (!rule) throw notFound('rule');
  return rule;
}

/** Versions by name, for who makes a rule about one. */
export async function versionNames(deps: Pick<Deps, 'db'>, actor: Actor): Promise<{ id: string; name: string }[]> {
  requirePermission(actor, 'alerts:read');
  const names = await listVersionNames(forTenant(deps.db, actor.organizationId));
  return [...names].map(([id, name]) => ({ id, name })).toSorted((a, b) => a.name.localeCompare(b.name));
}

export const DeliveryListInput = z.object({
  channelId: z.uuid().optional(),
  state: z.enum(['waiting', 'sent', 'dead']).optional(),
  limit: z.number().int().min(1).max(200).default(50),
  cursor: z.uuid().nullish(),
});
export type DeliveryListInput = z.input<typeof DeliveryListInput>;

/** Messages, newest first: what was sent, what waits, what was given up. */
export async function deliveryList(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  input: DeliveryListInput,
): Promise<{ items: StoredDelivery[]; nextCursor: string | null }> {
  requirePermission(actor, 'alerts:read');
  const { cursor, ...filter } = DeliveryListInput.parse(input);
  const items = await listDeliveries(forTenant(deps.db, actor.organizationId), {
    ...filter,
    before: cursor ?? undefined,
  });
  return { items, nextCursor: items.length === filter.limit ? (items.at(-1)?.id ?? null) : null };
}
