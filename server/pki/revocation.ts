import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { AuthorityKeyIdentifierExtension, PemConverter, X509Crl, X509CrlGenerator } from '@peculiar/x509';
import { loadIssuer } from './ensure-pki.ts';
import type { TlsMaterial } from './tls.ts';
import { DAY_MS, exportPrivateKey, newKeyPair, P256, signCertificate } from './x509.ts';

/** A reader refuses everybody once the list is older than this, so it must outlast a long absence of those who renew it daily. */
const CRL_LIFE_MS = 14 * DAY_MS;

/** A reader whose clock is behind must not find the list to be of the future. */
const BACKDATE_MS = 3_600_000;

const SECOND_MS = 1_000;

export type Revoked = { serial: string; revokedAt: Date };

/** A certificate made to be refused, with what is needed to try it. */
export type Canary = { serial: string; tls: TlsMaterial };

/**
 * A certificate of the device authority for nobody, good for a day. In a revocation list, it tells by trying whether a broker has read
 * that very list. @throws Error when the folder has not been set up.
 */
export async function issueCanary(dir: string, now: Date): Promise<Canary> {
  const [issuer, keys] = [await loadIssuer(dir, 'device-ca'), await newKeyPair()];
  const commonName = `canary-${randomBytes(8).toString('hex')}`;
  const certificate = await signCertificate(
    { commonName, publicKey: keys.publicKey, use: 'client', now, days: 1 },
    issuer,
  );
  return {
    serial: certificate.serialNumber.toLowerCase(),
    tls: {
      ca: issuer.certificate.toString('pem'),
      cert: certificate.toString('pem'),
      key: await exportPrivateKey(keys.privateKey),
    },
  };
}

/**
 * The device authority's revocation list in PEM, under the label that OpenSSL wants. Signing costs about 0.2 ms an entry on this thread:
 * list only certificates that have not run out. @throws Error when what was made cannot be read back.
 */
export async function signRevocationList(dir: string, revoked: readonly Revoked[], now: Date): Promise<string> {
  const issuer = await loadIssuer(dir, 'device-ca');
  const wholeSeconds = (timeMs: number) => new Date(Math.floor(timeMs / SECOND_MS) * SECOND_MS);
  const crl = await X509CrlGenerator.create({
    issuer: issuer.certificate.subject,
    thisUpdate: wholeSeconds(now.getTime() - BACKDATE_MS),
    nextUpdate: wholeSeconds(now.getTime() + CRL_LIFE_MS),
    entries: revoked.map(({ serial, revokedAt }) => ({
      serialNumber: serial,
      revocationDate: wholeSeconds(revokedAt.getTime()),
    })),
    extensions: [await AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey)],
    signingKey: issuer.key,
    signingAlgorithm: { ...P256, hash: 'SHA-256' },
  });
  const pem = `${PemConverter.encode(crl.rawData, 'X509 CRL')}\n`;
  const readBack = new X509Crl(PemConverter.decodeFirst(pem));
  if (
    !(await readBack.verify({ publicKey: issuer.certificate.publicKey })) ||
    readBack.entries.length !== revoked.length
  )
    throw new Error('The revocation list that was made cannot be read back.');
  return pem;
}
