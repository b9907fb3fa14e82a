import { setTimeout as delay } from 'node:timers/promises';
import type { BenchStack } from './bench-stack.ts';
import { OUR_OWN } from './statements.ts';

const LOOK_MS = 50;

/** Kills the worker with SIGKILL once a third of the devices have answered; the supervisor starts it again. */
export async function killWorkerInTheMiddle({ stack, database }: BenchStack, rolloutId: string): Promise<void> {
  for (let share = 0; share < 1 / 3; await delay(LOOK_MS)) {
    const { rows } = await database.query<{ share: number }>(
      `SELECT ${OUR_OWN} (count(*) FILTER (WHERE finished_at IS NOT NULL))::float8 / count(*) AS share FROM deployment WHERE rollout_id = $1`,
      [rolloutId],
    );
    share = rows[0]?.share ?? 0;
  }
  const pid = stack.supervisor.pidOf('worker');
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}
