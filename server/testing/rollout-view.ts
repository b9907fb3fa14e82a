import type * as z from 'zod';
import { noSamples } from '../domain/rollout/gates/samples.ts';
import { RolloutPlan } from '../domain/rollout/plan.ts';
import type { RolloutView, WaveView } from '../domain/rollout/step.ts';
import type { WaveMember } from '../domain/rollout/thresholds.ts';

/** The moment at which the literal tables look. */
export const NOW = new Date('2026-03-01T12:00:00Z');

export function ago(seconds: number): Date {
  return new Date(NOW.getTime() - seconds * 1000);
}

/** A reachable device; `id` names deployment and device. */
export function member(id: string, state: WaveMember['state'] = 'queued', more: Partial<WaveMember> = {}): WaveMember {
  return {
    deploymentId: id,
    deviceId: `device-${id}`,
    state,
    stateSince: ago(60),
    notifiedAt: state === 'queued' ? null : ago(60),
    isReachable: true,
    tries: state === 'queued' ? 0 : 1,
    triesAgainAt: null,
    group: '',
    isBack: false,
    ...more,
  };
}

export function wave(
  position: number,
  state: WaveView['state'],
  members: WaveMember[],
  more: Partial<WaveView> = {},
): WaveView {
  return {
    position,
    state,
    members,
    startedAt: state === 'pending' ? null : ago(60),
    bakingAt: state === 'baking' ? ago(60) : null,
    approvedAt: null,
    samples: noSamples,
    ...more,
  };
}

type PlanInput = z.input<typeof RolloutPlan>;
type WaveInput = Partial<PlanInput['waves'][number]>;

/** One plan wave per given wave; each is the default with what is named changed. */
export function rollout(
  waves: WaveView[],
  more: Partial<Omit<RolloutView, 'plan' | 'waves'>> & { plan?: Partial<PlanInput>; wave?: WaveInput } = {},
): RolloutView {
  const { plan, wave: wavePlan, ...view } = more;
  return {
    state: 'running',
    stateSince: ago(60),
    rollback: null,
    waves,
    plan: RolloutPlan.parse({
      waves: waves.map(({ position }) => ({ name: `Wave ${position}`, size: { count: 1 }, ...wavePlan })),
      ...plan,
    }),
    ...view,
  };
}
