import type pg from 'pg';
import { countWaiting } from '../db/ingest/fold.ts';
import { dropLease, takeLease } from '../db/leases.ts';
import type { Logger } from '../platform/logger.ts';
import type { Deps } from '../services/deps.ts';
import { judgeDrift } from '../services/monitoring/judge-drift.ts';
import { foldAdded } from './fold.ts';
import { LEAST_REST_MS, MOST_REST_MS, MUCH, restAfterFold } from './fold-rest.ts';

const LEASE = 'monitor';

/** Longer than one look takes; how long a killed worker keeps others waiting. */
const LEASE_LIFE_MS = 60_000;

type MonitorDeps = Pick<Deps, 'db' | 'now'> & { logger: Logger; pool: pg.Pool; stopping: AbortSignal; much?: number };

/**
 * A duty to be called every second. When enough waits it adds what ingest appended to the rollups and hours, then judges the hours
 * that have ended, until none is left or another worker has the lease: one worker does both, because an hour is judged when nothing waits to
 * be added to it.
 */
export function createMonitor(
  { pool, stopping, much = MUCH, ...deps }: MonitorDeps,
  holder: string,
): () => Promise<void> {
  const mayGoOn = () => takeLease(deps.db, LEASE, holder, LEASE_LIFE_MS);
  let [beganMs, restMs, hasFailed]: [number | null, number, boolean] = [null, 0, false];
  const isMuch = async (sinceMs: number) =>
    !hasFailed && sinceMs >= LEAST_REST_MS && (await countWaiting(pool)) >= much;
  return async () => {
    const nowMs = performance.now();
    const sinceMs = beganMs === null ? null : nowMs - beganMs;
    if (sinceMs !== null && sinceMs < restMs && !(await isMuch(sinceMs))) return;
    [beganMs, restMs, hasFailed] = [nowMs, MOST_REST_MS, true];
    try {
      restMs = restAfterFold(await foldAdded({ pool, mayGoOn, stopping }), sinceMs);
      hasFailed = false;
    } finally {
      while ((await mayGoOn()) && (await judgeDrift(deps)) > 0);
    }
  };
}

export function releaseMonitor(deps: Pick<Deps, 'db'>, holder: string): Promise<void> {
  return dropLease(deps.db, LEASE, holder);
}
