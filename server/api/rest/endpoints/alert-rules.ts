import * as z from 'zod';
import { AlertRuleFields } from '../../../domain/alerts/rule.ts';
import { ruleList, rulePage } from '../../../queries/alerts.ts';
import { PreviewRule, previewRule } from '../../../queries/alerts-preview.ts';
import { NameRule, removeRule, restoreDefaults, restoreRule, saveRule } from '../../../services/alerts/save-rule.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { pageOf } from '../resources.ts';
import { RuleResource, ruleResource } from './alert-resources.ts';

const Fields = AlertRuleFields.meta({ id: 'AlertRuleFields' });

const Preview = z
  .object({
    subjects: z.int(),
    bad: z.array(z.object({ subjectId: z.string(), name: z.string(), value: z.number().nullable() })),
    badCount: z.int(),
    withoutData: z.int(),
    day: z
      .object({
        alerts: z.int(),
        firings: z.int(),
        stepS: z.number(),
        moments: z.array(z.object({ at: z.iso.datetime(), name: z.string() })),
      })
      .nullable()
      .meta({ description: 'What the last 24 hours would have brought; null for what keeps no history.' }),
  })
  .meta({ id: 'AlertRulePreview' });

export const alertRuleEndpoints = [
  endpoint({
    method: 'GET',
    path: '/alert-rules',
    operationId: 'listAlertRules',
    tag: 'Alerts',
    permission: 'alerts:read',
    status: 200,
    summary: 'List the rules',
    response: pageOf(RuleResource),
    handle: async ({ deps, actor }) => ({
      status: 200,
      body: {
        items: (await ruleList(deps, actor)).map(({ openAlerts: _, ...rule }) => ruleResource(rule)),
        nextCursor: null,
      },
    }),
  }),
  endpoint({
    method: 'POST',
    path: '/alert-rules',
    operationId: 'createAlertRule',
    tag: 'Alerts',
    permission: 'alerts:write',
    status: 201,
    summary: 'Make a rule',
    body: Fields,
    response: RuleResource,
    handle: async ({ deps, actor, body }) => {
      const rule = await saveRule(deps, actor, { rule: body });
      return { status: 201, body: ruleResource(rule), headers: { location: `/api/v1/alert-rules/${rule.id}` } };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/alert-rules/preview',
    operationId: 'previewAlertRule',
    tag: 'Alerts',
    permission: 'alerts:read',
    status: 200,
    summary: 'Say what a rule would bring, and what it would have brought in the last 24 hours',
    body: PreviewRule.meta({ id: 'PreviewAlertRule' }),
    response: Preview,
    handle: async ({ deps, actor, body }) => {
      const { day, ...preview } = await previewRule(deps, actor, body);
      const moments = (day?.moments ?? []).map(({ at, name }) => ({ at: at.toISOString(), name }));
      return { status: 200, body: { ...preview, day: day && { ...day, moments } } };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/alert-rules/restore-defaults',
    operationId: 'restoreDefaultAlertRules',
    tag: 'Alerts',
    permission: 'alerts:write',
    status: 200,
    summary: 'Bring back those of the first rules that were removed',
    response: z.object({ restored: z.int() }).meta({ id: 'RestoredAlertRules' }),
    handle: async ({ deps, actor }) => ({ status: 200, body: await restoreDefaults(deps, actor) }),
  }),
  endpoint({
    method: 'GET',
    path: '/alert-rules/{ruleId}',
    operationId: 'getAlertRule',
    tag: 'Alerts',
    permission: 'alerts:read',
    status: 200,
    summary: 'Get a rule',
    params: NameRule,
    response: RuleResource,
    handle: async ({ deps, actor, params }) => ({
      status: 200,
      body: ruleResource(await rulePage(deps, actor, params)),
    }),
  }),
  endpoint({
    method: 'PATCH',
    path: '/alert-rules/{ruleId}',
    operationId: 'updateAlertRule',
    tag: 'Alerts',
    permission: 'alerts:write',
    status: 200,
    summary: 'Change a rule',
    description: 'Takes the whole rule. One that is switched off has no open alerts.',
    params: NameRule,
    body: Fields,
    response: RuleResource,
    handle: async ({ deps, actor, params, body }) => ({
      status: 200,
      body: ruleResource(await saveRule(deps, actor, { ...params, rule: body })),
    }),
  }),
  endpoint({
    method: 'POST',
    path: '/alert-rules/{ruleId}/restore',
    operationId: 'restoreAlertRule',
    tag: 'Alerts',
    permission: 'alerts:write',
    status: 200,
    summary: 'Make one of the first rules what it was',
    params: NameRule,
    response: RuleResource,
    handle: async ({ deps, actor, params }) => ({
      status: 200,
      body: ruleResource(await restoreRule(deps, actor, params)),
    }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/alert-rules/{ruleId}',
    operationId: 'removeAlertRule',
    tag: 'Alerts',
    permission: 'alerts:write',
    status: 204,
    summary: 'Remove a rule; its open alerts are over, those of the past stay',
    params: NameRule,
    handle: async ({ deps, actor, params }) => {
      await removeRule(deps, actor, params);
      return { status: 204, body: undefined };
    },
  }),
];
