import type { Prediction } from '@flotilla/protocol';
import type pg from 'pg';
import { addHour, hourOfWindow, sumHours } from '../../domain/drift/hour-sums.ts';
import { HOUR_MS } from '../../domain/drift/watch.ts';
import { NIL_ID } from '../../domain/telemetry/rollup.ts';
import { type CopyColumn, copyRows } from './copy.ts';
import { type HourRow, nameOf } from './hours.ts';
import type { WindowRow } from './windows.ts';

const hourColumns: CopyColumn<HourRow>[] = [
  { name: 'organization_id', type: 'uuid', of: (row) => row.organizationId },
  { name: 'version_id', type: 'uuid', of: (row) => row.versionId },
  { name: 'device_id', type: 'uuid', of: (row) => row.deviceId },
  { name: 'slot', type: 'text', of: (row) => row.slot },
  { name: 'hour_at', type: 'timestamptz', of: (row) => row.hourMs },
  { name: 'sums', type: 'text', of: (row) => JSON.stringify(row.sums) },
];

/**
 * What new windows say of inputs, answers and truth, in the transaction that stores them: appended, until it is folded. Windows of a version
 * that is not known say nothing here.
 */
export async function saveMonitoring(
  client: pg.PoolClient,
  rows: readonly Pick<WindowRow, 'organizationId' | 'deviceId' | 'versionId' | 'startAt' | 'window'>[],
): Promise<void> {
  const [hours, predictions] = [hoursOf(rows), predictionsOf(rows)];
  await Promise.all([
    hours.length > 0 ? copyRows(client, 'monitoring_added', hourColumns, hours) : null,
    predictions.length > 0 ? savePredictions(client, predictions) : null,
  ]);
}

function hoursOf(rows: Parameters<typeof saveMonitoring>[1]): HourRow[] {
  const hours = new Map<string, HourRow>();
  for (const { organizationId, versionId, deviceId, startAt, window } of rows) {
    const sums = versionId && hourOfWindow(window);
    if (!sums) continue;
    const hourMs = Math.floor(startAt.getTime() / HOUR_MS) * HOUR_MS;
    for (const scope of [deviceId, NIL_ID]) {
      const key = { organizationId, versionId, deviceId: scope, slot: window.slot, hourMs };
      const name = nameOf(key);
      const hour = hours.get(name);
      if (hour) addHour(hour.sums, sums);
      else hours.set(name, { ...key, sums: scope === NIL_ID ? sumHours([sums]) : sums });
    }
  }
  return [...hours.values()];
}

type PredictionRow = {
  organizationId: string;
  deviceId: string;
  versionId: string;
  slot: string;
  offsetMs: number;
  prediction: Prediction;
};

function predictionsOf(rows: Parameters<typeof saveMonitoring>[1]): PredictionRow[] {
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
async function savePredictions(client: pg.PoolClient, rows: readonly PredictionRow[]): Promise<void> {
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
