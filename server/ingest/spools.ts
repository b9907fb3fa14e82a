import type { Ack, DeviceEvent, Telemetry } from '@flotilla/protocol';
import type pg from 'pg';
import type { IngestDevice } from '../db/ingest/devices.ts';
import { saveMonitoring } from '../db/ingest/monitoring.ts';
import { saveRollups } from '../db/ingest/rollups.ts';
import { type EventRow, insertEvents, readStreams, type StreamRow, saveStreams } from '../db/ingest/streams.ts';
import { findVersions, insertWindows, type WindowRow } from '../db/ingest/windows.ts';
import { clockOffsetMs, correctedTime } from '../domain/telemetry/clock.ts';
import { rollUp } from '../domain/telemetry/rollup.ts';
import { wireToBytes } from '../domain/telemetry/sketch-bytes.ts';
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
  const bySpool = Map.groupBy(messages, ({ device, body }) => `${device.id}/${body.boot.toLowerCase()}`);
  if (bySpool.size === 0) return [];
  const keys = [...bySpool.values()].flatMap(([first]) =>
    first
      ? [
          {
            deviceId: first.device.id,
            boot: first.body.boot.toLowerCase(),
            organizationId: first.device.organizationId,
          },
        ]
      : [],
  );
  const streams = await readStreams(client, keys);
  const events: EventRow[] = [];
  const windows: NewWindow[] = [];
  const next = streams.map((stream) => {
    const group = bySpool.get(`${stream.deviceId}/${stream.boot}`) ?? [];
    return advanceSpool(stream, group, events, windows);
  });
  if (events.length > 0) await insertEvents(client, events);
  await saveStreams(client, next, now);
  if (windows.length > 0) await storeWindows(client, windows);
  return next.map(({ deviceId, boot, telemetry, events: { watermark } }) => ({
    deviceId,
    ack: {
      boot: bySpool.get(`${deviceId}/${boot}`)?.[0]?.body.boot ?? boot,
      telemetrySeq: telemetry.watermark,
      eventSeq: watermark,
    },
  }));
}

type NewWindow = Omit<WindowRow, 'versionId'>;

/**
 * The windows themselves, what they add to the rollups, then to what is watched of inputs and answers: every worker takes the fleet's rows of
 * both in this order, so that none waits in a circle.
 */
async function storeWindows(client: pg.PoolClient, windows: readonly NewWindow[]): Promise<void> {
  const releases = new Map(
    windows.map(({ organizationId, window: { releaseId } }) => [
      `${organizationId}/${releaseId}`,
      { organizationId, releaseId },
    ]),
  );
  const versions = await findVersions(client, [...releases.values()]);
  const rows = windows.map((row) => ({ ...row, versionId: versions.get(row.window.releaseId) ?? null }));
  await insertWindows(client, rows);
  await saveRollups(client, rollUp(rows));
  await saveMonitoring(client, rows);
}

function advanceSpool(
  stream: StreamRow,
  group: readonly SpooledMessage[],
  events: EventRow[],
  windows: NewWindow[],
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

function windowRows(device: IngestDevice, { boot, seq, sentAt, windows }: Telemetry, receivedAt: Date): NewWindow[] {
  const offsetMs = clockOffsetMs(sentAt, receivedAt);
  return windows.map((window, position) => ({
    organizationId: device.organizationId,
    deviceId: device.id,
    boot,
    seq,
    position,
    receivedAt,
    window,
    latency: wireToBytes(window.latencyMs.run),
    startAt: correctedTime(window.startMs, offsetMs, receivedAt),
  }));
}
