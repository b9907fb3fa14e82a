import { type KeyObject, X509Certificate } from 'node:crypto';
import { RenewResponse } from '@flotilla/protocol';
import { agentUrl, callJson } from '../connection/http.ts';
import { createCsr } from './csr.ts';
import { signDeviceToken } from './device-token.ts';
import type { Identity } from './identity.ts';

/** When to ask for the next certificate: with one third of this one's life left. Epoch ms. */
export function renewAtMs(certificatePem: string): number {
  const { validFromDate, validToDate } = new X509Certificate(certificatePem);
  const from = validFromDate.getTime();
  const to = validToDate.getTime();
  return to - (to - from) / 3;
}

/** A new certificate for the same device and key. */
export async function renewIdentity(identity: Identity, key: KeyObject, nowMs: number): Promise<Identity> {
  const { body } = await callJson({
    url: agentUrl(identity.apiUrl, 'renew'),
    method: 'POST',
    headers: { authorization: `Bearer ${await signDeviceToken(identity.deviceId, key, nowMs)}` },
    body: JSON.stringify({ csr: createCsr(key) }),
    ca: identity.ca,
  });
  const { certificate, ca } = RenewResponse.parse(body);
  return { ...identity, certificate, ca };
}
