import type { Prediction } from '@flotilla/protocol';
import type pg from 'pg';
import { NIL_ID } from '../../domain/telemetry/rollup.ts';
import type { WindowRow } from './windows.ts';

type PredictionRow = {
  organizationId: string;
  deviceId: string;
  versionId: string;
  slot: string;
  offsetMs: number;
  prediction: Prediction;
};

/** The answers that windows of known versions brought with them. */
export function predictionsOf(
  rows: readonly Pick<WindowRow, 'organizationId' | 'deviceId' | 'versionId' | 'startAt' | 'window'>[],
): PredictionRow[] {
  return rows.flatMap(({ organizationId, deviceId, versionId, startAt, window }) =>
    versionId === null
      ? []
      : (window.predictions ?? []).map((prediction) => ({
          organizationId,
          deviceId,
          versionId,
          slot: window.slot,
          offsetMs: startAt.getTime() - window.startMs,
          prediction,
        })),
  );
}

/**
 * Each inference id once for an organization; the first report of it counts. One that has a label already is counted as labelled. The
 * device's clock is corrected as its windows are. Whether an answer was kept because it was unsure the device knows best; for one that does
 * not say, the bound of now decides.
 */
export async function savePredictions(client: pg.PoolClient, rows: readonly PredictionRow[]): Promise<void> {
  await client.query(
    `WITH put AS (
       INSERT INTO prediction AS p (organization_id, inference_id, device_id, version_id, slot, at, class, value, confidence, is_unsure)
       SELECT DISTINCT ON (g.o, g.i) g.o, g.i, g.d, g.v, g.s, g.at, g.c, g.x, g.f, coalesce(g.u, g.f < o.prediction_unsure_below, false)
       FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::smallint[], $8::float8[], $9::float4[], $10::bool[])
         WITH ORDINALITY AS g (o, i, d, v, s, at, c, x, f, u, place)
       JOIN organization o ON o.id = g.o ORDER BY g.o, g.i, g.place
       ON CONFLICT (organization_id, inference_id) DO UPDATE SET device_id = excluded.device_id, version_id = excluded.version_id,
         slot = excluded.slot, at = excluded.at, class = excluded.class, value = excluded.value, confidence = excluded.confidence,
         is_unsure = excluded.is_unsure
       WHERE p.at IS NULL
       RETURNING p.*
     ), change AS (SELECT put.*, 1 AS sign, label_class AS new_class, label_value AS new_value FROM put)
     ${ADD_CHANGES}`,
    [
      rows.map((row) => row.organizationId),
      rows.map(({ prediction }) => prediction.id),
      rows.map((row) => row.deviceId),
      rows.map((row) => row.versionId),
      rows.map((row) => row.slot),
      rows.map(({ prediction, offsetMs }) => new Date(prediction.at + offsetMs)),
      rows.map(({ prediction }) => prediction.class ?? null),
      rows.map(({ prediction }) => prediction.value ?? null),
      rows.map(({ prediction }) => prediction.confidence ?? null),
      rows.map(({ prediction }) => prediction.unsure ?? null),
    ],
  );
}

/**
 * Adds the rows of a `change` (a prediction, its label `new_class` or `new_value`, and `sign`: 1 to count it, -1 to take it back) to the
 * hours of the device and of the fleet, in order of their keys. A label of the other kind than the answer counts as none.
 */
export const ADD_CHANGES = `
  INSERT INTO accuracy_hour AS a (organization_id, version_id, device_id, slot, hour_at, is_unsure, predicted, actual, n, abs_error_sum, sq_error_sum, error_sum)
  SELECT c.organization_id, c.version_id, w.device_id, c.slot, date_bin('1 hour', c.at, 'epoch'::timestamptz), c.is_unsure, coalesce(c.class, -1),
    CASE WHEN c.class IS NOT NULL THEN coalesce(c.new_class, -1) WHEN c.value IS NULL OR c.new_value IS NULL THEN -1 ELSE 0 END,
    sum(c.sign), sum(c.sign * coalesce(abs(e.error), 0)), sum(c.sign * coalesce(e.error * e.error, 0)), sum(c.sign * coalesce(e.error, 0))
  FROM change c CROSS JOIN LATERAL (VALUES (c.device_id), ('${NIL_ID}'::uuid)) AS w (device_id)
    CROSS JOIN LATERAL (SELECT CASE WHEN c.class IS NULL THEN c.value - c.new_value END AS error) e
  WHERE c.at IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(c.sign) <> 0 OR sum(c.sign * coalesce(e.error, 0)) <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
  ON CONFLICT (organization_id, version_id, device_id, slot, hour_at, is_unsure, predicted, actual) DO UPDATE SET n = a.n + excluded.n,
    abs_error_sum = a.abs_error_sum + excluded.abs_error_sum, sq_error_sum = a.sq_error_sum + excluded.sq_error_sum, error_sum = a.error_sum + excluded.error_sum`;
