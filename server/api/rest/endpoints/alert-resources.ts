import * as z from 'zod';
import type { StoredChannel } from '../../../db/alerts-channels.ts';
import type { StoredDelivery } from '../../../db/alerts-deliveries.ts';
import type { StoredRule } from '../../../db/alerts-rules.ts';
import { ChannelSettings } from '../../../domain/alerts/channel.ts';
import { AlertCondition } from '../../../domain/alerts/condition.ts';
import { type Evidence, subjectKinds } from '../../../domain/alerts/evaluate.ts';
import { messageTypes } from '../../../domain/alerts/message.ts';
import { MuteFields } from '../../../domain/alerts/mute.ts';
import { AlertRuleFields, severities } from '../../../domain/alerts/rule.ts';
import { evidenceText } from '../../../domain/alerts/words.ts';
import { type AlertPage, type AlertRow, alertStates } from '../../../queries/alerts.ts';
import type { MuteView } from '../../../services/alerts/save-mute.ts';

const Time = z.iso.datetime();
const time = (at: Date) => at.toISOString();
const timeOrNull = (at: Date | null) => at?.toISOString() ?? null;

export const AlertResource = z
  .object({
    id: z.uuid(),
    ruleId: z.uuid().nullable(),
    rule: z.string(),
    severity: z.enum(severities),
    state: z.enum(alertStates),
    firedAt: Time,
    acknowledgedAt: Time.nullable(),
    resolvedAt: Time.nullable(),
    resolvedWhy: z.enum(['good', 'gone', 'person', 'rule']).nullable(),
    mutedBy: z.string().nullable().meta({ description: 'The mute that keeps it from being told now.' }),
    members: z.int().meta({ description: 'Subjects that fire now.' }),
    peakMembers: z.int(),
    names: z.array(z.string()).meta({ description: 'The first few subjects.' }),
    sentence: z.string().nullable().meta({ description: 'What was measured, in words.' }),
  })
  .meta({ id: 'Alert' });

export function alertResource(row: AlertRow): z.input<typeof AlertResource> {
  const { id, ruleId, ruleName, severity, state, resolvedWhy, mute, members, peakMembers, names, evidence } = row;
  return {
    id,
    ruleId,
    severity,
    state,
    resolvedWhy,
    members,
    peakMembers,
    names,
    rule: ruleName,
    mutedBy: mute,
    firedAt: time(row.firedAt),
    acknowledgedAt: timeOrNull(row.acknowledgedAt),
    resolvedAt: timeOrNull(row.resolvedAt),
    sentence: evidence && evidenceText(row.condition, evidence),
  };
}

const EvidenceResource = z.object({
  value: z.number().nullable(),
  limit: z.number(),
  op: z.enum(['above', 'below']),
  samples: z.number(),
  baseline: z.number().nullable(),
  from: Time,
  to: Time,
  versionIds: z.array(z.string()),
  detail: z.string().nullable(),
  isNoData: z.boolean(),
});

export const AlertDetailResource = AlertResource.extend({
  condition: AlertCondition,
  subjects: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(subjectKinds),
      name: z.string(),
      firedAt: Time,
      clearedAt: Time.nullable(),
      evidence: EvidenceResource,
    }),
  ),
  timeline: z.array(
    z.object({
      at: Time,
      kind: z.string(),
      actorKind: z.string(),
      actor: z.string().nullable(),
      note: z.string().nullable(),
    }),
  ),
}).meta({ id: 'AlertDetail' });

export function alertDetailResource({ alert, members, events }: AlertPage): z.input<typeof AlertDetailResource> {
  return {
    ...alertResource(alert),
    condition: alert.condition,
    subjects: members.map(({ subjectId, subjectKind, name, firedAt, clearedAt, evidence }) => ({
      id: subjectId,
      kind: subjectKind,
      name,
      firedAt: time(firedAt),
      clearedAt: timeOrNull(clearedAt),
      evidence: evidenceResource(evidence),
    })),
    timeline: events.map(({ at, kind, actorKind, actorName, detail }) => ({
      at: time(at),
      kind,
      actorKind,
      actor: actorName,
      note: detail.note || null,
    })),
  };
}

function evidenceResource(evidence: Evidence): z.input<typeof EvidenceResource> {
  return { ...evidence, from: time(evidence.from), to: time(evidence.to) };
}

export const RuleResource = AlertRuleFields.extend({
  id: z.uuid(),
  defaultKey: z.string().nullable().meta({ description: 'Which of the rules that every organization starts with.' }),
  createdAt: Time,
  updatedAt: Time,
  evaluatedAt: Time.nullable(),
  failure: z.string().nullable().meta({ description: 'Why the last look failed.' }),
}).meta({ id: 'AlertRule' });

export function ruleResource({ createdAt, updatedAt, evaluatedAt, ...rule }: StoredRule): z.input<typeof RuleResource> {
  return { ...rule, createdAt: time(createdAt), updatedAt: time(updatedAt), evaluatedAt: timeOrNull(evaluatedAt) };
}

export const ChannelResource = z
  .object({
    id: z.uuid(),
    name: z.string(),
    settings: ChannelSettings,
    isEnabled: z.boolean(),
    minSeverity: z.enum(severities),
    hasSecret: z.boolean(),
    createdAt: Time,
  })
  .meta({ id: 'AlertChannel' });

export function channelResource({
  createdById: _,
  createdAt,
  ...channel
}: StoredChannel): z.input<typeof ChannelResource> {
  return { ...channel, createdAt: time(createdAt) };
}

export const MuteResource = MuteFields.extend({
  id: z.uuid(),
  createdAt: Time,
  isOn: z.boolean(),
  until: Time.nullable().meta({ description: 'End of the mute that holds now.' }),
  nextAt: Time.nullable().meta({ description: 'When it holds next; null for never again.' }),
}).meta({ id: 'AlertMute' });

export function muteResource({ createdById: _, createdAt, state, ...mute }: MuteView): z.input<typeof MuteResource> {
  return {
    ...mute,
    createdAt: time(createdAt),
    isOn: state.isOn,
    until: state.isOn ? time(state.until) : null,
    nextAt: state.isOn ? null : timeOrNull(state.nextAt),
  };
}

export const DeliveryResource = z
  .object({
    id: z.uuid(),
    channelId: z.uuid(),
    alertId: z.uuid().nullable(),
    type: z.string(),
    title: z.string(),
    state: z.enum(['waiting', 'sent', 'dead']),
    attempts: z.int(),
    nextTryAt: Time.nullable(),
    lastError: z.string().nullable(),
    createdAt: Time,
    finishedAt: Time.nullable(),
  })
  .meta({ id: 'AlertDelivery' });

export function deliveryResource(delivery: StoredDelivery): z.input<typeof DeliveryResource> {
  const { kind, createdAt, finishedAt, nextTryAt, ...rest } = delivery;
  return {
    ...rest,
    type: messageTypes[kind],
    nextTryAt: delivery.state === 'waiting' ? time(nextTryAt) : null,
    createdAt: time(createdAt),
    finishedAt: timeOrNull(finishedAt),
  };
}
