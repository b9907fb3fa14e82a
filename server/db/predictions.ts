import type { Db } from './client.ts';
import type { Scope } from './scope.ts';

/** Rows that one statement deletes, so that it never runs into its time limit. */
const DELETE_AT_ONCE = 10_000;

export type MonitoringSettings = {
  predictionShare: number;
  unsureBelow: number | null;
  maxPerWindow: number;
  keepMonitoringDays: number;
  keepPredictionsDays: number;
};

export async function findMonitoringSettings({ tx, organizationId }: Scope): Promise<MonitoringSettings> {
  const [row] = await tx.$queryRaw<MonitoringSettings[]>`
    SELECT prediction_share AS "predictionShare", prediction_unsure_below AS "unsureBelow", prediction_max_per_window AS "maxPerWindow",
      keep_monitoring_days AS "keepMonitoringDays", keep_predictions_days AS "keepPredictionsDays" FROM organization WHERE id = ${organizationId}::uuid`;
  if (!row) throw new Error(`organization ${organizationId} is gone`);
  return row;
}

export async function saveMonitoringSettings(
  { tx, organizationId }: Scope,
  { predictionShare, unsureBelow, maxPerWindow, keepMonitoringDays, keepPredictionsDays }: MonitoringSettings,
): Promise<void> {
  await tx.$executeRaw`UPDATE organization SET prediction_share = ${predictionShare}, prediction_unsure_below = ${unsureBelow}::float8,
    prediction_max_per_window = ${maxPerWindow}, keep_monitoring_days = ${keepMonitoringDays}, keep_predictions_days = ${keepPredictionsDays}
    WHERE id = ${organizationId}::uuid`;
}

/** Deletes what organizations no longer keep: counts, findings that are over, predictions with their labels. */
export async function deleteOldMonitoring(db: Db): Promise<void> {
  for (const table of ['monitoring_hour', 'accuracy_hour'])
    await deleteAll(
      db,
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM ${table} t JOIN organization o ON o.id = t.organization_id
         WHERE t.hour_at < now() - o.keep_monitoring_days * interval '1 day' LIMIT ${DELETE_AT_ONCE}))`,
    );
  await deleteAll(
    db,
    `DELETE FROM prediction WHERE ctid = ANY (ARRAY(SELECT p.ctid FROM prediction p JOIN organization o ON o.id = p.organization_id
       WHERE p.received_at < now() - o.keep_predictions_days * interval '1 day' LIMIT ${DELETE_AT_ONCE}))`,
  );
  await db.$executeRaw`DELETE FROM drift_finding f USING organization o WHERE o.id = f.organization_id
    AND f.closed_at < now() - o.keep_monitoring_days * interval '1 day'`;
  await db.$executeRaw`DELETE FROM drift_watch w USING organization o WHERE o.id = w.organization_id
    AND w.updated_at < now() - o.keep_monitoring_days * interval '1 day'`;
}

async function deleteAll(db: Db, statement: string): Promise<void> {
  while ((await db.$executeRawUnsafe(statement)) === DELETE_AT_ONCE);
}
