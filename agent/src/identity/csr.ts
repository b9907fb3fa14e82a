import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { bitString, emptyAttributes, objectIdentifier, sequence, set, smallInteger, utf8String } from './der.ts';

const COMMON_NAME = '2.5.4.3';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';

/**
 * A PKCS#10 certificate request (RFC 2986) in PEM, signed with a P-256 key. The server uses the public key alone, so the
 * subject is a fixed word. Written by hand because an X.509 library would double what the agent weighs.
 */
export function createCsr(privateKey: KeyObject): string {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const subject = sequence(set(sequence(objectIdentifier(COMMON_NAME), utf8String('flotilla-device'))));
  const request = sequence(smallInteger(0), subject, publicKey, emptyAttributes());
  const signature = sign('sha256', request, privateKey);
  const der = sequence(request, sequence(objectIdentifier(ECDSA_WITH_SHA256)), bitString(signature));
  return pem('CERTIFICATE REQUEST', der);
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
