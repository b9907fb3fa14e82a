import type { Inference } from '../inference.ts';
import type { LabelledInput } from './synthetic.ts';

/** Behind by more than this, a source skips ahead instead of catching up: a stall must not become a burst. */
const MAX_BEHIND_MS = 1_000;

/** Feeds the model at a steady rate, one input at a time. Returns what stops it. */
export function startFeed(inference: Inference, next: () => LabelledInput | Promise<LabelledInput>, ratePerS: number) {
  const periodMs = 1000 / ratePerS;
  let dueMs = performance.now();
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  const step = async () => {
    await feedOne(inference, next);
    if (isStopped) return;
    const nowMs = performance.now();
    dueMs = nowMs - dueMs > MAX_BEHIND_MS ? nowMs : dueMs + periodMs;
    timer = setTimeout(() => void step(), Math.max(0, dueMs - nowMs));
  };
  timer = setTimeout(() => void step(), 0);
  return () => {
    isStopped = true;
    if (timer) clearTimeout(timer);
  };
}

/** A failure is counted by the inference, or here when the source itself failed; either way the feed goes on. */
async function feedOne(inference: Inference, next: () => LabelledInput | Promise<LabelledInput>): Promise<void> {
  let input: LabelledInput;
  try {
    input = await next();
  } catch (error) {
    return inference.refuse(error);
  }
  await inference.infer(input.inputs, { label: input.label }).catch(() => {});
}
