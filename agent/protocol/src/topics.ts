import { PROTOCOL_VERSION } from './version.ts';

const ROOT = `flotilla/v${PROTOCOL_VERSION}`;

/** What a device writes. `reply` carries a command id behind it. */
export const deviceTopicKinds = ['session', 'reported', 'events', 'telemetry', 'log', 'reply'] as const;
export type DeviceTopicKind = (typeof deviceTopicKinds)[number];

/** What the server writes. `cmd` carries a command id behind it. */
export const serverTopicKinds = ['desired', 'ack', 'cmd'] as const;
export type ServerTopicKind = (typeof serverTopicKinds)[number];

export type ParsedTopic = { deviceId: string; kind: DeviceTopicKind | ServerTopicKind; id?: string };

export function topicOf(deviceId: string, kind: DeviceTopicKind | ServerTopicKind, id?: string): string {
  return id === undefined ? `${ROOT}/${deviceId}/${kind}` : `${ROOT}/${deviceId}/${kind}/${id}`;
}

/** The filters a device subscribes to. */
export function deviceSubscriptions(deviceId: string): string[] {
  return [topicOf(deviceId, 'desired'), topicOf(deviceId, 'ack'), topicOf(deviceId, 'cmd', '+')];
}

/** The filters the server subscribes to: everything that devices write, and nothing that it writes itself. */
export function serverSubscriptions(): string[] {
  return deviceTopicKinds.map((kind) => (kind === 'reply' ? topicOf('+', kind, '+') : topicOf('+', kind)));
}

const TOPIC = new RegExp(`^${ROOT}/([0-9a-f-]{36})/([a-z]+)(?:/([A-Za-z0-9-]{1,64}))?$`);

/** Reads a topic name; null for a name that is not ours. A kind with an id (`cmd`, `reply`) needs it, the others must not have one. */
export function parseTopic(topic: string): ParsedTopic | null {
  const match = TOPIC.exec(topic);
  const [, deviceId, kind, id] = match ?? [];
  if (!deviceId || !isKind(kind)) return null;
  const needsId = kind === 'cmd' || kind === 'reply';
  if (needsId !== (id !== undefined)) return null;
  return id === undefined ? { deviceId, kind } : { deviceId, kind, id };
}

/** May this device publish to this topic? Identity is the authenticated device, never the payload. */
export function mayDevicePublish(deviceId: string, topic: string): boolean {
  const parsed = parseTopic(topic);
  return parsed !== null && parsed.deviceId === deviceId && deviceTopicKinds.some((kind) => kind === parsed.kind);
}

/** May this device subscribe to this filter? Exactly its own server topics, no wider wildcard. */
export function mayDeviceSubscribe(deviceId: string, filter: string): boolean {
  return deviceSubscriptions(deviceId).includes(filter) || filter === topicOf(deviceId, 'cmd', '#');
}

function isKind(kind: string | undefined): kind is ParsedTopic['kind'] {
  return deviceTopicKinds.some((each) => each === kind) || serverTopicKinds.some((each) => each === kind);
}
