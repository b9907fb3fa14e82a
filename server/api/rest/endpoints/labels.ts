import * as z from 'zod';
import { LabelStudioEvent, labelOfEvent, parseLabelCsv } from '../../../domain/accuracy/label-rows.ts';
import { AppError } from '../../../domain/errors.ts';
import { AddLabels, addLabels } from '../../../services/labels/add-labels.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { fieldErrors } from '../kernel/problem.ts';
import { mediaTypeOf, readJsonBody, readTextBody } from '../kernel/read-body.ts';

/** Ten thousand labels with all that they may have. */
export const MAX_LABELS_BYTES = 4 * 1024 * 1024;

export const Added = z
  .object({
    received: z.int(),
    changed: z.int().meta({ description: 'New, or other than before.' }),
    joined: z.int().meta({ description: 'Of those changed, the ones whose prediction is here.' }),
    waiting: z.int().meta({ description: 'Of those changed, the ones whose prediction has not come yet.' }),
  })
  .meta({ id: 'AddedLabels' });

const Naming = z.object({
  model: z.string().max(64).optional().meta({ description: 'Whose classes labels by name mean.' }),
  version: z.string().max(64).optional().meta({ description: 'Absent: the newest version with a labels file.' }),
});

export const LabelsBody = AddLabels.meta({ id: 'AddLabels' });

export const labelEndpoints = [
  endpoint({
    method: 'POST',
    path: '/labels',
    operationId: 'addLabels',
    tag: 'Labels',
    permission: 'labels:write',
    status: 200,
    summary: 'Say what was right, by inference id',
    description:
      'Up to 10,000 labels, before or after their predictions arrive. A label is a class (index or name) or a number; the latest wins, and sending it again changes nothing. CSV has a head: id, one of class, label and value, and perhaps at.',
    query: Naming.extend({ source: z.string().max(100).optional() }),
    streamedBody: {
      'application/json': { schema: LabelsBody },
      'text/csv': { schema: { type: 'string' } },
    },
    response: Added,
    handle: async ({ deps, actor, query, request }) => {
      if (mediaTypeOf(request) === 'text/csv') {
        const labels = parseLabelCsv(await readTextBody(request, MAX_LABELS_BYTES));
        return { status: 200, body: await addLabels(deps, actor, parsedLabels({ ...query, labels })) };
      }
      const body = await readJsonBody(request, MAX_LABELS_BYTES);
      const input = typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...query, ...body } : body;
      return { status: 200, body: await addLabels(deps, actor, parsedLabels(input)) };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/labels/label-studio',
    operationId: 'addLabelStudioEvent',
    tag: 'Labels',
    permission: 'labels:write',
    status: 200,
    summary: 'Take a webhook of Label Studio',
    description:
      'Set the key as a header of the webhook: Authorization: Bearer flt_key_…. The task’s data names the inference as inference_id; its first choice, or its number, is the label. Other events are accepted and ignored.',
    query: Naming,
    body: LabelStudioEvent,
    response: Added,
    handle: async ({ deps, actor, query, body }) => {
      const label = labelOfEvent(body);
      if (!label) return { status: 200, body: { received: 0, changed: 0, joined: 0, waiting: 0 } };
      const input = { ...query, labels: [label], source: 'label-studio' };
      return { status: 200, body: await addLabels(deps, actor, parsedLabels(input)) };
    },
  }),
];

/** @throws AppError `invalid` */
export function parsedLabels(input: unknown): AddLabels {
  const result = AddLabels.safeParse(input);
  if (result.success) return result.data;
  const fields = fieldErrors(result.error);
  throw new AppError({
    code: 'invalid',
    reason: 'invalid_request',
    userMessage: `The labels are not right: ${fields[0]?.pointer} ${fields[0]?.message}.`,
    fields,
  });
}
