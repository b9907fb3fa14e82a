import type { TLSSocket } from 'node:tls';
import type { AedesOptions, Client } from 'aedes';
import type { Db } from '../db/client.ts';
import type { Logger } from '../platform/logger.ts';
import { MAX_PACKET_BYTES, mayReceive, maySubscribe, type Peer, type Refusal, refusePublish } from './broker-acl.ts';
import { ConnectionRefused, devicePeer, SERVER_UNAVAILABLE, serverPeer } from './broker-peer.ts';
import type { RefusalCounter } from './refusal-counter.ts';

type Handler = 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward';

export type BrokerRules = {
  /** Marks a connection of the inner listener; every other is a device's. */
  markInner: (socket: TLSSocket) => void;
  peerOf: (client: Client) => Peer | undefined;
  /** Counts a packet that was too large to be read. */
  refuseOversized: (client: Client) => Error;
  handlers: Required<Pick<AedesOptions, Handler>>;
};

/** Who may connect, and what each may send, ask for and be given. Every refusal of a device is counted. */
export function brokerRules(db: Db, refusals: RefusalCounter, logger: Logger): BrokerRules {
  const peers = new WeakMap<Client, Peer>();
  const inner = new WeakSet<object>();

  const refuse = (peer: Peer | undefined, refusal: Refusal): Error => {
    if (peer?.kind === 'device') refusals.count({ ...peer, ...refusal });
    logger.warn({ peer, ...refusal }, 'refused a message');
    return new Error(`${refusal.code}: ${refusal.detail}`);
  };
  const refuseConnection = (error: unknown): Error & { returnCode: 2 | 3 | 4 | 5 } => {
    logger.warn({ err: error }, 'refused a connection');
    if (!(error instanceof ConnectionRefused)) return new ConnectionRefused(SERVER_UNAVAILABLE, 'internal error');
    const { device, message: detail } = error;
    if (device) refusals.count({ ...device, kind: 'connect', code: 'foreign_client_id', detail });
    return error;
  };
  const identify = async (client: Client, userName: string | undefined): Promise<Peer> =>
    inner.has(client.conn)
      ? serverPeer(client.id)
      : await devicePeer(db, client.conn as TLSSocket, client.id, userName);

  return {
    markInner: (socket) => inner.add(socket),
    peerOf: (client) => peers.get(client),
    refuseOversized: (client) =>
      refuse(peers.get(client), { kind: 'packet', code: 'too_large', detail: `more than ${MAX_PACKET_BYTES} bytes` }),
    handlers: {
      preConnect: (client, packet, done) => {
        // A server's session is always clean: what it misses comes again from the devices' spools, and nothing piles up for one that is gone.
        if (inner.has(client.conn)) packet.clean = true;
        done(null, true);
      },
      authenticate: (client, userName, _password, done) => {
        const admit = (peer: Peer) => {
          peers.set(client, peer);
          done(null, true);
        };
        identify(client, userName).then(admit, (error) => done(refuseConnection(error), false));
      },
      authorizePublish: (client, packet, done) => {
        // The broker's own messages have no client.
        if (!client) return done(null);
        const peer = peers.get(client);
        if (!peer) return done(new Error('not authenticated'));
        const { topic, payload, qos, retain } = packet;
        const refusal = refusePublish(peer, { topic, payloadBytes: payload.length, qos, retain });
        done(refusal ? refuse(peer, refusal) : null);
      },
      authorizeSubscribe: (client, subscription, done) => {
        const peer = peers.get(client);
        if (peer && maySubscribe(peer, subscription.topic)) return done(null, subscription);
        refuse(peer, { kind: 'subscribe', code: 'foreign_topic', detail: subscription.topic });
        done(null, null);
      },
      authorizeForward: (client, packet) => {
        const peer = peers.get(client);
        return peer && mayReceive(peer, packet.topic) ? packet : null;
      },
    },
  };
}
