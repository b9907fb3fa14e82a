import 'reflect-metadata';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { SubjectAlternativeNameExtension, X509Certificate } from '@peculiar/x509';
import {
  type Authority,
  certificatePath,
  keyPath,
  type Leaf,
  ownerOnlyFolder,
  publishEntry,
  readPem,
  replaceFile,
} from './files.ts';
import {
  type CertificateRequest,
  DAY_MS,
  exportPrivateKey,
  type Issuer,
  importPrivateKey,
  newKeyPair,
  signCertificate,
} from './x509.ts';

const CA_DAYS = 3_650;
const SECRETS_KEY_BYTES = 32;
const LEAF_DAYS = 365;

/** A certificate of our own servers is replaced when less than this is left. */
const RENEW_BEFORE_MS = 30 * DAY_MS;

/** Names that every server certificate carries: the all-in-one form and the tests connect by them. */
const LOCAL_NAMES = ['localhost', '127.0.0.1'];

type LeafPlan = { entry: Leaf; issuer: Authority; use: 'client' | 'server'; commonName: string };
const plans: LeafPlan[] = [
  { entry: 'broker', issuer: 'device-ca', use: 'server', commonName: 'Flotilla broker' },
  { entry: 'inner-server', issuer: 'inner-ca', use: 'server', commonName: 'Flotilla broker, inner listener' },
  { entry: 'server-client', issuer: 'inner-ca', use: 'client', commonName: 'server' },
];

/**
 * Makes what is missing in the folder of keys, and renews our servers' certificates when 30 days are left or a host name is not covered.
 * Authorities and keys are never replaced. Safe to call from several processes at once; nobody but the owner can read the folder.
 */
export async function ensurePki(dir: string, options: { hostnames: string[]; now: Date }): Promise<void> {
  await ownerOnlyFolder(dir);
  await ensureAuthority(dir, 'device-ca', 'Flotilla device CA', options.now);
  await ensureAuthority(dir, 'inner-ca', 'Flotilla inner CA', options.now);
  await ensureSigningKey(dir);
  await ensureSecretsKey(dir);
  const hostnames = [...new Set([...LOCAL_NAMES, ...options.hostnames])];
  for (const plan of plans) {
    await ensureLeafKey(dir, plan, hostnames, options.now);
    const present = await readCertificate(dir, plan.entry);
    const isFine =
      present.notAfter.getTime() - options.now.getTime() >= RENEW_BEFORE_MS && covers(present, hostnames, plan);
    if (isFine) continue;
    const key = await importPrivateKey(await readPem(keyPath(dir, plan.entry)));
    const renewed = await signLeaf(
      dir,
      plan,
      { publicKey: await present.publicKey.export(), privateKey: key },
      hostnames,
      options.now,
    );
    await replaceFile(certificatePath(dir, plan.entry), renewed);
  }
}

/** The host names that the broker's certificates must carry, from the addresses it is reached by. */
export function brokerHostnames(urls: { mqttUrl: string; mqttServerUrl: string }): string[] {
  return [urls.mqttUrl, urls.mqttServerUrl].map((url) => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'));
}

export async function loadIssuer(dir: string, authority: Authority): Promise<Issuer> {
  return {
    certificate: await readCertificate(dir, authority),
    key: await importPrivateKey(await readPem(keyPath(dir, authority))),
  };
}

async function ensureAuthority(dir: string, entry: Authority, commonName: string, now: Date): Promise<void> {
  if (existsSync(certificatePath(dir, entry))) return;
  const keys = await newKeyPair();
  const request: CertificateRequest = { commonName, publicKey: keys.publicKey, use: 'ca', now, days: CA_DAYS };
  const certificate = await signCertificate(request, { selfKey: keys.privateKey });
  await publishEntry(dir, entry, {
    'certificate.pem': `${certificate.toString('pem')}\n`,
    'key.pem': `${await exportPrivateKey(keys.privateKey)}\n`,
  });
}

async function ensureLeafKey(dir: string, plan: LeafPlan, hostnames: string[], now: Date): Promise<void> {
  if (existsSync(certificatePath(dir, plan.entry))) return;
  const keys = await newKeyPair();
  await publishEntry(dir, plan.entry, {
    'certificate.pem': await signLeaf(dir, plan, keys, hostnames, now),
    'key.pem': `${await exportPrivateKey(keys.privateKey)}\n`,
  });
}

async function signLeaf(
  dir: string,
  plan: LeafPlan,
  keys: CryptoKeyPair,
  hostnames: string[],
  now: Date,
): Promise<string> {
  const certificate = await signCertificate(
    {
      commonName: plan.commonName,
      publicKey: keys.publicKey,
      use: plan.use,
      ...(plan.use === 'server' ? { hostnames } : {}),
      now,
      days: LEAF_DAYS,
    },
    await loadIssuer(dir, plan.issuer),
  );
  return `${certificate.toString('pem')}\n`;
}

async function ensureSigningKey(dir: string): Promise<void> {
  if (existsSync(keyPath(dir, 'signing'))) return;
  const { privateKey } = generateKeyPairSync('ed25519');
  await publishEntry(dir, 'signing', { 'key.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() });
}

/** 256 random bits, in base64. Losing them loses every secret that the database holds. */
async function ensureSecretsKey(dir: string): Promise<void> {
  if (existsSync(keyPath(dir, 'secrets'))) return;
  await publishEntry(dir, 'secrets', { 'key.pem': `${randomBytes(SECRETS_KEY_BYTES).toString('base64')}\n` });
}

async function readCertificate(dir: string, entry: Authority | Leaf): Promise<X509Certificate> {
  return new X509Certificate(await readPem(certificatePath(dir, entry)));
}

function covers(certificate: X509Certificate, hostnames: string[], plan: LeafPlan): boolean {
  if (plan.use === 'client') return true;
  const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
  return hostnames.every((hostname) => names.some((name) => name.value === hostname));
}
