import { expect, it } from 'vitest';
import { errors } from '../domain/rollout/gates/test-samples.ts';
import { type RolloutView, step } from '../domain/rollout/step.ts';
import { ago, NOW } from './rollout-view.ts';

/** Decisions in one word each: what they do, to whom, and why. */
export function saysOf(view: RolloutView, now = NOW): string[] {
  return step(view, now).map((decision) => {
    const parts: (string | number)[] = [decision.kind];
    if ('position' in decision) parts.push(decision.position);
    if ('deploymentIds' in decision) parts.push(decision.deploymentIds.join('+'));
    if ('why' in decision) parts.push(decision.why);
    if (decision.kind === 'finish') parts.push(decision.state);
    return parts.join(' ');
  });
}

/** Of a device that cannot be reached. */
export const dark = { isReachable: false };

/** At most a tenth of 200 inferences or more may fail. */
export const gate = { metric: 'error_rate', limit: 0.1, minInferences: 200 } as const;

/** A wave that has baked its time, with so many bad of n. */
export const baked = (bad: number, n: number) => ({
  bakingAt: ago(600),
  samples: errors(bad, n),
});

type Case = [guarantee: string, view: RolloutView, says: string[]];

/** A test each: what one look at this view decides. */
export const check = (cases: Case[]) => it.each(cases)('%s', (_, view, says) => expect(saysOf(view)).toEqual(says));
