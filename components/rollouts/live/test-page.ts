import { RolloutPlan } from '@/server/domain/rollout/plan.ts';
import type { DeploymentState, RolloutState, WaveState } from '@/server/domain/rollout/states.ts';
import { countWave, type WaveMember } from '@/server/domain/rollout/thresholds.ts';
import type { NextInput } from './what-next.ts';
import type { Gate } from './words.ts';

/** The moment the pages of these tests begin. */
export const T0 = Date.UTC(2026, 10, 20, 12, 0, 0);
/** Minutes after the beginning. */
export const at = (minutes: number) => new Date(T0 + minutes * 60_000);

/** A member as letters: the state, and a `-` for a device out of reach. */
type MemberSpec = DeploymentState | `-${DeploymentState}`;
/** A wave, as short as a test can say it. */
export type WaveSpec = { state: WaveState; members: MemberSpec[]; startedAt?: Date; bakingAt?: Date; gates?: Gate[] };

/** What a rollout's page is computed from, with a gate on accuracy and a bake of ten minutes in every wave. */
export function testPage(state: RolloutState, waves: WaveSpec[], onErrors: 'pause' | 'roll-back' = 'pause'): NextInput {
  const gates = [{ metric: 'accuracy' as const, limit: 0.9, minInferences: 200 }];
  const plan = RolloutPlan.parse({
    onErrors,
    waves: waves.map((_, i) => ({ name: `Wave ${i + 1}`, size: { count: i + 1 }, bake: { seconds: 600, gates } })),
  });
  const members = waves.flatMap(({ members: specs }, wavePosition) =>
    specs.map((spec, i) => {
      const state = spec.replace(/^-/, '') as DeploymentState;
      return {
        ...{ deploymentId: `p${wavePosition}-${i}`, deviceId: `d${wavePosition}-${i}`, wavePosition, state },
        ...{ stateSince: at(0), notifiedAt: at(0), tries: 1, group: '', triesAgainAt: null, isBack: false },
        isReachable: !spec.startsWith('-'),
      };
    }),
  );
  const rollout = {
    ...{ id: 'r', name: 'm 2', slot: 'default', releaseId: 'x', plan, state, stateSince: at(0), stateReason: null },
    ...{ revision: 1, rollbackOfId: null, createdById: null, createdAt: at(0), startedAt: at(0), finishedAt: null },
    approvedById: null,
  };
  return {
    rollout,
    controls: state === 'paused' ? ['resume', 'abort', 'roll-back'] : ['pause', 'abort', 'roll-back'],
    waves: waves.map((wave, position) => ({
      position,
      name: `Wave ${position + 1}`,
      state: wave.state,
      startedAt: wave.startedAt ?? null,
      bakingAt: wave.bakingAt ?? null,
      approvedAt: null,
      finishedAt: null,
      verdict: null,
      gates: wave.gates ?? [],
      cells: null,
      ...standing(members.filter(({ wavePosition }) => wavePosition === position)),
    })),
  };
}

function standing(members: WaveMember[]) {
  const states = members.map(({ state, isReachable }) => ({ state, isReachable, devices: 1 }));
  return { states, counts: countWave(members) };
}
