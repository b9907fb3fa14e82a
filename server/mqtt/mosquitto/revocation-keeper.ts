import { setTimeout as delay } from 'node:timers/promises';
import { findRevoked, type RevokedCertificate } from '../../db/certificates.ts';
import type { Db } from '../../db/client.ts';
import { takeLease } from '../../db/leases.ts';
import { ensurePki } from '../../pki/ensure-pki.ts';
import type { Canary } from '../../pki/revocation.ts';
import type { TlsMaterial } from '../../pki/tls.ts';
import { DAY_MS } from '../../pki/x509.ts';
import type { Logger } from '../../platform/logger.ts';
import { writeBrokerFolder, writeRevocationList } from './broker-folder.ts';
import { endSession } from './end-session.ts';
import { tryCertificate } from './try-certificate.ts';

const LEASE = 'broker-revocations';

/** How long a killed keeper keeps the others waiting; with two ticks a second, revocation holds its 5 s through that too. */
const LEASE_LIFE_MS = 2_000;

/** The broker looks at the file four times a second. A list that it has not read by then is an alarm. */
const LOAD_TIMEOUT_MS = 2_500;
const LOAD_POLL_MS = 50;

/** The list is renewed, and the broker tried, this often though nothing happened. A canary is good for a day. */
const REWRITE_AFTER_MS = DAY_MS / 2;
const TRY_EVERY_MS = 60_000;

/** Sessions ended at once: one costs the broker a handshake. */
const END_AT_ONCE = 16;

export type KeeperOptions = {
  db: Db;
  now: () => Date;
  logger: Logger;
  /** Name of this process among those that could keep the list. */
  holder: string;
  pkiDir: string;
  brokerDir: string;
  /** Names that the broker's certificates must carry. */
  hostnames: string[];
  /** The broker's two listeners, as this process reaches them. */
  deviceUrl: string;
  serverUrl: string;
  tls: TlsMaterial;
};

/** What this holder of the lease has done; nothing of it outlives the process. */
type KeeperState = {
  listed: ReadonlySet<string>;
  ended: Set<string>;
  canary: Canary | null;
  writtenAtMs: number;
  triedAtMs: number;
};

/**
 * A duty to do every half second: look at who is revoked. The list is written anew when it is not what the database says, or a day old; then it is tried with its
 * canary whether the broker has read it; then the sessions of the revoked are ended, in this order, because a device that is cut off before
 * is back in a second. Only the holder of the lease does it. What fails is done at the next look.
 */
export function revocationKeeper(options: KeeperOptions): () => Promise<void> {
  const state: KeeperState = { listed: new Set(), ended: new Set(), canary: null, writtenAtMs: 0, triedAtMs: 0 };
  return () => look(options, state);
}

async function look(options: KeeperOptions, state: KeeperState): Promise<void> {
  const { db, now, logger, holder, serverUrl, tls } = options;
  if (!(await takeLease(db, LEASE, holder, LEASE_LIFE_MS))) {
    state.canary = null; // Another one writes the list now.
    return;
  }
  const revoked = await findRevoked(db, now());
  if (await isListDue(options, state, revoked)) await publishList(options, state, revoked);
  const left = revoked.filter(({ serial }) => !state.ended.has(serial)).values();
  const lanes = Array.from({ length: END_AT_ONCE }, async () => {
    for (const { serial, deviceId, isDecommissioned } of left) {
      await endSession(serverUrl, tls, deviceId, { forget: isDecommissioned });
      state.ended.add(serial);
      logger.info({ deviceId }, 'cut a device off: its certificate was revoked');
    }
  });
  await Promise.all(lanes);
}

async function isListDue(
  { now, deviceUrl, logger }: KeeperOptions,
  state: KeeperState,
  revoked: readonly RevokedCertificate[],
): Promise<boolean> {
  const nowMs = now().getTime();
  if (!state.canary || nowMs - state.writtenAtMs >= REWRITE_AFTER_MS) return true;
  if (revoked.length !== state.listed.size || revoked.some(({ serial }) => !state.listed.has(serial))) return true;
  if (nowMs - state.triedAtMs < TRY_EVERY_MS) return false;
  state.triedAtMs = nowMs;
  if ((await tryCertificate(deviceUrl, state.canary.tls)) !== 'accepted') return false;
  logger.error('the broker lets in a certificate that is on the revocation list; the list is written again');
  return true;
}

async function publishList(
  { pkiDir, brokerDir, hostnames, deviceUrl, now, logger }: KeeperOptions,
  state: KeeperState,
  revoked: readonly RevokedCertificate[],
): Promise<void> {
  await ensurePki(pkiDir, { hostnames, now: now() });
  await writeBrokerFolder(pkiDir, brokerDir);
  state.canary = await writeRevocationList(pkiDir, brokerDir, revoked, now());
  state.writtenAtMs = state.triedAtMs = now().getTime();
  state.listed = new Set(revoked.map(({ serial }) => serial));
  for (const deadline = performance.now() + LOAD_TIMEOUT_MS; ; await delay(LOAD_POLL_MS)) {
    const answer = await tryCertificate(deviceUrl, state.canary.tls);
    if (answer !== 'accepted') return; // A broker that is not there reads the list when it starts.
    if (performance.now() < deadline) continue;
    logger.error('the broker has not read the revocation list: revoked devices can come back');
    state.canary = null;
    return;
  }
}
