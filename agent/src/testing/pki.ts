import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

/** A certificate authority with a server certificate for 127.0.0.1, real in all but its life. */
export async function createPki() {
  const caKeys = await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
  const validity = (days: number) => ({
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + days * DAY_MS),
  });
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test CA',
    keys: caKeys as CryptoKeyPairLike,
    signingAlgorithm: ecdsa,
    ...validity(30),
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  let serial = 1;
  const sign = (name: string, publicKey: x509.PublicKeyType, days: number) =>
    x509.X509CertificateGenerator.create({
      serialNumber: (++serial).toString(16).padStart(4, '0'),
      issuer: ca.subject,
      subject: `CN=${name}`,
      publicKey,
      signingKey: caKeys.privateKey as CryptoKeyLike,
      signingAlgorithm: ecdsa,
      ...validity(days),
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
    });
  const serverKeys = await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
  const serverKey = await webcrypto.subtle.exportKey('pkcs8', serverKeys.privateKey);
  return {
    ca: ca.toString('pem'),
    serverCertificate: (await sign('server', serverKeys.publicKey as CryptoKeyLike, 30)).toString('pem'),
    serverKey: x509.PemConverter.encode(serverKey, 'PRIVATE KEY'),
    /** As the server does it: of the request only the key is used. `days`: its life. */
    async issue(csrPem: string, deviceId: string, days = 30): Promise<string> {
      const csr = new x509.Pkcs10CertificateRequest(csrPem);
      if (!(await csr.verify())) throw new Error('the request does not verify');
      return (await sign(deviceId, csr.publicKey, days)).toString('pem');
    },
    keyOf: (csrPem: string) => Buffer.from(new x509.Pkcs10CertificateRequest(csrPem).publicKey.rawData).toString('hex'),
  };
}

type CryptoKeyLike = Parameters<typeof x509.X509CertificateGenerator.create>[0]['publicKey'] & { type: 'private' };
type CryptoKeyPairLike = Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[0]['keys'];
