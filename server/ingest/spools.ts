import type { Ack } from '@flotilla/protocol';
import type pg from 'pg';
import type { IngestDevice } from '../db/ingest/devices.ts';
import {
  lockedStreams,
  makeStreams,
  type StreamKey,
  type StreamKind,
  type StreamRow,
  streamsWrite,
} from '../db/ingest/streams.ts';
import type { Read, Write } from '../db/ingest/together.ts';
import { advanceStream } from '../domain/telemetry/stream.ts';

/** A message that its device keeps until it is acknowledged. */
export type Spooled<Body> = { device: IngestDevice; receivedAt: Date; body: Body };
type Numbered = { boot: string; seq: number; oldestSeq: number };

export type DeviceAck = { deviceId: string; ack: Ack };

/** The streams that these messages belong to, as they are found and locked. */
export function streamsOf(
  kind: StreamKind,
  messages: readonly { deviceId: string; body: Numbered }[],
): Read<StreamRow> {
  const keys = new Map(messages.map(({ deviceId, body }) => [nameOf(deviceId, body), keyOf(deviceId, body)]));
  return lockedStreams(kind, [...keys.values()]);
}

/**
 * Which of these messages of one kind are new, each number once, and how far their devices may forget when the caller's transaction is
 * committed. What is new the caller stores in that transaction, and carries out the writes, which note it. `found` are their streams;
 * those that are new are made. `droppedOf` is how many windows the device says it has dropped in all.
 */
export async function takeNew<Body extends Numbered>(
  client: pg.PoolClient,
  kind: StreamKind,
  messages: readonly Spooled<Body>[],
  found: readonly StreamRow[],
  now: Date,
  droppedOf: (body: Body) => number = () => 0,
): Promise<{ fresh: Spooled<Body>[]; acks: DeviceAck[]; writes: Write[] }> {
  if (messages.length === 0) return { fresh: [], acks: [], writes: [] };
  const spools = Map.groupBy(messages, ({ device, body }) => nameOf(device.id, body));
  const known = new Set(found.map((stream) => nameOf(stream.deviceId, stream)));
  const missing = [...spools].flatMap(([name, [first]]) =>
    first && !known.has(name)
      ? [{ ...keyOf(first.device.id, first.body), organizationId: first.device.organizationId }]
      : [],
  );
  const streams = missing.length > 0 ? [...found, ...(await makeStreams(client, kind, missing))] : found;
  const fresh: Spooled<Body>[] = [];
  const next = streams.flatMap((stream) => {
    const group = spools.get(nameOf(stream.deviceId, stream)) ?? [];
    const [first] = group;
    if (!first) return [];
    const advanced = advanceStream(
      stream,
      group.map(({ body }) => body),
    );
    for (const message of group) if (advanced.fresh.delete(message.body.seq)) fresh.push(message);
    const droppedWindows = Math.max(0, ...group.map(({ body }) => droppedOf(body)));
    return [{ ...stream, position: advanced.next, droppedWindows, said: first.body.boot }];
  });
  const acks = next.map(({ deviceId, said: boot, position: { watermark }, otherSeq }) => ({
    deviceId,
    ack:
      kind === 'events'
        ? { boot, eventSeq: watermark, telemetrySeq: otherSeq }
        : { boot, eventSeq: otherSeq, telemetrySeq: watermark },
  }));
  return { fresh, acks, writes: [streamsWrite(kind, next, now)] };
}

function keyOf(deviceId: string, { boot }: Pick<Numbered, 'boot'>): StreamKey {
  return { deviceId, boot: boot.toLowerCase() };
}

function nameOf(deviceId: string, { boot }: Pick<Numbered, 'boot'>): string {
  return `${deviceId}/${boot.toLowerCase()}`;
}
