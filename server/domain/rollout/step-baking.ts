import { bakeVerdict } from './gates/bake-verdict.ts';
import type { RolloutPlan, WavePlan } from './plan.ts';
import type { Decision, WaveView } from './step.ts';
import { countWave, isErrorThresholdCrossed } from './thresholds.ts';

export function stepBaking(wave: WaveView, plan: WavePlan, { retries }: RolloutPlan, now: Date): Decision[] {
  const { position, samples, bakingAt } = wave;
  const baked = bakeVerdict(plan.bake, samples, bakingAt === null ? 0 : elapsedS(bakingAt, now));
  const verdict = { counts: countWave(wave.members, retries), gates: baked.gates };
  if (isErrorThresholdCrossed(verdict.counts, plan))
    return failWave('roll-back', { kind: 'fail-wave', position, verdict, why: 'errors' });
  switch (baked.outcome) {
    case 'breach': {
      const { metric, onBreach } = baked.gate;
      return failWave(onBreach, { kind: 'fail-wave', position, verdict, why: 'gate', metric });
    }
    case 'pass':
      return [{ kind: 'pass-wave', position, verdict }];
    case 'no-data':
      return [{ kind: 'pause', why: 'no-data', position, verdict }];
    case 'go-on':
      return [];
  }
}

/** A wave that failed, and what the plan does about it. */
export function failWave(action: 'pause' | 'roll-back', failure: Extract<Decision, { kind: 'fail-wave' }>): Decision[] {
  const { why, position } = failure;
  return [failure, action === 'pause' ? { kind: 'pause', why, position } : { kind: 'roll-back', why, position }];
}

export function elapsedS(since: Date, now: Date): number {
  return (now.getTime() - since.getTime()) / 1000;
}
