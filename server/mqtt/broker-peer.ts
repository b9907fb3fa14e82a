import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { Uuid } from '@flotilla/protocol';
import { findConnectable } from '../db/certificates.ts';
import type { Db } from '../db/client.ts';
import type { Peer } from './broker-acl.ts';

/** The reasons for which MQTT 3.1.1 can refuse a connection, by its return codes. */
type ReturnCode = 2 | 3 | 4 | 5;

export class ConnectionRefused extends Error {
  readonly returnCode: ReturnCode;
  /** Whose certificate it was, where that is known. */
  readonly device: { deviceId: string; organizationId: string } | null;

  constructor(returnCode: ReturnCode, message: string, device: ConnectionRefused['device'] = null) {
    super(message);
    this.returnCode = returnCode;
    this.device = device;
  }
}

const IDENTIFIER_REJECTED = 2;
export const SERVER_UNAVAILABLE = 3;
const BAD_USER_NAME = 4;
const NOT_AUTHORIZED = 5;

/** The database must answer within this, or the device is told to come again. */
const LOOKUP_TIMEOUT_MS = 5_000;

const SERVER_ID_PREFIX = 'server-';

/** The inner listener: its authority has vouched for the process, the name only has to be told apart from a device's. */
export function serverPeer(clientId: string): Peer {
  if (clientId.startsWith(SERVER_ID_PREFIX)) return { kind: 'server' };
  throw new ConnectionRefused(IDENTIFIER_REJECTED, `a server's client id starts with ${SERVER_ID_PREFIX}`);
}

/**
 * The device behind a TLS connection: its certificate is known, not revoked, and its CN is the client id, and the user name where one is
 * given. Without an answer of the database nobody comes in; the device tries again.
 */
export async function devicePeer(
  db: Db,
  socket: TLSSocket,
  clientId: string,
  userName: string | undefined,
): Promise<Peer> {
  const { subject, serialNumber } = socket.getPeerCertificate();
  const deviceId = Uuid.safeParse(subject?.CN).data;
  const serial = serialNumber?.toLowerCase();
  if (!socket.authorized || !deviceId || !serial)
    throw new ConnectionRefused(NOT_AUTHORIZED, 'no certificate of a device');
  const found = await withinTime(findConnectable(db, deviceId, serial));
  if (!found) throw new ConnectionRefused(NOT_AUTHORIZED, `${deviceId} is revoked, decommissioned or unknown`);
  const device = { deviceId, organizationId: found.organizationId };
  if (clientId !== deviceId) {
    throw new ConnectionRefused(IDENTIFIER_REJECTED, `${deviceId} asked for the client id ${clientId}`, device);
  }
  if (userName !== undefined && userName !== deviceId) {
    throw new ConnectionRefused(BAD_USER_NAME, `${deviceId} gave the user name ${userName}`, device);
  }
  return { kind: 'device', ...device, serial };
}

async function withinTime<T>(lookup: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const timeout = delay(LOOKUP_TIMEOUT_MS, undefined, { signal: answered.signal }).then(() => {
    throw new Error('the database did not answer in time');
  });
  try {
    return await Promise.race([lookup, timeout]);
  } catch (cause) {
    throw new ConnectionRefused(SERVER_UNAVAILABLE, `cannot look up certificates now: ${String(cause)}`);
  } finally {
    timeout.catch(() => undefined);
    answered.abort();
  }
}
