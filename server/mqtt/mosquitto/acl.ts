import { deviceSubscriptions, deviceTopicKinds, PROTOCOL_VERSION, topicOf } from '@flotilla/protocol';

/** CN of the servers' certificate, which Mosquitto takes as their user name. */
const SERVER_USER = 'server';

/** Mosquitto puts the device's user name, its id, here. It must be a whole level of the topic. */
const DEVICE = '%u';

/** Allows nearly all messages: Mosquitto tries one pattern after another, for each message anew. */
const OFTEN = [`pattern write ${topicOf(DEVICE, 'telemetry')}`, `pattern read ${topicOf(DEVICE, 'ack')}`];

/**
 * Mosquitto's ACL file: what the embedded broker enforces by code, from the same topics. What is not named is denied. It says who may
 * write where; sizes per kind and which topics may be retained are ingest's to judge.
 */
export function mosquittoAcl(): string {
  const written = deviceTopicKinds.map((kind) => topicOf(DEVICE, kind, kind === 'reply' ? '+' : undefined));
  const patterns = [
    ...written.map((topic) => `pattern write ${topic}`),
    ...deviceSubscriptions(DEVICE).map((topic) => `pattern read ${topic}`),
  ];
  return [
    '# Made from the topics of the protocol.',
    `user ${SERVER_USER}`,
    `topic readwrite flotilla/v${PROTOCOL_VERSION}/#`,
    '',
    ...new Set([...OFTEN, ...patterns]),
    '',
  ].join('\n');
}
