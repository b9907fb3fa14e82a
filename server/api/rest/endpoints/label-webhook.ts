import * as z from 'zod';
import { AppError } from '../../../domain/errors.ts';
import { addLabels } from '../../../services/labels/add-labels.ts';
import { authenticateWebhook, signedTimeOf } from '../../../services/labels/authenticate-webhook.ts';
import {
  getLabelWebhook,
  type LabelWebhookView,
  removeLabelWebhook,
  renewLabelWebhook,
} from '../../../services/labels/label-webhook.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { readJsonBody, readTextBody } from '../kernel/read-body.ts';
import { Added, LabelsBody, MAX_LABELS_BYTES, parsedLabels } from './labels.ts';

const Time = z.iso.datetime();

const LabelWebhook = z
  .object({
    url: z.url().meta({ description: 'Where signed labels are sent.' }),
    createdAt: Time,
    renewedAt: Time,
    previousUntil: Time.nullable().meta({ description: 'Until then the secret before the last change is good too.' }),
    lastUsedAt: Time.nullable(),
  })
  .meta({ id: 'LabelWebhook' });

const resource = ({ url, createdAt, renewedAt, previousUntil, lastUsedAt }: LabelWebhookView) => ({
  url,
  createdAt: createdAt.toISOString(),
  renewedAt: renewedAt.toISOString(),
  previousUntil: previousUntil?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});

export const labelWebhookEndpoints = [
  endpoint({
    method: 'GET',
    path: '/label-webhook',
    operationId: 'getLabelWebhook',
    tag: 'Labels',
    permission: 'settings:read',
    status: 200,
    summary: 'Where signed labels are sent',
    response: LabelWebhook,
    handle: async ({ deps, actor }) => {
      const webhook = await getLabelWebhook(deps, actor);
      if (!webhook) throw noWebhook();
      return { status: 200, body: resource(webhook) };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/label-webhook',
    operationId: 'renewLabelWebhook',
    tag: 'Labels',
    permission: 'settings:write',
    status: 200,
    summary: 'Make the webhook for labels, or give it a new secret',
    description: 'The secret is in this answer alone. After a change the one before is good for a day more.',
    response: z.object({ webhook: LabelWebhook, secret: z.string() }),
    handle: async ({ deps, actor }) => {
      const { webhook, secret } = await renewLabelWebhook(deps, actor);
      return { status: 200, body: { webhook: resource(webhook), secret } };
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/label-webhook',
    operationId: 'removeLabelWebhook',
    tag: 'Labels',
    permission: 'settings:write',
    status: 204,
    summary: 'Take no more signed labels',
    handle: async ({ deps, actor }) => {
      await removeLabelWebhook(deps, actor);
      return { status: 204, body: undefined };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/labels/webhooks/{webhookId}',
    operationId: 'takeSignedLabels',
    tag: 'Labels',
    permission: 'labels:write',
    status: 200,
    summary: 'Say what was right, signed in place of a key',
    description:
      'The headers webhook-id, webhook-timestamp and webhook-signature as Standard Webhooks has them: `v1,` and the base64 HMAC-SHA256 over `id.timestamp.body` with the webhook’s secret. The time must lie within five minutes. Labels without `at` count as found out at the signed time, so that a call that is sent again changes nothing.',
    params: z.object({ webhookId: z.uuid() }),
    streamedBody: { 'application/json': { schema: LabelsBody } },
    response: Added,
    authenticate: async (deps, request, { webhookId = '' }) => {
      const header = (name: string) => request.headers.get(`webhook-${name}`);
      const headers = { id: header('id'), timestamp: header('timestamp'), signature: header('signature') };
      let body = '';
      const actor = await authenticateWebhook(deps, webhookId, headers, async () => {
        body = await readTextBody(request, MAX_LABELS_BYTES);
        return body;
      });
      return { actor, request: new Request(request.url, { method: 'POST', headers: request.headers, body }) };
    },
    handle: async ({ deps, actor, request }) => {
      const body = await readJsonBody(request, MAX_LABELS_BYTES);
      const named = typeof body === 'object' && body !== null ? { source: 'webhook', ...body } : body;
      const { labels, ...input } = parsedLabels(named);
      const at = new Date((signedTimeOf(request.headers.get('webhook-timestamp')) ?? 0) * 1000).toISOString();
      const timed = labels.map((label) => ({ ...label, at: label.at ?? at }));
      return { status: 200, body: await addLabels(deps, actor, { ...input, labels: timed }) };
    },
  }),
];

function noWebhook(): AppError {
  return new AppError({
    code: 'not_found',
    userMessage: 'This organization takes no signed labels. POST to this path to make its webhook.',
  });
}
