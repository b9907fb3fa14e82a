import * as z from 'zod';
import { severities } from '../../../domain/alerts/rule.ts';
import { alertList, alertPage, alertStates } from '../../../queries/alerts.ts';
import { acknowledgeAlert, HandleAlert, resolveAlert } from '../../../services/alerts/handle-alert.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { PageQuery, pageOf } from '../resources.ts';
import { AlertDetailResource, AlertResource, alertDetailResource, alertResource } from './alert-resources.ts';

/** One or several values, comma-separated. */
const listOf = <T extends readonly [string, ...string[]]>(values: T) =>
  z
    .string()
    .max(200)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)))
    .optional();

const Note = HandleAlert.omit({ alertId: true }).meta({ id: 'HandleAlert' });
const AlertPath = z.object({ alertId: z.uuid() });

export const alertEndpoints = [
  endpoint({
    method: 'GET',
    path: '/alerts',
    operationId: 'listAlerts',
    tag: 'Alerts',
    permission: 'alerts:read',
    status: 200,
    summary: 'List alerts, newest first',
    query: PageQuery.extend({
      cursor: z.uuid().optional(),
      state: listOf(alertStates).meta({ description: `Of ${alertStates.join(', ')}; several by commas.` }),
      severity: listOf(severities).meta({ description: `Of ${severities.join(', ')}; several by commas.` }),
      ruleId: z.uuid().optional(),
      q: z.string().max(100).optional().meta({ description: 'Part of the name of a rule or a subject.' }),
      subjectId: z
        .string()
        .max(64)
        .optional()
        .meta({ description: 'Alerts that this device, version or rollout was in.' }),
    }),
    response: pageOf(AlertResource),
    handle: async ({ deps, actor, query: { state, severity, ...query } }) => {
      const { items, nextCursor } = await alertList(deps, actor, { ...query, states: state, severities: severity });
      return { status: 200, body: { items: items.map(alertResource), nextCursor } };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/alerts/{alertId}',
    operationId: 'getAlert',
    tag: 'Alerts',
    permission: 'alerts:read',
    status: 200,
    summary: 'Get an alert with its subjects, evidence and timeline',
    params: AlertPath,
    response: AlertDetailResource,
    handle: async ({ deps, actor, params }) => ({
      status: 200,
      body: alertDetailResource(await alertPage(deps, actor, params)),
    }),
  }),
  ...(
    [
      ['acknowledge', acknowledgeAlert, 'Say that somebody is on it', 'Its growth is told no more.'],
      [
        'resolve',
        resolveAlert,
        'Say that it is over',
        'Subjects that are still bad say nothing until they have been good once.',
      ],
    ] as const
  ).map(([verb, act, summary, description]) =>
    endpoint({
      method: 'POST',
      path: `/alerts/{alertId}/${verb}`,
      operationId: `${verb}Alert`,
      tag: 'Alerts',
      permission: 'alerts:write',
      status: 200,
      summary,
      description,
      params: AlertPath,
      body: Note,
      response: AlertDetailResource,
      handle: async ({ deps, actor, params, body }) => {
        await act(deps, actor, { ...params, ...body });
        return { status: 200, body: alertDetailResource(await alertPage(deps, actor, params)) };
      },
    }),
  ),
];
