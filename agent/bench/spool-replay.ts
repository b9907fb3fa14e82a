import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit } from 'node:process';
import { Telemetry } from '@flotilla/protocol';
import { openDurable } from '../src/agent/durable.ts';
import { Inbox } from '../src/agent/inbox.ts';
import { openIdentity } from '../src/agent/open-identity.ts';
import { Connection } from '../src/connection/connection.ts';
import { createLogger } from '../src/logger.ts';
import { SpoolSender } from '../src/spool/sender.ts';
import { layoutOf } from '../src/state/layout.ts';
import { nodeFileSystem as fs } from '../src/state/node-file-system.ts';

/**
 * `spool-replay.ts DIR HOURS SLOTS`: an enrolled device that was away for so long. Fills the agent's own spool with what it would have
 * measured and told meanwhile, connects, is cut off once in the middle, and prints, as JSON, how long it took until the server had
 * acknowledged everything.
 */

const WINDOW_MS = 15_000;
const HOUR_MS = 3_600_000;

/** Changes of phase and troubles of runners, in a bad hour. */
const EVENTS_AN_HOUR = 120;

const [dir = '', hours = '1', slots = '2'] = argv.slice(2);
const awayMs = Number(hours) * HOUR_MS;
const fixture = join(import.meta.dirname, '../protocol/fixtures/v1/telemetry.json');
const [aWindow] = Telemetry.parse(JSON.parse(readFileSync(fixture, 'utf8'))).windows;
if (!aWindow) throw new Error('the fixture has no window');

const now = () => Date.now();
const layout = layoutOf(dir);
const logger = createLogger((line) => void process.stderr.write(line), now);
const opened = await openIdentity(fs, layout);
if (!opened) throw new Error(`${dir} is not enrolled`);
const durable = await openDurable({ fs, layout, logger, now }, opened);
const { spool } = durable;

const sinceMs = now() - awayMs;
for (let startMs = sinceMs; startMs < sinceMs + awayMs; startMs += WINDOW_MS) {
  const windows = Array.from({ length: Number(slots) }, (_, slot) => ({ ...aWindow, slot: `slot-${slot}`, startMs }));
  await spool.addWindows(windows);
}
for (let index = 0; index < EVENTS_AN_HOUR * Number(hours); index++)
  await spool.addEvent({ at: sinceMs + index, kind: 'agent', message: `event ${index}` });
const messages = { telemetry: spool.nextSeq('telemetry') - 1, events: spool.nextSeq('events') - 1 };
const sizeBytes = spool.sizeBytes;

let connectedAtMs = 0;
let cuts = 0;
let published = 0;
const connection = new Connection({
  target: () => ({ ...opened.identity, key: opened.keyPem }),
  nextSession: durable.nextSession,
  boot: spool.boot,
  agentVersion: 'bench',
  onConnect: () => {
    connectedAtMs ||= performance.now();
    void sender.connected();
  },
  onDisconnect: () => sender.disconnected(),
  onMessage: (topic, payload) => inbox.receive(topic, payload),
  logger,
  now,
  random: () => 0,
});
const sender = new SpoolSender(
  spool,
  (kind, payload) => {
    published += 1;
    connection.publish(kind, payload);
  },
  now,
);
const inbox = new Inbox({
  desired: durable.desired,
  onDesired: async () => {},
  onAck: async (ack) => {
    await sender.acknowledged(ack);
    if (cuts === 0 && ack.telemetrySeq > messages.telemetry / 2) {
      cuts += 1;
      connection.reconnect();
    }
    if (ack.telemetrySeq < messages.telemetry || ack.eventSeq < messages.events) return;
    const replayMs = performance.now() - connectedAtMs;
    const timesRealTime = Math.round(awayMs / replayMs);
    console.log(JSON.stringify({ boot: spool.boot, ...messages, sizeBytes, published, cuts, replayMs, timesRealTime }));
    exit(0);
  },
  onCommand: async () => {},
  addEvent: async () => {},
  logger,
  now,
});
connection.start();
setInterval(() => void sender.tick(), 5_000);
