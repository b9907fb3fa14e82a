import type { TrustedKey } from '@flotilla/protocol';
import { compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import type * as z from 'zod';
import { messageOf } from '../logger.ts';
import { ReasonError } from '../reason-error.ts';

/** The two kinds of document that a server signs; also the category of the reason when one is refused. */
export type SignedKind = 'desired' | 'command';

/**
 * Opens a compact JWS (Ed25519) from the server: its key must be one of `trusted`, found by `kid`, and its payload must be
 * this schema and name this device. Throws a {@link ReasonError} whose code names the suspicion.
 */
export async function verifySigned<T extends { deviceId: string }>(
  kind: SignedKind,
  jws: string,
  schema: z.ZodType<T>,
  trusted: TrustedKey[],
  deviceId: string,
): Promise<T> {
  const kid = kidOf(kind, jws);
  const key = trusted.find((each) => each.kid === kid);
  if (!key) throw new ReasonError(`${kind}.unknown_key`, `signed by the key "${kid}"`);
  const payload = await openJws(kind, jws, key);
  const parsed = schema.safeParse(parseJson(payload));
  if (!parsed.success) throw new ReasonError(`${kind}.malformed`, issuesOf(parsed.error));
  if (parsed.data.deviceId !== deviceId) throw new ReasonError(`${kind}.wrong_device`, `for ${parsed.data.deviceId}`);
  return parsed.data;
}

function kidOf(kind: SignedKind, jws: string): string {
  try {
    return String(decodeProtectedHeader(jws).kid);
  } catch (cause) {
    throw new ReasonError(`${kind}.signature`, 'not a signed document', { cause });
  }
}

/** The server's keys in the form that verifies. There are one or two, and each document would import its own again. */
const imported = new Map<string, ReturnType<typeof importJWK>>();
const MAX_IMPORTED = 16;

function publicKeyOf({ kty, crv, x }: TrustedKey): ReturnType<typeof importJWK> {
  const known = imported.get(x);
  if (known) return known;
  const key = importJWK({ kty, crv, x }, 'EdDSA');
  if (imported.size >= MAX_IMPORTED) imported.clear();
  imported.set(x, key);
  return key;
}

async function openJws(kind: SignedKind, jws: string, key: TrustedKey): Promise<Uint8Array> {
  try {
    return (await compactVerify(jws, await publicKeyOf(key), { algorithms: ['EdDSA', 'Ed25519'] })).payload;
  } catch (cause) {
    throw new ReasonError(`${kind}.signature`, `key "${key.kid}": ${messageOf(cause)}`, { cause });
  }
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
}

function issuesOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.')}: ${message}`)
    .join('; ')
    .slice(0, 1000);
}
