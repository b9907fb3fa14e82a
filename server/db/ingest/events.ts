import type { DeviceEvent } from '@flotilla/protocol';
import type pg from 'pg';
import { type CopyColumn, copyRows } from './copy.ts';

export type EventRow = { organizationId: string; deviceId: string; at: Date; receivedAt: Date; event: DeviceEvent };

const columns: CopyColumn<EventRow>[] = [
  { name: 'organization_id', type: 'uuid', of: (row) => row.organizationId },
  { name: 'device_id', type: 'uuid', of: (row) => row.deviceId },
  { name: 'boot', type: 'uuid', of: ({ event }) => event.boot },
  { name: 'seq', type: 'int8', of: ({ event }) => event.seq },
  { name: 'at', type: 'timestamptz', of: (row) => row.at.getTime() },
  { name: 'received_at', type: 'timestamptz', of: (row) => row.receivedAt.getTime() },
  { name: 'kind', type: 'text', of: ({ event }) => event.kind },
  { name: 'deployment_id', type: 'uuid', of: ({ event }) => event.deployment },
  { name: 'details', type: 'jsonb', of: ({ event }) => detailsOf(event) },
];

/** Stores events that are known to be new. */
export function insertEvents(client: pg.PoolClient, rows: readonly EventRow[]): Promise<void> {
  return copyRows(client, 'device_event', columns, rows);
}

/** What the columns do not hold. */
function detailsOf({ boot, oldestSeq, seq, at, kind, deployment, ...details }: DeviceEvent): string {
  return JSON.stringify(details);
}
