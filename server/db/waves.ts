import type { WaveState } from '../domain/rollout/states.ts';
import type { WaveVerdict } from '../domain/rollout/step.ts';
import { Prisma } from './generated/client.ts';
import { dateOf, epochMs } from './json-columns.ts';
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

export type ReadWave = {
  [Name in keyof StoredWave]: StoredWave[Name] extends Date | null ? number | null : StoredWave[Name];
};

/** The waves of a rollout as one JSON value, for {@link toWaves}. */
export function wavesQuery({ organizationId }: Scope, rolloutId: string): Prisma.Sql {
  return Prisma.sql`SELECT coalesce(json_agg(json_build_object('position', w.position, 'name', w.name, 'state', w.state, 'startedAt', ${epochMs('w.started_at')},
      'bakingAt', ${epochMs('w.baking_at')}, 'approvedAt', ${epochMs('w.approved_at')}, 'finishedAt', ${epochMs('w.finished_at')}, 'verdict', w.verdict)
      ORDER BY w.position), '[]')
    FROM wave w WHERE w.organization_id = ${organizationId}::uuid AND w.rollout_id = ${rolloutId}::uuid`;
}

export function toWaves(read: readonly ReadWave[]): StoredWave[] {
  return read.map((wave) => ({
    ...wave,
    startedAt: dateOf(wave.startedAt),
    bakingAt: dateOf(wave.bakingAt),
    approvedAt: dateOf(wave.approvedAt),
    finishedAt: dateOf(wave.finishedAt),
  }));
}

export async function listWaves(scope: Scope, rolloutId: string): Promise<StoredWave[]> {
  const [row] = await scope.tx.$queryRaw<{ waves: ReadWave[] }[]>`SELECT (${wavesQuery(scope, rolloutId)}) AS waves`;
  return toWaves(row?.waves ?? []);
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
