import { Ack, type Telemetry, topicOf } from '@flotilla/protocol';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { v7 as uuidv7 } from 'uuid';

export type SpoolWindow = Telemetry['windows'][number];

type Held = { window: SpoolWindow; addedAtMs: number };

/** Milliseconds from a window's entry into the spool to the acknowledgement that covers it, by sequence number. */
export type SpoolDeviceOptions = { resendAfterMs: number; onAcknowledged?: (seq: number, afterMs: number) => void };

/** A device reduced to its spool: it keeps every window until the server has acknowledged it, and sends again what was not. */
export class SpoolDevice {
  readonly id: string;
  readonly boot = uuidv7();
  readonly client: MqttClient;
  /** The first connection is there. */
  readonly connected: Promise<void>;
  private readonly options: SpoolDeviceOptions;
  private readonly held = new Map<number, Held>();
  private readonly timer: NodeJS.Timeout;
  private heardAtMs = performance.now();
  private seq = 0;

  constructor(deviceUrl: string, id: string, tls: IClientOptions, options: SpoolDeviceOptions) {
    this.id = id;
    this.options = options;
    const manners = {
      clientId: id,
      clean: false,
      reconnectPeriod: 250,
      resubscribe: false,
      queueQoSZero: false,
    } as const;
    this.client = mqtt.connect(deviceUrl, { ...tls, ...manners, protocolVersion: 4 });
    this.client.on('error', () => undefined);
    this.client.on('message', (_topic, payload) => this.forget(Ack.parse(JSON.parse(payload.toString()))));
    this.client.on('connect', () => {
      this.client.subscribe(topicOf(id, 'ack'), { qos: 1 });
      this.sendAll();
    });
    this.connected = new Promise((resolve) => this.client.once('connect', () => resolve()));
    this.timer = setInterval(() => {
      if (performance.now() - this.heardAtMs > options.resendAfterMs) this.sendAll();
    }, options.resendAfterMs / 2);
  }

  /** What the server has not acknowledged. */
  get heldCount(): number {
    return this.held.size;
  }

  /** Returns the number of its message. */
  add(window: SpoolWindow): number {
    this.seq += 1;
    this.held.set(this.seq, { window, addedAtMs: performance.now() });
    this.send(this.seq);
    return this.seq;
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.client.endAsync(true);
  }

  private sendAll(): void {
    this.heardAtMs = performance.now();
    for (const seq of this.held.keys()) this.send(seq);
  }

  private send(seq: number): void {
    const held = this.held.get(seq);
    if (!held || !this.client.connected) return;
    const oldestSeq = this.held.keys().next().value ?? seq;
    const body: Telemetry = { boot: this.boot, seq, oldestSeq, sentAt: Date.now(), windows: [held.window] };
    this.client.publish(topicOf(this.id, 'telemetry'), JSON.stringify(body), { qos: 1 });
  }

  private forget({ boot, telemetrySeq }: Ack): void {
    if (boot !== this.boot) return;
    this.heardAtMs = performance.now();
    for (const [seq, { addedAtMs }] of this.held) {
      if (seq > telemetrySeq) return;
      this.held.delete(seq);
      this.options.onAcknowledged?.(seq, this.heardAtMs - addedAtMs);
    }
  }
}
