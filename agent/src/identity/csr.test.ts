import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import 'reflect-metadata';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { expect, test } from 'vitest';
import { createCsr } from './csr.ts';

test('an independent X.509 library reads the request, verifies its signature and finds the device key', async () => {
  for (let round = 0; round < 20; round++) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const request = new Pkcs10CertificateRequest(createCsr(privateKey));
    expect(await request.verify()).toBe(true);
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    expect(Buffer.from(request.publicKey.rawData).equals(spki)).toBe(true);
    expect(request.subject).toBe('CN=flotilla-device');
  }
});

test('a changed request does not verify', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { privateKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = Buffer.from(createCsr(privateKey).replace(/-----.*-----|\n/g, ''), 'base64');
  const foreign = createPublicKey(other).export({ type: 'spki', format: 'der' });
  const own = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const changed = Buffer.concat([
    der.subarray(0, der.indexOf(own)),
    foreign,
    der.subarray(der.indexOf(own) + own.length),
  ]);
  expect(await new Pkcs10CertificateRequest(changed).verify()).toBe(false);
});
