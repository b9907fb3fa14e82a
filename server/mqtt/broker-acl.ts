import {
  MAX_MESSAGE_BYTES,
  MAX_STATE_BYTES,
  MAX_TELEMETRY_BYTES,
  mayDevicePublish,
  mayDeviceSubscribe,
  PROTOCOL_VERSION,
  parseTopic,
  serverTopicKinds,
} from '@flotilla/protocol';

const ROOT = `flotilla/v${PROTOCOL_VERSION}/`;

/** Retained and written by the broker alone: `{startedAt}`. A server that sees another start than before fills the broker again. */
export const BROKER_TOPIC = `${ROOT}broker`;

/** Largest MQTT packet: the largest payload, and a topic. */
export const MAX_PACKET_BYTES = MAX_STATE_BYTES + 1024;

export type Peer = { kind: 'device'; deviceId: string; organizationId: string; serial: string } | { kind: 'server' };

export type Published = { topic: string; payloadBytes: number; qos: number; retain: boolean };

/** Why a message is refused; `kind` is the topic's kind where it is one of ours. */
export type Refusal = {
  kind: string;
  code: 'foreign_topic' | 'too_large' | 'qos' | 'retain' | 'foreign_client_id';
  detail: string;
};

/** The kinds that devices keep on the broker; retaining anything else would let one device fill its memory. */
const retainedKinds = ['session', 'reported'];

/** Null when the peer may publish this. */
export function refusePublish(peer: Peer, message: Published): Refusal | null {
  const kind = parseTopic(message.topic)?.kind ?? 'unknown';
  const refuse = (code: Refusal['code'], detail: string): Refusal => ({ kind, code, detail });
  if (message.qos > 1) return refuse('qos', `QoS ${message.qos} on ${message.topic}`);
  if (message.payloadBytes > maxPayloadBytes(kind)) {
    return refuse('too_large', `${message.payloadBytes} bytes on ${message.topic}, at most ${maxPayloadBytes(kind)}`);
  }
  if (peer.kind === 'server') {
    const isOurs = message.topic.startsWith(ROOT) && message.topic !== BROKER_TOPIC;
    return isOurs ? null : refuse('foreign_topic', message.topic);
  }
  if (!mayDevicePublish(peer.deviceId, message.topic)) return refuse('foreign_topic', message.topic);
  if (message.retain && !retainedKinds.includes(kind)) return refuse('retain', `retained on ${message.topic}`);
  return null;
}

export function maySubscribe(peer: Peer, filter: string): boolean {
  return peer.kind === 'server' ? filter.startsWith(ROOT) : mayDeviceSubscribe(peer.deviceId, filter);
}

/** May this reach the peer? Asked at each delivery too, whatever subscriptions the broker believes in. */
export function mayReceive(peer: Peer, topic: string): boolean {
  if (peer.kind === 'server') return topic.startsWith(ROOT);
  const parsed = parseTopic(topic);
  return parsed?.deviceId === peer.deviceId && serverTopicKinds.some((kind) => kind === parsed.kind);
}

function maxPayloadBytes(kind: string): number {
  if (kind === 'desired' || kind === 'reported') return MAX_STATE_BYTES;
  return kind === 'telemetry' ? MAX_TELEMETRY_BYTES : MAX_MESSAGE_BYTES;
}
