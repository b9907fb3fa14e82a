import type { Ack } from '@flotilla/protocol';
import type pg from 'pg';
import type { IngestDevice } from '../db/ingest/devices.ts';
import { lockStreams, type StreamKind, streamsWrite } from '../db/ingest/streams.ts';
import type { Write } from '../db/ingest/together.ts';
import { advanceStream } from '../domain/telemetry/stream.ts';

/** A message that its device keeps until it is acknowledged. */
export type Spooled<Body> = { device: IngestDevice; receivedAt: Date; body: Body };
type Numbered = { boot: string; seq: number; oldestSeq: number };

export type DeviceAck = { deviceId: string; ack: Ack };

/**
 * Which of these messages of one kind are new, each number once, and how far their devices may forget when the caller's transaction is
 * committed. What is new the caller stores in that transaction, and carries out the writes, which note it. `droppedOf` is how many windows the
 * device says it has dropped in all.
 */
export async function takeNew<Body extends Numbered>(
  client: pg.PoolClient,
  kind: StreamKind,
  messages: readonly Spooled<Body>[],
  now: Date,
  droppedOf: (body: Body) => number = () => 0,
): Promise<{ fresh: Spooled<Body>[]; acks: DeviceAck[]; writes: Write[] }> {
  if (messages.length === 0) return { fresh: [], acks: [], writes: [] };
  const spools = Map.groupBy(messages, ({ device, body }) => `${device.id}/${body.boot.toLowerCase()}`);
  const keys = [...spools.values()].flatMap(([first]) => (first ? [keyOf(first)] : []));
  const fresh: Spooled<Body>[] = [];
  const next = (await lockStreams(client, kind, keys)).map((stream) => {
    const group = spools.get(`${stream.deviceId}/${stream.boot}`) ?? [];
    const advanced = advanceStream(
      stream.position,
      group.map(({ body }) => body),
    );
    for (const message of group) if (advanced.fresh.delete(message.body.seq)) fresh.push(message);
    const droppedWindows = Math.max(0, ...group.map(({ body }) => droppedOf(body)));
    return { ...stream, position: advanced.next, droppedWindows, said: group[0]?.body.boot ?? stream.boot };
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

function keyOf({ device, body }: Spooled<Numbered>) {
  return { deviceId: device.id, boot: body.boot.toLowerCase(), organizationId: device.organizationId };
}
