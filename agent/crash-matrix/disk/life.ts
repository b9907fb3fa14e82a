import { generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { DeviceFacts } from '@flotilla/protocol';
import { openDurable } from '../../src/agent/durable.ts';
import { Inbox } from '../../src/agent/inbox.ts';
import { acceptedFile } from '../../src/agent/open-identity.ts';
import { createSlotWork } from '../../src/agent/slot-work.ts';
import { Slots } from '../../src/agent/slots.ts';
import { createLogger } from '../../src/logger.ts';
import { OipEndpoint } from '../../src/serving/endpoint.ts';
import { SlotService } from '../../src/serving/slot-service.ts';
import { SpoolSender } from '../../src/spool/sender.ts';
import type { EventDraft } from '../../src/spool/spool.ts';
import { layoutOf } from '../../src/state/layout.ts';
import type { MemoryFileSystem } from '../../src/state/testing/memory-file-system.ts';
import { SLOWEST } from '../../src/store/download.ts';
import { launchOn } from './runner.ts';
import { artifacts, COMMAND, DEVICE, trustedKey, type World } from './world.ts';

const layout = layoutOf('/d');
const CHUNK_BYTES = 100;

/** How long a cut network stays cut. */
const CUT_MS = 3_000;
const RECONNECT_MS = 1_000;

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const identity = { deviceId: DEVICE, certificate: '', ca: '', mqttUrl: 'mqtts://x', apiUrl: 'https://x' };

const facts: DeviceFacts = {
  ...{ hostname: 'h', arch: 'x64', os: 'o', kernel: 'k', cpuModel: 'c', cpuCores: 1, memoryBytes: 1 },
  ...{ agentVersion: '1', ortVersion: '1', executionProviders: ['cpu'], maxOpset: 99, runtimes: ['process'] },
};

/** Puts on an empty disk what enrolment leaves there. */
export async function enrollOn(disk: MemoryFileSystem): Promise<void> {
  await acceptedFile(disk, layout).save({ generation: 0, trustedKeys: [trustedKey], document: null });
}

export type Life = Awaited<ReturnType<typeof startLife>>;

/**
 * One life of an agent on a simulated disk: its real durable state, inbox, spool sender, slot machine, download and
 * staging, put together as `Agent` does; a network, a server and runners that are simulated.
 */
export async function startLife(disk: MemoryFileSystem, world: World, isLive: () => boolean) {
  const logger = createLogger(() => {}, Date.now);
  const base = { fs: disk, layout, logger, now: Date.now, random: () => 0.5 };
  const accepted = await acceptedFile(disk, layout).load();
  if (!accepted) throw new Error('the enrolment is lost');
  const durable = await openDurable(base, { identity, key: keys.privateKey, keyPem: '', accepted });
  const { spool, store, desired, commands } = durable;
  const streams = new Set<Readable>();
  let isOnline = false;

  const sender = new SpoolSender(
    spool,
    (kind, payload) => {
      if (!isLive() || !isOnline) return;
      world.receive(kind, payload);
      setImmediate(() => {
        if (!isLive() || !isOnline) return;
        const { boot } = spool;
        const ack = { eventSeq: world.committed('events', boot), telemetrySeq: world.committed('telemetry', boot) };
        void sender.acknowledged({ boot, ...ack }).catch(() => {});
      });
    },
    Date.now,
  );
  const addEvent = async (event: EventDraft) => {
    await spool.addEvent(event);
    void sender.pump().catch(() => {});
  };

  async function open(sha256: string, from: number): Promise<IncomingMessage> {
    if (!isLive() || !isOnline) throw new Error('no network');
    world.expect(!(await store.isHeld({ sha256, sizeBytes: 0 })), `${sha256.slice(0, 8)} was fetched again`);
    const bytes = artifacts.get(sha256) ?? Buffer.alloc(0);
    const stream = Readable.from(chunksOf(bytes, from));
    streams.add(stream);
    return Object.assign(stream, { statusCode: from > 0 ? 206 : 200 }) as unknown as IncomingMessage;
  }

  const slots: Slots = new Slots({
    ...base,
    store,
    serviceOf: (slot) =>
      new SlotService({
        slot,
        endpoint: new OipEndpoint('matrix'),
        launch: (release) => launchOn(disk, world, release, layout.staged(slot, release.id)),
        onTrouble: () => {},
        onChange: () => {},
        random: () => 0.5,
      }),
    portsOf: (slot, service) => ({
      work: createSlotWork({
        ...base,
        store,
        service,
        open,
        slowest: SLOWEST,
        stagedDir: (releaseId) => layout.staged(slot, releaseId),
        availableMemoryBytes: async () => null,
        power: { source: 'none', measure: async (run) => ({ result: await run() }) },
        facts: () => facts,
        freeBytes: async () => Number.POSITIVE_INFINITY,
        prune: () => slots.prune(),
      }),
      serve: (serving) => service.keepServing(serving?.release ?? null),
      addEvent,
      isTold: (event) => spool.hasRecentEvent(event),
      whenCommitted: (signal) => sender.whenEventAcked(spool.nextSeq('events') - 1, signal),
      onChange: () => {},
      ...base,
    }),
  });
  const inbox = new Inbox({
    desired,
    onDesired: (document) => slots.desire(document),
    onAck: (ack) => sender.acknowledged(ack),
    onCommand: async () => {},
    addEvent,
    ...base,
  });

  /** A connection as the server sees it: a number of its own, then everything that waits, both ways. Tried until it stands. */
  async function connect(jws: string | null): Promise<void> {
    if (!isLive()) return;
    const session = await durable.nextSession().catch(() => null);
    if (session === null) return void setTimeout(() => void connect(jws), RECONNECT_MS);
    world.expect(!world.sessions.includes(session), `session ${session} was used twice`);
    world.sessions.push(session);
    isOnline = true;
    if (jws) void inbox.receiveDesired(jws);
    await sender.connected();
    await takeCommand();
    await spool.addWindows([]).catch(() => {});
    await sender.pump();
  }

  /** Sent until it is answered, as the server does. */
  async function takeCommand(): Promise<void> {
    if (!isLive() || world.isCommandAnswered) return;
    const earlier = await commands.take(COMMAND).catch(() => 'not written down' as const);
    if (earlier === null) {
      world.commandRuns += 1;
      world.expect(world.commandRuns === 1, 'a command was carried out twice');
      await commands.finish({ id: COMMAND, status: 'done' }).catch(() => {});
    }
    const isAnswer = earlier === null || (earlier !== 'not written down' && earlier.status !== 'running');
    if (isAnswer && isLive()) world.isCommandAnswered = true;
    if (!isAnswer) setTimeout(() => void takeCommand(), RECONNECT_MS);
  }

  const entry = () => slots.entries.get('default');
  return {
    spool,
    desired,
    connect,
    inbox,
    get state() {
      return entry()?.controller.state;
    },
    get report() {
      return entry()?.controller.report;
    },
    get serving() {
      return entry()?.service.current?.release.model.version;
    },
    async start() {
      const started = addEvent({ at: Date.now(), kind: 'agent', message: 'started' }).catch(() => {});
      await slots.start();
      if (desired.document) await slots.desire(desired.document);
      await started;
    },
    /** Every connection breaks, and comes back after a while. */
    cut(jws: string | null) {
      isOnline = false;
      sender.disconnected();
      for (const stream of streams) stream.destroy(new Error('the network was cut'));
      setTimeout(() => void connect(jws), CUT_MS);
    },
    hasToldAll: () => world.committed('events', spool.boot) === spool.nextSeq('events') - 1,
  };
}

function* chunksOf(bytes: Buffer, from: number) {
  for (let at = from; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
