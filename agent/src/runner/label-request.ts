import { DetectionCounts } from '@flotilla/protocol';
import * as z from 'zod';
import type { LabelFate, Monitor } from './monitor/monitor.ts';
import { badRequest } from './runner-error.ts';

/** Labels of one request. */
const MAX_LABELS = 1_000;

/** `label`: the true class by name or index, or the true value of a regression; `detection`: the objects of one image, counted. */
const LateLabel = z.union([
  z.object({ id: z.string().min(1).max(128), label: z.union([z.string().min(1).max(100), z.number()]) }),
  z.object({ id: z.string().min(1).max(128), detection: DetectionCounts }),
]);
const LabelRequest = z.object({ labels: z.array(LateLabel).min(1).max(MAX_LABELS) });

/** What became of each label that was not counted. */
export type LabelAnswer = { counted: number; refused: { id: string; reason: Exclude<LabelFate, 'counted'> }[] };

/** Takes labels that come after their answers. Throws {@link RequestError} 400 for a body that is none. */
export function takeLabels(monitor: Pick<Monitor, 'label'>, body: Buffer): LabelAnswer {
  const parsed = LabelRequest.safeParse(jsonOf(body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw badRequest('bad_labels', `${issue?.path.join('.') || 'labels'}: ${issue?.message ?? 'not understood'}`);
  }
  const answer: LabelAnswer = { counted: 0, refused: [] };
  for (const each of parsed.data.labels) {
    const fate = monitor.label(each.id, 'detection' in each ? each.detection : each.label);
    if (fate === 'counted') answer.counted += 1;
    else answer.refused.push({ id: each.id, reason: fate });
  }
  return answer;
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw badRequest('bad_json', 'the request is not JSON');
  }
}
