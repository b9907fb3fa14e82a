import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerOnlyFolder, replaceFile } from '../../pki/files.ts';
import { type Canary, issueCanary, type Revoked, signRevocationList } from '../../pki/revocation.ts';
import { loadBrokerTls } from '../../pki/tls.ts';
import { mosquittoAcl } from './acl.ts';

/**
 * Writes what Mosquitto reads into a folder of its own: its certificates and keys, whom it trusts, and the ACL. The authorities' keys stay
 * where they are. A file that is right already is not touched, so that the broker reads again only what has changed.
 */
export async function writeBrokerFolder(pkiDir: string, brokerDir: string): Promise<void> {
  await ownerOnlyFolder(brokerDir);
  const { devices, servers } = await loadBrokerTls(pkiDir);
  const files = {
    acl: mosquittoAcl(),
    'device-ca.pem': devices.ca,
    'broker.key': devices.key,
    'broker.pem': devices.cert,
    'inner-ca.pem': servers.ca,
    'inner-server.key': servers.key,
    'inner-server.pem': servers.cert,
  };
  for (const [name, content] of Object.entries(files)) await replaceIfOther(join(brokerDir, name), content);
}

/** Mosquitto does not start without a revocation list: the first one names nobody but a canary. One that is there stays. */
export async function ensureRevocationList(pkiDir: string, brokerDir: string, now: Date): Promise<void> {
  if (existsSync(revocationListPath(brokerDir))) return;
  await writeRevocationList(pkiDir, brokerDir, [], now);
}

/** Replaces the revocation list in one step, with a new canary in it; returns the canary. */
export async function writeRevocationList(
  pkiDir: string,
  brokerDir: string,
  revoked: readonly Revoked[],
  now: Date,
): Promise<Canary> {
  const canary = await issueCanary(pkiDir, now);
  const list = await signRevocationList(pkiDir, [...revoked, { serial: canary.serial, revokedAt: now }], now);
  await replaceFile(revocationListPath(brokerDir), list);
  return canary;
}

function revocationListPath(brokerDir: string): string {
  return join(brokerDir, 'devices.crl');
}

async function replaceIfOther(path: string, content: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => null)) !== content) await replaceFile(path, content);
}
