import { Readable } from 'node:stream';
import { mayDevicePublish, mayDeviceSubscribe, parseTopic } from '@flotilla/protocol';

/** Messages kept for one device that is away. Newer ones on the same topic replace older ones, so only commands add up. */
const MAX_QUEUED = 500;

type Packet = {
  cmd: string;
  topic: string;
  payload: Buffer;
  qos: number;
  retain: boolean;
  brokerId?: string;
  brokerCounter?: number;
  messageId?: number | undefined;
};
type Subscription = { topic: string; qos: number };
type Client = { id: string };

/**
 * What the embedded broker remembers, in the form that Aedes asks of a persistence. Made for our topics, where a message can only matter to
 * the device that its topic names: looking up costs the same for ten devices and for ten thousand, and one device's share is bounded.
 * It is a cache: after a restart the worker fills it again from the database.
 */
export function brokerMemory() {
  const retained = new Map<string, Map<string, Packet>>();
  const subscriptions = new Map<string, Map<string, Subscription>>();
  const queues = new Map<string, Packet[]>();

  const enqueue = (clientId: string, packet: Packet) => {
    const queue = queues.get(clientId) ?? [];
    queues.set(clientId, queue);
    const stale = queue.findIndex(({ topic, messageId }) => topic === packet.topic && messageId === undefined);
    if (stale >= 0) queue.splice(stale, 1);
    else if (queue.length >= MAX_QUEUED) queue.shift();
    queue.push({ ...packet, messageId: undefined });
  };

  return {
    async setup() {},
    async destroy() {},

    async storeRetained(packet: Packet) {
      const bucket = retained.get(ownerOf(packet.topic)) ?? new Map<string, Packet>();
      if (packet.payload.length === 0) bucket.delete(packet.topic);
      else bucket.set(packet.topic, { ...packet });
      if (bucket.size === 0) retained.delete(ownerOf(packet.topic));
      else retained.set(ownerOf(packet.topic), bucket);
    },
    createRetainedStreamCombi: (filters: string[]) =>
      Readable.from(filters.flatMap((filter) => [...find(retained, filter)])),

    /** Aedes hands over the whole packet, refused filters too: those are left out, or a client could fill the memory with them. */
    async addSubscriptions({ id }: Client, added: Subscription[]) {
      const present = subscriptions.get(id) ?? new Map<string, Subscription>();
      subscriptions.set(id, present);
      for (const { topic, qos } of added) if (mayDeviceSubscribe(id, topic)) present.set(topic, { topic, qos });
    },
    async removeSubscriptions({ id }: Client, filters: string[]) {
      for (const filter of filters) subscriptions.get(id)?.delete(filter);
    },
    async cleanSubscriptions({ id }: Client) {
      subscriptions.delete(id);
      queues.delete(id);
    },
    subscriptionsByClient: async ({ id }: Client) => [...(subscriptions.get(id)?.values() ?? [])],
    async subscriptionsByTopic(topic: string) {
      const clientId = ownerOf(topic);
      if (mayDevicePublish(clientId, topic)) return [];
      const match = [...(subscriptions.get(clientId)?.values() ?? [])].find(
        (subscription) => subscription.qos > 0 && matches(subscription.topic, topic),
      );
      return match ? [{ clientId, ...match }] : [];
    },

    async outgoingEnqueue({ clientId }: { clientId: string }, packet: Packet) {
      enqueue(clientId, packet);
    },
    async outgoingEnqueueCombi(targets: { clientId: string }[], packet: Packet) {
      for (const { clientId } of targets) enqueue(clientId, packet);
    },
    /** Notes under which number a queued message was sent. One that made way for a newer is sent all the same, unnoted. */
    async outgoingUpdate({ id }: Client, packet: Packet) {
      const queued = queues
        .get(id)
        ?.find(({ brokerId, brokerCounter }) => brokerId === packet.brokerId && brokerCounter === packet.brokerCounter);
      if (queued) queued.messageId = packet.messageId;
    },
    async outgoingClearMessageId({ id }: Client, { messageId }: { messageId?: number }) {
      const queue = queues.get(id) ?? [];
      const at = messageId === undefined ? -1 : queue.findIndex((packet) => packet.messageId === messageId);
      return at < 0 ? undefined : queue.splice(at, 1)[0];
    },
    outgoingStream: ({ id }: Client) => Readable.from([...(queues.get(id) ?? [])]),

    // QoS 2 is refused before it comes here, and a last will lives with its connection.
    async incomingStorePacket() {},
    async incomingGetPacket() {
      throw new Error('no such packet');
    },
    async incomingDelPacket() {},
    async cleanIncoming() {},
    async putWill() {},
    async delWill() {},
    streamWill: () => Readable.from([]),
  };
}

/** The device that a topic or filter names; empty for what is of no device or of all. */
function ownerOf(topic: string): string {
  return parseTopic(topic)?.deviceId ?? '';
}

function* find(retained: Map<string, Map<string, Packet>>, filter: string): Generator<Packet> {
  const owner = filter.split('/')[2] ?? '';
  const buckets = owner === '+' || owner === '#' ? retained.values() : [retained.get(owner), retained.get('')];
  for (const bucket of buckets) {
    for (const [topic, packet] of bucket ?? []) if (matches(filter, topic)) yield packet;
  }
}

/** Does an MQTT filter, with + and #, match a topic? */
export function matches(filter: string, topic: string): boolean {
  const [wanted, levels] = [filter.split('/'), topic.split('/')];
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (level !== levels[index] && !(level === '+' && index < levels.length)) return false;
  }
  return wanted.length === levels.length;
}
