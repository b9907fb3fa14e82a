import type { WaveState } from '../domain/rollout/states.ts';
import type { WaveVerdict } from '../domain/rollout/step.ts';
import type { Scope } from './scope.ts';

export type StoredWave = {
  position: number;
  name: string;
  state: WaveState;
  startedAt: Date | null;
  bakingAt: Date | null;
  approvedAt: Date | null;
  finishedAt: Date | null;
  verdict: WaveVerdict | null;
};

export async function listWaves({ tx, organizationId }: Scope, rolloutId: string): Promise<StoredWave[]> {
  const rows = await tx.wave.findMany({ where: { organizationId, rolloutId }, orderBy: { position: 'asc' } });
  return rows.map(({ position, name, state, startedAt, bakingAt, approvedAt, finishedAt, verdict }) => ({
    position,
    name,
    startedAt,
    bakingAt,
    approvedAt,
    finishedAt,
    state: state as WaveState,
    verdict: verdict as WaveVerdict | null,
  }));
}

/** Moves a wave to a state, noting when it entered it, and the verdict it was based on. */
export async function setWaveState(
  { tx, organizationId }: Scope,
  rolloutId: string,
  position: number,
  state: WaveState,
  at: Date,
  verdict?: WaveVerdict,
): Promise<void> {
  const time =
    state === 'rolling'
      ? { startedAt: at, bakingAt: null, finishedAt: null }
      : state === 'baking'
        ? { bakingAt: at }
        : state === 'pending'
          ? {}
          : { finishedAt: at };
  await tx.wave.updateMany({
    where: { organizationId, rolloutId, position },
    data: { state, ...time, ...(verdict ? { verdict } : {}) },
  });
}
/** Notes that a person lets a wave start. */
export async function approveWave(
  { tx, organizationId }: Scope,
  rolloutId: string,
  position: number,
  by: string,
  at: Date,
): Promise<void> {
  await tx.wave.updateMany({
    where: { organizationId, rolloutId, position },
    data: { approvedAt: at, approvedById: by },
  });
}
