import { topicOf } from '@flotilla/protocol';
import type { MqttClient } from 'mqtt';
import type { DeviceAck } from '../ingest/spools.ts';
import { ACK_REST_MS, AckPace, newestOf, spoolOf } from './ack-pace.ts';

/** Publishes on their way to the socket at once. */
const MAX_IN_FLIGHT = 400;

/** Acknowledgements that wait, at most one a spool. Those beyond are dropped: the device asks again by sending again. */
const MAX_WAITING = 50_000;

/** Those that are held are looked at so often: many at once leave in few writes. */
const LOOK_EVERY_MS = ACK_REST_MS / 5;

/**
 * Tells devices how far they may forget, by QoS 0: an acknowledgement that is lost is asked for again by sending again, and one for a device
 * that is away means nothing once it is back. Only the newest word to each spool is kept; without a broker, or after the goodbye, none: what is
 * not acknowledged the device sends again, and then it is.
 */
export class AckPublisher {
  private readonly client: Pick<MqttClient, 'publish' | 'connected' | 'disconnecting'>;
  private readonly pace = new AckPace();
  private readonly waiting = new Map<string, DeviceAck>();
  private inFlight = 0;
  private look: NodeJS.Timeout | undefined;

  constructor(client: Pick<MqttClient, 'publish' | 'connected' | 'disconnecting'>) {
    this.client = client;
  }

  send(acks: readonly DeviceAck[]): void {
    this.queue(this.pace.offer(acks, performance.now()));
  }

  private queue(acks: readonly DeviceAck[]): void {
    for (const each of acks) {
      const spool = spoolOf(each);
      const earlier = this.waiting.get(spool) ?? null;
      if (earlier || this.waiting.size < MAX_WAITING) this.waiting.set(spool, newestOf(earlier, each));
    }
    this.pump();
    if (!this.pace.isHolding || this.look) return;
    this.look = setTimeout(() => {
      this.look = undefined;
      this.queue(this.pace.due(performance.now()));
    }, LOOK_EVERY_MS).unref();
  }

  private pump(): void {
    if (!this.client.connected || this.client.disconnecting) {
      this.waiting.clear();
      this.pace.clear();
    }
    for (const [spool, { deviceId, ack }] of this.waiting) {
      if (this.inFlight >= MAX_IN_FLIGHT) return;
      this.waiting.delete(spool);
      this.inFlight += 1;
      this.client.publish(topicOf(deviceId, 'ack'), JSON.stringify(ack), { qos: 0 }, () => {
        this.inFlight -= 1;
        if (this.waiting.size > 0) this.pump();
      });
    }
  }
}
