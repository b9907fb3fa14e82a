import { type DeviceEvent, type EventMessage, eventsOf } from '@flotilla/protocol';
import type pg from 'pg';
import type { KnownDevice } from '../db/ingest/devices.ts';
import { type EventRow, insertEvents } from '../db/ingest/events.ts';
import type { StreamRow } from '../db/ingest/streams.ts';
import type { Write } from '../db/ingest/together.ts';
import { correctedTime } from '../domain/telemetry/clock.ts';
import { type Arrived, bySpool, type DeviceAck, type Spooled, takeNew } from './spools.ts';

/** What happened on devices, by their spools; a message of several events is as many messages of one. */
export function eventsBySpool(
  messages: readonly { deviceId: string; receivedAt: Date; body: EventMessage }[],
): Arrived<DeviceEvent>[] {
  return bySpool(
    messages.flatMap(({ body, ...message }) => eventsOf(body).map((event) => ({ ...message, body: event }))),
  );
}

/** Keeps what happened on these devices, each event once; `streams` are those of the spools. Returns what else to write. */
export async function ingestEvents(
  client: pg.PoolClient,
  spools: readonly Arrived<DeviceEvent>[],
  devices: readonly KnownDevice[],
  streams: readonly StreamRow[],
  now: Date,
): Promise<{ acks: DeviceAck[]; writes: Write[] }> {
  const known = new Map(devices.map((device) => [device.id, device]));
  const { fresh, acks, writes } = await takeNew(client, 'events', spools, known, streams, now);
  if (fresh.length > 0) await insertEvents(client, fresh.map(rowOf));
  return { acks, writes };
}

function rowOf({ device, body, receivedAt }: Spooled<DeviceEvent>): EventRow {
  return {
    organizationId: device.organizationId,
    deviceId: device.id,
    at: correctedTime(body.at, 0, receivedAt),
    receivedAt,
    event: body,
  };
}
