import { createPublicKey } from 'node:crypto';
import { TrustedKey } from '@flotilla/protocol';
import { CompactSign, calculateJwkThumbprint, importPKCS8 } from 'jose';
import type { DocumentSigner } from '../services/deps.ts';
import { keyPath, readPem } from './files.ts';

/** Signs documents for devices. The key's `kid` is its RFC 7638 thumbprint. @throws Error when the folder has not been set up. */
export async function loadDocumentSigner(dir: string): Promise<DocumentSigner> {
  const pem = await readPem(keyPath(dir, 'signing'));
  const jwk = createPublicKey(pem).export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint(jwk);
  const key = await importPKCS8(pem, 'EdDSA');
  return {
    trustedKeys: [TrustedKey.parse({ kid, kty: jwk.kty, crv: jwk.crv, x: jwk.x })],
    sign: (document) =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(document)))
        .setProtectedHeader({ alg: 'EdDSA', kid })
        .sign(key),
  };
}
