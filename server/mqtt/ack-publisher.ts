import { topicOf } from '@flotilla/protocol';
import type { MqttClient } from 'mqtt';
import type { DeviceAck } from '../ingest/spools.ts';

/** Publishes on their way to the socket at once. */
const MAX_IN_FLIGHT = 400;

/** Acknowledgements that wait, at most one a spool. Those beyond are dropped: the device asks again by sending again. */
const MAX_WAITING = 50_000;

/**
 * Tells devices how far they may forget, by QoS 0: an acknowledgement that is lost is asked for again by sending again, and one for a device
 * that is away means nothing once it is back. Only the newest word to each spool is kept; without a broker, or after the goodbye, none: what is
 * not acknowledged the device sends again, and then it is.
 */
export class AckPublisher {
  private readonly client: Pick<MqttClient, 'publish' | 'connected' | 'disconnecting'>;
  private readonly waiting = new Map<string, DeviceAck>();
  private inFlight = 0;

  constructor(client: Pick<MqttClient, 'publish' | 'connected' | 'disconnecting'>) {
    this.client = client;
  }

  send(acks: readonly DeviceAck[]): void {
    for (const each of acks) {
      const spool = `${each.deviceId}/${each.ack.boot}`;
      if (this.waiting.size < MAX_WAITING || this.waiting.has(spool)) this.waiting.set(spool, each);
    }
    this.pump();
  }

  private pump(): void {
    if (!this.client.connected || this.client.disconnecting) this.waiting.clear();
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
