import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ack, DeviceEvent, Reported, Session, type SlotReport, Telemetry, topicOf } from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import { vi } from 'vitest';
import type { TestBroker } from './broker.ts';
import type { EnrolledDevice } from './enrollment.ts';
import { connectDevice, type Received, type TestClient } from './mqtt.ts';

const fixtures = join(import.meta.dirname, '../../agent/protocol/fixtures/v1');
const [aWindow] = Telemetry.parse(JSON.parse(readFileSync(join(fixtures, 'telemetry.json'), 'utf8'))).windows;

/** Longest that a test waits for what comes over the broker. */
const PATIENCE_MS = 10_000;

/** What is not acknowledged by then is sent again. An agent waits longer. */
const RESEND_MS = 1_000;

/** A device on the wire: it says what an agent says, by MQTT, and keeps what it is told. One connection is one session. */
export class WireDevice {
  readonly id: string;
  readonly enrolled: EnrolledDevice;
  readonly boot = uuidv7();
  readonly client: TestClient;
  private readonly session: Session;
  private readonly spool: { kind: 'events' | 'telemetry'; body: object }[] = [];
  private rev = 0;

  private constructor(enrolled: EnrolledDevice, client: TestClient, session: Session) {
    this.id = enrolled.deviceId;
    this.enrolled = enrolled;
    this.client = client;
    this.session = session;
  }

  /** Connects with a last will, subscribes, and says that it is there. */
  static async connect(broker: Pick<TestBroker, 'deviceUrl'>, enrolled: EnrolledDevice): Promise<WireDevice> {
    const id = enrolled.deviceId;
    const at = Date.now();
    const session = Session.parse({
      online: true,
      session: at,
      boot: uuidv7(),
      agentVersion: '0.1.0',
      protocol: 1,
      at,
    });
    const payload = Buffer.from(JSON.stringify({ ...session, online: false }));
    const will = { topic: topicOf(id, 'session'), payload, qos: 1, retain: true } as const;
    const client = await connectDevice(broker, enrolled, { will });
    const device = new WireDevice(enrolled, client, session);
    await client.mqtt.subscribeAsync([topicOf(id, 'desired'), topicOf(id, 'ack')], { qos: 1 });
    await device.publish('session', session, true);
    return device;
  }

  /** Loses its connection without a word: the broker tells its last will. */
  async vanish(): Promise<void> {
    this.client.mqtt.stream.destroy();
    await this.client.closed;
    await this.client.end();
  }

  async sendsEvent(seq: number): Promise<void> {
    const at = Date.now();
    await this.sends('events', DeviceEvent.parse({ boot: this.boot, seq, oldestSeq: 1, at, kind: 'agent' }));
  }

  async sendsWindow(seq: number): Promise<void> {
    const windows = [{ ...aWindow, startMs: Date.now() - 15_000 }];
    const body = Telemetry.parse({ boot: this.boot, seq, oldestSeq: 1, sentAt: Date.now(), windows });
    await this.sends('telemetry', body);
  }

  async reports(slot: Partial<SlotReport>): Promise<void> {
    this.rev += 1;
    const slots = { default: { phase: 'idle', since: Date.now(), ...slot } };
    const { rev } = this;
    const body = Reported.parse({ session: this.session.session, rev, generation: rev, slots });
    await this.publish('reported', body, true);
  }

  /** What the server acknowledged last. */
  acknowledged(): Ack | undefined {
    const newest = this.heard('ack').at(-1);
    return newest && Ack.parse(JSON.parse(newest.text));
  }

  /** The documents that it was sent, as they came; retained are those that were there before it came. */
  documents(): { jws: string; isRetained: boolean }[] {
    return this.heard('desired').map(({ text, retain }) => ({ jws: text, isRetained: retain }));
  }

  /** Sends again what is not acknowledged, as an agent does, until it is. */
  async untilAcknowledged(upTo: { eventSeq?: number; telemetrySeq?: number }): Promise<void> {
    const isCovered = () => {
      const { boot, eventSeq = 0, telemetrySeq = 0 } = this.acknowledged() ?? {};
      return boot === this.boot && eventSeq >= (upTo.eventSeq ?? 0) && telemetrySeq >= (upTo.telemetrySeq ?? 0);
    };
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; ) {
      const isInTime = vi.waitFor(() => isCovered() || Promise.reject(new Error('not yet')), RESEND_MS);
      if (await isInTime.catch(() => false)) return;
      for (const { kind, body } of this.spool) await this.publish(kind, body);
    }
    throw new Error(`no more is acknowledged than ${JSON.stringify(this.acknowledged())}`);
  }

  private heard(kind: 'ack' | 'desired'): Received[] {
    return this.client.received.filter(({ topic }) => topic === topicOf(this.id, kind));
  }

  private async sends(kind: 'events' | 'telemetry', body: object): Promise<void> {
    this.spool.push({ kind, body });
    await this.publish(kind, body);
  }

  private async publish(kind: 'session' | 'events' | 'telemetry' | 'reported', body: object, retain = false) {
    await this.client.mqtt.publishAsync(topicOf(this.id, kind), JSON.stringify(body), { qos: 1, retain });
  }
}
