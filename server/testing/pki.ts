import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PemConverter, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { ensurePki } from '../pki/ensure-pki.ts';
import { exportPrivateKey, newKeyPair } from '../pki/x509.ts';

export type TestPki = { dir: string; remove: () => Promise<void> };

/** A folder of keys of its own, for `localhost` and `127.0.0.1`. */
export async function testPki(now = new Date()): Promise<TestPki> {
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-pki-'));
  await ensurePki(dir, { hostnames: [], now });
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

export type DeviceKey = { keys: CryptoKeyPair; privateKeyPem: string; publicKeyPem: string; csr: string };

/** A device's P-256 key and a request for it. The name in it must not matter to anybody. */
export async function deviceKeyAndCsr(commonName = 'device'): Promise<DeviceKey> {
  const keys = await newKeyPair();
  return {
    keys,
    privateKeyPem: await exportPrivateKey(keys.privateKey),
    publicKeyPem: PemConverter.encode(await crypto.subtle.exportKey('spki', keys.publicKey), 'PUBLIC KEY'),
    csr: await csrOf(keys, commonName),
  };
}

/** A PKCS#10 request for any signing key. */
export async function csrOf(keys: CryptoKeyPair, commonName: string): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: { ...keys.privateKey.algorithm, hash: 'SHA-256' },
  });
  return request.toString('pem');
}
