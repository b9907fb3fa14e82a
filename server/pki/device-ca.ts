import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { PemConverter, Pkcs10CertificateRequest } from '@peculiar/x509';
import { AppError } from '../domain/errors.ts';
import type { DeviceCa, RequestedKey } from '../services/deps.ts';
import { loadIssuer } from './ensure-pki.ts';
import { importPublicKey, P256, signCertificate } from './x509.ts';

/** Life of a device's certificate. Devices renew when a third of it is left. */
const DEVICE_CERTIFICATE_DAYS = 90;

/** The authority that signs devices, with its key read once. @throws Error when the folder has not been set up. */
export async function loadDeviceCa(dir: string): Promise<DeviceCa> {
  const issuer = await loadIssuer(dir, 'device-ca');
  return {
    certificatePem: `${issuer.certificate.toString('pem')}\n`,
    readRequest,
    issue: async ({ deviceId, publicKeyPem, now }) => {
      const certificate = await signCertificate(
        {
          commonName: deviceId,
          publicKey: await importPublicKey(publicKeyPem),
          use: 'client',
          now,
          days: DEVICE_CERTIFICATE_DAYS,
        },
        issuer,
      );
      return {
        pem: `${certificate.toString('pem')}\n`,
        serial: certificate.serialNumber.toLowerCase(),
        notBefore: certificate.notBefore,
        notAfter: certificate.notAfter,
      };
    },
  };
}

async function readRequest(csrPem: string): Promise<RequestedKey> {
  const request = parse(csrPem);
  const { name, namedCurve } = request.publicKey.algorithm as { name: string; namedCurve?: string };
  if (name !== P256.name || namedCurve !== P256.namedCurve) {
    throw badRequest(
      'The certificate request has a key that is not P-256. Make an EC key on the curve P-256 and ask again.',
    );
  }
  const isSigned = await request.verify().catch(() => false);
  if (!isSigned) {
    throw badRequest('The certificate request is not signed by its own key. Make a new request on the device.');
  }
  const spki = await canonicalSpki(request.publicKey.rawData);
  return {
    publicKeyPem: `${PemConverter.encode(spki, 'PUBLIC KEY')}\n`,
    fingerprint: createHash('sha256').update(Buffer.from(spki)).digest('hex'),
  };
}

function parse(csrPem: string): Pkcs10CertificateRequest {
  try {
    return new Pkcs10CertificateRequest(csrPem);
  } catch (cause) {
    throw badRequest('The certificate request cannot be read. Send a PKCS#10 request in PEM.', cause);
  }
}

/** One key can be written in several ways; the fingerprint must not depend on which. */
async function canonicalSpki(spki: ArrayBuffer): Promise<ArrayBuffer> {
  try {
    const key = await crypto.subtle.importKey('spki', spki, P256, true, ['verify']);
    return await crypto.subtle.exportKey('spki', key);
  } catch (cause) {
    throw badRequest('The certificate request has a public key that cannot be read.', cause);
  }
}

function badRequest(userMessage: string, cause?: unknown): AppError {
  return new AppError({ code: 'invalid', reason: 'csr', userMessage, cause });
}
