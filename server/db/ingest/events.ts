import type { DeviceEvent } from '@flotilla/protocol';
import type pg from 'pg';

export type EventRow = { organizationId: string; deviceId: string; at: Date; receivedAt: Date; event: DeviceEvent };

export async function insertEvents(client: pg.PoolClient, rows: readonly EventRow[]): Promise<void> {
  await client.query(
    `INSERT INTO device_event (organization_id, device_id, boot, seq, at, received_at, kind, deployment_id, payload)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::uuid[], $9::jsonb[])`,
    [
      rows.map((row) => row.organizationId),
      rows.map((row) => row.deviceId),
      rows.map(({ event }) => event.boot),
      rows.map(({ event }) => event.seq),
      rows.map((row) => row.at),
      rows.map((row) => row.receivedAt),
      rows.map(({ event }) => event.kind),
      rows.map(({ event }) => event.deployment ?? null),
      rows.map(({ event }) => JSON.stringify(event)),
    ],
  );
}
