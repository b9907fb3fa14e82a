import type { Ack, DeviceEvent, Telemetry } from '@flotilla/protocol';
import type pg from 'pg';
import type { IngestDevice } from '../db/ingest/devices.ts';
import { type EventRow, insertEvents, lockStreams, type StreamRow, saveStreams } from '../db/ingest/streams.ts';
import { insertWindows, type WindowRow } from '../db/ingest/windows.ts';
import { clockOffsetMs, correctedTime } from '../domain/telemetry/clock.ts';
import { advanceStream } from '../domain/telemetry/stream.ts';

export type SpooledMessage = { device: IngestDevice; receivedAt: Date } & (
  | { kind: 'events'; body: DeviceEvent }
  | { kind: 'telemetry'; body: Telemetry }
);

export type DeviceAck = { deviceId: string; ack: Ack };

/** Commits what is new of each spool, each number once, and says how far each device may forget. */
export async function ingestSpools(
  client: pg.PoolClient,
  messages: readonly SpooledMessage[],
  now: Date,
): Promise<DeviceAck[]> {
  const bySpool = Map.groupBy(messages, ({ device, body }) => `${device.id}/${body.boot}`);
  if (bySpool.size === 0) return [];
  const keys = [...bySpool.values()].flatMap(([first]) =>
    first ? [{ deviceId: first.device.id, boot: first.body.boot, organizationId: first.device.organizationId }] : [],
  );
  const streams = await lockStreams(client, keys);
  const events: EventRow[] = [];
  const windows: WindowRow[] = [];
  const next = streams.map((stream) => {
    const group = bySpool.get(`${stream.deviceId}/${stream.boot}`) ?? [];
    return advanceSpool(stream, group, events, windows);
  });
  if (events.length > 0) await insertEvents(client, events);
  if (windows.length > 0) await insertWindows(client, windows);
  await saveStreams(client, next, now);
  return next.map(({ deviceId, boot, telemetry, events: { watermark } }) => ({
    deviceId,
    ack: { boot, telemetrySeq: telemetry.watermark, eventSeq: watermark },
  }));
}

function advanceSpool(
  stream: StreamRow,
  group: readonly SpooledMessage[],
  events: EventRow[],
  windows: WindowRow[],
): StreamRow & { droppedWindows: number } {
  const telemetry = advanceStream(
    stream.telemetry,
    group.flatMap(({ kind, body }) => (kind === 'telemetry' ? [body] : [])),
  );
  const event = advanceStream(
    stream.events,
    group.flatMap(({ kind, body }) => (kind === 'events' ? [body] : [])),
  );
  let droppedWindows = 0;
  for (const message of group) {
    const { kind, body } = message;
    if (kind === 'events' && event.fresh.delete(body.seq))
      events.push(eventRow(message.device, body, message.receivedAt));
    if (kind !== 'telemetry') continue;
    droppedWindows = Math.max(droppedWindows, body.dropped ?? 0);
    if (telemetry.fresh.delete(body.seq)) windows.push(...windowRows(message.device, body, message.receivedAt));
  }
  return { ...stream, telemetry: telemetry.next, events: event.next, droppedWindows };
}

function eventRow(device: IngestDevice, event: DeviceEvent, receivedAt: Date): EventRow {
  return {
    organizationId: device.organizationId,
    deviceId: device.id,
    at: correctedTime(event.at, 0, receivedAt),
    receivedAt,
    event,
  };
}

function windowRows(device: IngestDevice, { boot, seq, sentAt, windows }: Telemetry, receivedAt: Date): WindowRow[] {
  const offsetMs = clockOffsetMs(sentAt, receivedAt);
  return windows.map((window, position) => ({
    organizationId: device.organizationId,
    deviceId: device.id,
    boot,
    seq,
    position,
    receivedAt,
    window,
    startAt: correctedTime(window.startMs, offsetMs, receivedAt),
  }));
}
