import { type DeviceEvent, type EventMessage, eventsOf } from '@flotilla/protocol';
import type pg from 'pg';
import { type EventRow, insertEvents } from '../db/ingest/events.ts';
import type { StreamRow } from '../db/ingest/streams.ts';
import type { Write } from '../db/ingest/together.ts';
import { correctedTime } from '../domain/telemetry/clock.ts';
import { type DeviceAck, type Spooled, takeNew } from './spools.ts';

/** Keeps what happened on devices, each event once; a message of several is as many messages of one. Returns what else to write. */
export async function ingestEvents(
  client: pg.PoolClient,
  messages: readonly Spooled<EventMessage>[],
  streams: readonly StreamRow[],
  now: Date,
): Promise<{ acks: DeviceAck[]; writes: Write[] }> {
  const events = messages.flatMap((message) => eventsOf(message.body).map((body) => ({ ...message, body })));
  const { fresh, acks, writes } = await takeNew(client, 'events', events, streams, now);
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
