import type pg from 'pg';

export type LogRow = {
  organizationId: string;
  deviceId: string;
  at: Date;
  receivedAt: Date;
  level: string;
  message: string;
};

/** Lines kept of each device: at the rate that an agent keeps to, some hours. */
const KEPT_LINES = 2_000;

/** Writes lines in their order, and forgets the oldest of each device beyond the bound. */
export async function insertLogLines(client: pg.PoolClient, rows: readonly LogRow[]): Promise<void> {
  await client.query(
    `INSERT INTO device_log_line (organization_id, device_id, at, received_at, level, message)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[])`,
    [
      rows.map((each) => each.organizationId),
      rows.map((each) => each.deviceId),
      rows.map((each) => each.at),
      rows.map((each) => each.receivedAt),
      rows.map((each) => each.level),
      rows.map((each) => each.message),
    ],
  );
  await client.query(
    `DELETE FROM device_log_line l USING unnest($1::uuid[]) AS g (device_id)
     WHERE l.device_id = g.device_id AND l.id <= (SELECT id FROM device_log_line k WHERE k.device_id = g.device_id
       ORDER BY k.id DESC OFFSET $2 LIMIT 1)`,
    [[...new Set(rows.map((each) => each.deviceId))], KEPT_LINES],
  );
}
