import * as z from 'zod';
import { AppError } from '../errors.ts';

/** Labels of one request. */
export const MAX_LABELS = 10_000;

const MAX_CLASS = 63;

/** What was right for one inference: a class by its index or its name, or a number. `at`: when it was found out. */
export const LabelInput = z
  .object({
    id: z.string().min(1).max(128),
    class: z.number().int().min(0).max(MAX_CLASS).optional(),
    label: z.string().min(1).max(100).optional(),
    value: z.number().optional(),
    at: z.iso.datetime({ offset: true }).optional(),
  })
  .refine(
    ({ class: index, label, value }) => [index, label, value].filter((each) => each !== undefined).length === 1,
    'name exactly one of class, label and value',
  )
  .meta({ id: 'Label' });
export type LabelInput = z.infer<typeof LabelInput>;

const columns = ['id', 'class', 'label', 'value', 'at'] as const;

/** Labels from CSV with a head that names `id`, one of `class`, `label` and `value`, and perhaps `at`. @throws AppError `invalid`, naming the line. */
export function parseLabelCsv(text: string): LabelInput[] {
  const [head = [], ...rows] = csvRows(text);
  const names = head.map((name) => name.trim().toLowerCase());
  const stray = names.find((name) => !columns.some((column) => column === name));
  if (!names.includes('id') || stray !== undefined)
    throw wrong(
      `The first line must name the columns: id, one of class, label and value, and perhaps at${stray === undefined ? '' : `; "${stray.slice(0, 50)}" is none`}.`,
    );
  if (rows.length > MAX_LABELS)
    throw wrong(`At most ${MAX_LABELS} labels fit into one request; there are ${rows.length}.`);
  return rows.map((cells, at) => {
    const given = Object.fromEntries(
      names.flatMap((name, place) => {
        const cell = cells[place]?.trim() ?? '';
        if (cell === '') return [];
        return [[name, name === 'class' || name === 'value' ? Number(cell) : cell]];
      }),
    );
    const parsed = LabelInput.safeParse(given);
    if (parsed.success && cells.length === names.length) return parsed.data;
    const [issue] = parsed.error?.issues ?? [];
    throw wrong(
      `Line ${at + 2}: ${issue ? `${issue.path.join('.')} ${issue.message}`.trim() : `${cells.length} columns, the head has ${names.length}`}.`,
    );
  });
}

/** Rows of CSV (RFC 4180): quotes around a cell, doubled within it. Empty lines are left out. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const cells = line.match(/("(?:[^"]|"")*"|[^,]*)(,|$)/g)?.slice(0, line.endsWith(',') ? undefined : -1) ?? [];
    rows.push(
      (cells.length > 0 ? cells : [line]).map((cell) =>
        cell
          .replace(/,$/, '')
          .replace(/^"(.*)"$/s, '$1')
          .replaceAll('""', '"'),
      ),
    );
  }
  return rows;
}

const Annotation = z.looseObject({
  updated_at: z.iso.datetime({ offset: true }).optional(),
  result: z.array(z.looseObject({ type: z.string(), value: z.looseObject({}) })),
});

/** What Label Studio sends to a webhook when a task is annotated; the task's data names the inference as `inference_id`. */
export const LabelStudioEvent = z
  .looseObject({
    action: z.string().max(100),
    task: z.looseObject({ data: z.looseObject({ inference_id: z.string().min(1).max(128).optional() }) }).optional(),
    annotation: Annotation.optional(),
  })
  .meta({ id: 'LabelStudioEvent' });
export type LabelStudioEvent = z.infer<typeof LabelStudioEvent>;

/** The label in an event: its first choice, or its number. Null for an event that carries none. @throws AppError `invalid` without an inference. */
export function labelOfEvent({ action, task, annotation }: LabelStudioEvent): LabelInput | null {
  if (!/^ANNOTATION_(CREATED|UPDATED)$/.test(action) || !annotation) return null;
  const id = task?.data.inference_id;
  if (id === undefined)
    throw wrong('The task’s data must have an inference_id: the id that the answer was given under.');
  const at = annotation.updated_at === undefined ? {} : { at: annotation.updated_at };
  for (const { value } of annotation.result) {
    const { choices, number } = value as { choices?: unknown; number?: unknown };
    if (Array.isArray(choices) && typeof choices[0] === 'string')
      return LabelInput.parse({ id, label: choices[0], ...at });
    if (typeof number === 'number') return LabelInput.parse({ id, value: number, ...at });
  }
  return null;
}

function wrong(userMessage: string): AppError {
  return new AppError({ code: 'invalid', reason: 'labels', userMessage });
}
