// The library registers its parts by decorators: the metadata must be there first.
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

export const DAY_MS = 86_400_000;

/** A certificate starts a little in the past, for a reader whose clock is behind. */
const BACKDATE_MS = 3_600_000;

/** Validity in X.509 has whole seconds. */
const SECOND_MS = 1_000;

export type Issuer = { certificate: x509.X509Certificate; key: CryptoKey };

export type CertificateRequest = {
  commonName: string;
  publicKey: CryptoKey;
  /** Whom it is good for: a client certificate never passes as a server's. */
  use: 'ca' | 'client' | 'server';
  /** DNS names and IP addresses of a server. */
  hostnames?: string[];
  now: Date;
  days: number;
};

/** Signs a certificate; without an issuer, with `selfKey`. It never outlives its issuer. */
export async function signCertificate(
  request: CertificateRequest,
  issuer: Issuer | { selfKey: CryptoKey },
): Promise<x509.X509Certificate> {
  const subject = new x509.Name([{ CN: [request.commonName] }]);
  const isSelf = 'selfKey' in issuer;
  const wantedEnd = request.now.getTime() + request.days * DAY_MS;
  const end = isSelf ? wantedEnd : Math.min(wantedEnd, issuer.certificate.notAfter.getTime());
  return x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject,
    issuer: isSelf ? subject : issuer.certificate.subjectName,
    notBefore: wholeSeconds(request.now.getTime() - BACKDATE_MS),
    notAfter: wholeSeconds(end),
    publicKey: request.publicKey,
    signingKey: isSelf ? issuer.selfKey : issuer.key,
    signingAlgorithm: SIGNATURE,
    extensions: [
      ...extensionsFor(request),
      await x509.SubjectKeyIdentifierExtension.create(request.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(isSelf ? request.publicKey : issuer.certificate.publicKey),
    ],
  });
}

export async function newKeyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(P256, true, ['sign', 'verify']);
}

export async function exportPrivateKey(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

export async function importPrivateKey(pem: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), P256, false, ['sign']);
}

export async function importPublicKey(pem: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('spki', x509.PemConverter.decodeFirst(pem), P256, true, ['verify']);
}

/** 16 random bytes in hex. The first is 0x40–0x7f: positive and of full length, so that every program prints it alike. */
function randomSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return bytes.toString('hex');
}

function extensionsFor(request: CertificateRequest): x509.Extension[] {
  const { KeyUsageFlags: flags } = x509;
  if (request.use === 'ca') {
    return [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(flags.keyCertSign | flags.cRLSign, true),
    ];
  }
  const usage = request.use === 'client' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
  const names = (request.hostnames ?? []).map(
    (name) => ({ type: isAddress(name) ? 'ip' : 'dns', value: name }) as const,
  );
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(flags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([usage]),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension([...names])] : []),
  ];
}

function isAddress(name: string): boolean {
  return /^[0-9.]+$/.test(name) || name.includes(':');
}

function wholeSeconds(timeMs: number): Date {
  return new Date(Math.floor(timeMs / SECOND_MS) * SECOND_MS);
}
