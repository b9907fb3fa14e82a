import type { SlotReport } from '@flotilla/protocol';
import type { DeploymentState } from '../../domain/rollout/states.ts';
import { binaryArray } from './binary-array.ts';
import type { Read, Write } from './together.ts';

export type SlotRow = { organizationId: string; deviceId: string; slot: string; report: SlotReport; at: Date };

/** What each slot says it does. */
export function slotsWrite(rows: readonly SlotRow[]): Write {
  return {
    text: `INSERT INTO device_slot AS s (organization_id, device_id, slot, phase, phase_since, serving_release_id, serving_since, report, updated_at)
     SELECT g.* FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::uuid[], $7::timestamptz[], $8::jsonb[], $9::timestamptz[]) AS g
     ON CONFLICT (device_id, slot) DO UPDATE SET phase = excluded.phase, phase_since = excluded.phase_since, serving_release_id = excluded.serving_release_id,
       serving_since = CASE WHEN s.serving_release_id IS NOT DISTINCT FROM excluded.serving_release_id THEN s.serving_since ELSE excluded.serving_since END,
       report = excluded.report, updated_at = excluded.updated_at`,
    values: [
      binaryArray('uuid', rows, (row) => row.organizationId),
      binaryArray('uuid', rows, (row) => row.deviceId),
      binaryArray('text', rows, (row) => row.slot),
      binaryArray('text', rows, ({ report }) => report.phase),
      binaryArray('timestamptz', rows, ({ report, at }) => Math.min(report.since, at.getTime())),
      binaryArray('uuid', rows, ({ report }) => report.serving?.releaseId),
      binaryArray(
        'timestamptz',
        rows,
        ({ report, at }) => report.serving && Math.min(report.serving.since, at.getTime()),
      ),
      binaryArray('jsonb', rows, ({ report }) => JSON.stringify(report)),
      binaryArray('timestamptz', rows, (row) => row.at.getTime()),
    ],
  };
}

export type OpenDeployment = {
  id: string;
  deviceId: string;
  rolloutId: string;
  organizationId: string;
  slot: string;
  state: DeploymentState;
  releaseId: string | null;
};

/**
 * The deployments that a batch of reports may move: those named, and those that empty a slot of these devices, also when it took too long. Each
 * kind by an index of its own: asked for with OR, the database reads all that ever were.
 */
export function lockedDeployments(ids: readonly string[], deviceIds: readonly string[]): Read<OpenDeployment> {
  return {
    columns: {
      id: 'id',
      deviceId: 'device_id',
      rolloutId: 'rollout_id',
      organizationId: 'organization_id',
      slot: 'slot',
      state: 'state',
      releaseId: 'release_id',
    },
    from: `FROM deployment WHERE device_id = ANY($2::uuid[]) AND id = ANY($1::uuid[] || ARRAY(
       SELECT e.id FROM deployment e WHERE e.device_id = ANY($2::uuid[]) AND e.release_id IS NULL AND e.state IN ('notified', 'timed-out')))
     ORDER BY id FOR UPDATE`,
    values: [binaryArray('uuid', ids, (id) => id), binaryArray('uuid', deviceIds, (id) => id)],
  };
}

export type DeploymentMove = { id: string; state: DeploymentState; isFinished: boolean; at: Date; report: SlotReport };

/** Deployments moved on their devices' word. A proof, once given, stays. */
export function movesWrite(moves: readonly DeploymentMove[]): Write {
  const json = (value: object | undefined) => (value ? JSON.stringify(value) : null);
  return {
    text: `UPDATE deployment d SET state = g.state, state_since = CASE WHEN d.state = g.state THEN d.state_since ELSE g.at END,
       finished_at = CASE WHEN g.finished THEN coalesce(d.finished_at, g.at) END, reason = g.reason, progress = g.progress,
       proof = coalesce(g.proof, d.proof), attempts = greatest(d.attempts, g.attempts)
     FROM unnest($1::uuid[], $2::text[], $3::bool[], $4::timestamptz[], $5::jsonb[], $6::jsonb[], $7::jsonb[], $8::int[])
       AS g (id, state, finished, at, reason, progress, proof, attempts)
     WHERE d.id = g.id`,
    values: [
      binaryArray('uuid', moves, (move) => move.id),
      binaryArray('text', moves, (move) => move.state),
      binaryArray('bool', moves, (move) => move.isFinished),
      binaryArray('timestamptz', moves, (move) => move.at.getTime()),
      binaryArray('jsonb', moves, ({ report }) => json(report.reason)),
      binaryArray('jsonb', moves, ({ report }) => json(report.progress)),
      binaryArray('jsonb', moves, ({ report }) => json(report.proof)),
      binaryArray('int4', moves, ({ report }) => Math.min(report.attempts ?? 0, 1_000_000)),
    ],
  };
}
