import 'reflect-metadata';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { compactVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csrOf, deviceKeyAndCsr, type TestPki, testPki } from '../testing/pki.ts';
import { loadDeviceCa } from './device-ca.ts';
import { loadDocumentSigner } from './document-signer.ts';
import { brokerHostnames, ensurePki } from './ensure-pki.ts';
import { certificatePath, keyPath, readPem } from './files.ts';
import { loadBrokerTls, loadServerClientTls } from './tls.ts';

const NOW = new Date('2026-11-21T10:00:00Z');
const DEVICE_ID = '019aa000-0000-7000-8000-000000000001';
const inDays = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

let pki: TestPki;
beforeAll(async () => {
  pki = await testPki(NOW);
});
afterAll(() => pki.remove());

describe('the folder of keys', () => {
  it('is for its owner alone', async () => {
    expect((await stat(pki.dir)).mode & 0o777).toBe(0o700);
    for (const entry of await readdir(pki.dir)) {
      expect((await stat(join(pki.dir, entry))).mode & 0o777).toBe(0o700);
      for (const file of await readdir(join(pki.dir, entry))) {
        expect((await stat(join(pki.dir, entry, file))).mode & 0o777).toBe(0o600);
      }
    }
  });

  it('stays as it is when it is set up again, and when five processes set it up at once', async () => {
    const before = await readPem(certificatePath(pki.dir, 'device-ca'));
    await ensurePki(pki.dir, { hostnames: [], now: inDays(10) });
    expect(await readPem(certificatePath(pki.dir, 'device-ca'))).toBe(before);

    const fresh = await testPki(NOW);
    for (const entry of await readdir(fresh.dir)) await rm(join(fresh.dir, entry), { recursive: true });
    await Promise.all(Array.from({ length: 5 }, () => ensurePki(fresh.dir, { hostnames: [], now: NOW })));
    const { devices, servers } = await loadBrokerTls(fresh.dir);
    for (const { key, cert, ca } of [devices, servers]) {
      const certificate = new X509Certificate(cert);
      expect(certificate.verify(new X509Certificate(ca).publicKey)).toBe(true);
      expect(createPublicKey(key).equals(certificate.publicKey)).toBe(true);
    }
    expect((await readdir(fresh.dir)).filter((name) => name.startsWith('.'))).toEqual([]);
    await fresh.remove();
  });

  it('renews the server certificates for a new host name and when 30 days are left, and keeps their keys', async () => {
    const own = await testPki(NOW);
    const serialOf = async () => new X509Certificate((await loadBrokerTls(own.dir)).devices.cert).serialNumber;
    const [first, key] = [await serialOf(), await readPem(keyPath(own.dir, 'broker'))];
    await ensurePki(own.dir, { hostnames: [], now: inDays(334) });
    expect(await serialOf()).toBe(first);
    await ensurePki(own.dir, { hostnames: [], now: inDays(336) });
    const second = await serialOf();
    expect(second).not.toBe(first);
    await ensurePki(own.dir, { hostnames: ['fleet.example', '::1'], now: inDays(337) });
    const { cert } = (await loadBrokerTls(own.dir)).devices;
    expect(new X509Certificate(cert).checkHost('fleet.example')).toBe('fleet.example');
    expect(new X509Certificate(cert).checkIP('::1')).toBe('::1');
    expect(new X509Certificate(cert).checkHost('localhost')).toBe('localhost');
    expect(await readPem(keyPath(own.dir, 'broker'))).toBe(key);
    await own.remove();
  });

  it('keeps devices and servers apart: neither authority vouches for the other', async () => {
    const { devices, servers } = await loadBrokerTls(pki.dir);
    const client = await loadServerClientTls(pki.dir);
    const deviceCaKey = new X509Certificate(devices.ca).publicKey;
    expect(new X509Certificate(client.cert).verify(deviceCaKey)).toBe(false);
    expect(new X509Certificate(servers.cert).verify(deviceCaKey)).toBe(false);
    expect(new X509Certificate(client.cert).verify(new X509Certificate(servers.ca).publicKey)).toBe(true);
  });

  it('takes the host names from the addresses of the broker', () => {
    const urls = { mqttUrl: 'mqtts://fleet.example:8883', mqttServerUrl: 'mqtts://[::1]:8884' };
    expect(brokerHostnames(urls)).toEqual(['fleet.example', '::1']);
  });
});

describe('a device certificate', () => {
  it('names the device that was asked for, whatever the request says', async () => {
    const ca = await loadDeviceCa(pki.dir);
    const device = await deviceKeyAndCsr('another-device');
    const requested = await ca.readRequest(device.csr);
    const issued = await ca.issue({ deviceId: DEVICE_ID, publicKeyPem: requested.publicKeyPem, now: NOW });
    const certificate = new X509Certificate(issued.pem);
    expect(certificate.subject).toBe(`CN=${DEVICE_ID}`);
    expect(certificate.subjectAltName).toBeUndefined();
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(certificate.verify(new X509Certificate(ca.certificatePem).publicKey)).toBe(true);
    expect(certificate.publicKey.equals(createPublicKey(device.publicKeyPem))).toBe(true);
    expect(issued.notAfter).toEqual(inDays(90));
    expect(issued.serial).toMatch(/^[0-9a-f]{32}$/);
    expect(certificate.serialNumber.toLowerCase()).toBe(issued.serial);
  });

  it('has a serial number of its own each time, and one fingerprint per key', async () => {
    const ca = await loadDeviceCa(pki.dir);
    const { keys } = await deviceKeyAndCsr();
    const [one, two] = [await ca.readRequest(await csrOf(keys, 'a')), await ca.readRequest(await csrOf(keys, 'b'))];
    expect(one.fingerprint).toBe(two.fingerprint);
    const issue = () => ca.issue({ deviceId: DEVICE_ID, publicKeyPem: one.publicKeyPem, now: NOW });
    expect((await issue()).serial).not.toBe((await issue()).serial);
  });

  it('is refused for every request that is not a signed P-256 one', async () => {
    const ca = await loadDeviceCa(pki.dir);
    const refusal = (csr: string) => ca.readRequest(csr).catch((error) => error);
    const rsa = await crypto.subtle.generateKey(
      { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
      true,
      ['sign', 'verify'],
    );
    const p384 = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign', 'verify']);
    const [own, foreign] = [await deviceKeyAndCsr(), await deviceKeyAndCsr()];
    const stolen = await csrOf({ publicKey: foreign.keys.publicKey, privateKey: own.keys.privateKey }, 'device');
    const bytes = Buffer.from(new Pkcs10CertificateRequest(own.csr).rawData);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    const broken = new Pkcs10CertificateRequest(bytes).toString('pem');
    const garbage = `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.alloc(300, 7).toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    for (const keys of [rsa, p384]) {
      expect((await refusal(await csrOf(keys, 'device'))).userMessage).toMatch(/not P-256/);
    }
    for (const csr of [
      await csrOf(rsa, 'device'),
      await csrOf(p384, 'device'),
      stolen,
      broken,
      garbage,
      'nonsense',
      '',
    ]) {
      expect(await refusal(csr)).toMatchObject({ code: 'invalid', reason: 'csr' });
    }
  });
});

describe('the signer of documents', () => {
  it('signs what its trusted key verifies, naming the key', async () => {
    const signer = await loadDocumentSigner(pki.dir);
    const [trusted] = signer.trustedKeys;
    const jws = await signer.sign({ generation: 7 });
    const key = createPublicKey({ key: { ...trusted }, format: 'jwk' });
    const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ['EdDSA'] });
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({ generation: 7 });
    expect(protectedHeader.kid).toBe(trusted?.kid);
    expect((await loadDocumentSigner(pki.dir)).trustedKeys).toEqual(signer.trustedKeys);
  });
});
