import type { Ack } from '@flotilla/protocol';
import type pg from 'pg';
import type { KnownDevice } from '../db/ingest/devices.ts';
import {
  makeStreams,
  type StreamChange,
  type StreamKey,
  type StreamKind,
  type StreamRow,
  streamsWrite,
} from '../db/ingest/streams.ts';
import type { Write } from '../db/ingest/together.ts';
import { advanceStream } from '../domain/telemetry/stream.ts';

/** A message that its device keeps until it is acknowledged. */
export type Spooled<Body> = { device: KnownDevice; receivedAt: Date; body: Body };
type Numbered = { boot: string; seq: number; oldestSeq: number };

export type DeviceAck = { deviceId: string; ack: Ack };

/** What came of one spool, in the order in which it came. */
export type Arrived<Body> = StreamKey & { messages: { receivedAt: Date; body: Body }[] };

/** Messages by the spools that they come from, in order of their devices: what is written in the order of an index is written in less time. */
export function bySpool<Body extends Numbered>(
  messages: readonly { deviceId: string; receivedAt: Date; body: Body }[],
): Arrived<Body>[] {
  const spools = new Map<string, Arrived<Body>>();
  for (const { deviceId, receivedAt, body } of messages) {
    const boot = body.boot.toLowerCase();
    const name = `${deviceId}/${boot}`;
    const spool = spools.get(name);
    if (spool) spool.messages.push({ receivedAt, body });
    else spools.set(name, { deviceId, boot, messages: [{ receivedAt, body }] });
  }
  return [...spools].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, spool]) => spool);
}

/**
 * Which of the messages of one kind are new, each number once, and how far their devices may forget when the caller's transaction is
 * committed. What is new the caller stores in that transaction, and carries out the writes, which note it. `found` are the streams of these
 * spools; those that are new are made. Spools of devices that are not known are passed over. `droppedOf` is how many windows the device says
 * it has dropped in all.
 */
export async function takeNew<Body extends Numbered>(
  client: pg.PoolClient,
  kind: StreamKind,
  spools: readonly Arrived<Body>[],
  devices: ReadonlyMap<string, KnownDevice>,
  found: readonly StreamRow[],
  now: Date,
  droppedOf: (body: Body) => number = () => 0,
): Promise<{ fresh: Spooled<Body>[]; acks: DeviceAck[]; writes: Write[] }> {
  const streams: (StreamRow | undefined)[] = [];
  for (const stream of found) streams[stream.place] = stream;
  const missing = spools.flatMap(({ deviceId, boot }, place) => {
    const device = devices.get(deviceId);
    return device && !streams[place] ? [{ deviceId, boot, organizationId: device.organizationId, place }] : [];
  });
  for (const stream of await makeStreams(client, kind, missing)) {
    const made = missing[stream.place];
    if (made) streams[made.place] = stream;
  }
  const [fresh, acks, next]: [Spooled<Body>[], DeviceAck[], StreamChange[]] = [[], [], []];
  for (const [place, { deviceId, boot, messages }] of spools.entries()) {
    const [device, stream, [first]] = [devices.get(deviceId), streams[place], messages];
    if (!device || !stream || !first) continue;
    const bodies = messages.map(({ body }) => body);
    const advanced = advanceStream(stream, bodies);
    for (const { receivedAt, body } of messages)
      if (advanced.fresh.delete(body.seq)) fresh.push({ device, receivedAt, body });
    next.push({ deviceId, boot, position: advanced.next, droppedWindows: Math.max(0, ...bodies.map(droppedOf)) });
    acks.push({ deviceId, ack: ackOf(kind, first.body.boot, advanced.next.watermark, stream.otherSeq) });
  }
  return { fresh, acks, writes: next.length > 0 ? [streamsWrite(kind, next, now)] : [] };
}

function ackOf(kind: StreamKind, boot: string, seq: number, otherSeq: number): Ack {
  return kind === 'events'
    ? { boot, eventSeq: seq, telemetrySeq: otherSeq }
    : { boot, eventSeq: otherSeq, telemetrySeq: seq };
}
