import type { EnrollRequest, EnrollResponse } from '@flotilla/protocol';
import { findDeviceByKey } from '../../db/devices-identity.ts';
import { type EnrollmentToken, findTokenSecret } from '../../db/enrollment-tokens.ts';
import { tokenState } from '../../domain/device/token-state.ts';
import { AppError, isAppError } from '../../domain/errors.ts';
import { hashesMatch, hashSecret, parseCredential } from '../../platform/secrets.ts';
import type { Deps } from '../deps.ts';
import { countRefusal, type Limit, requireAttemptsLeft } from '../limits/rate-limit.ts';
import { enrollAgain } from './enroll-again.ts';
import { enrollNew } from './enroll-new.ts';
import { unknownToken, unusableToken } from './refusals.ts';

export type EnrollDeps = Pick<Deps, 'db' | 'now' | 'ca' | 'signer' | 'urls'>;

/** A token that has proved its secret, and the organization that it lets into. */
export type ProvenToken = EnrollmentToken & { organizationId: string };

/** Whole sites come from one address, so only refusals count. */
const REFUSALS_BY_ADDRESS: Limit = { name: 'enroll-address', max: 60, windowS: 600, what: 'refused enrollments' };

/** Facts are kept with the device and read by every page about it. */
const MAX_FACTS_BYTES = 16 * 1024;

/**
 * Lets a device in. The same key again gets the same device and a fresh certificate, without using the token up again: an answer that was
 * lost on the way costs nothing.
 * @throws AppError whose `reason` is token_unknown, token_used_up, token_expired, token_revoked, token_foreign, csr, facts,
 * device_decommissioned, device_revoked or rate_limited.
 */
export async function enrollDevice(
  deps: EnrollDeps,
  request: EnrollRequest,
  origin: { address: string },
): Promise<EnrollResponse> {
  await requireAttemptsLeft(deps, REFUSALS_BY_ADDRESS, origin.address);
  try {
    const { deviceId, certificatePem } = await admit(deps, request);
    return {
      deviceId,
      certificate: certificatePem,
      ca: deps.ca.certificatePem,
      mqttUrl: deps.urls.mqtt,
      apiUrl: deps.urls.api,
      trustedKeys: deps.signer.trustedKeys,
      serverTime: deps.now().getTime(),
    };
  } catch (error) {
    if (isAppError(error)) await countRefusal(deps, REFUSALS_BY_ADDRESS, origin.address);
    throw error;
  }
}

async function admit(deps: EnrollDeps, request: EnrollRequest): Promise<{ deviceId: string; certificatePem: string }> {
  const token = await proveToken(deps, request.token);
  const state = tokenState(token, deps.now());
  if (state === 'expired' || state === 'revoked') throw unusableToken(state, token);
  const key = await deps.ca.readRequest(request.csr);
  const known = await findDeviceByKey(deps.db, key.fingerprint);
  if (known) return enrollAgain(deps, token, known);
  if (state === 'used-up') throw unusableToken(state, token);
  requireStorableFacts(request);
  const enrolled = await enrollNew(deps, token, key, request);
  if (enrolled) return enrolled;
  const twin = await findDeviceByKey(deps.db, key.fingerprint);
  if (!twin) throw new Error('a device with this key was in the way of its enrollment, and is gone');
  return enrollAgain(deps, token, twin);
}

async function proveToken(deps: EnrollDeps, text: string): Promise<ProvenToken> {
  const credential = parseCredential('enr', text);
  const found = credential && (await findTokenSecret(deps.db, credential.id));
  if (!credential || !found || !hashesMatch(hashSecret(credential.secret), found.secretHash)) throw unknownToken();
  const { secretHash: _, ...token } = found;
  return token;
}

function requireStorableFacts({ facts }: EnrollRequest): void {
  const text = JSON.stringify(facts);
  // PostgreSQL's jsonb has no NUL character.
  if (text.length <= MAX_FACTS_BYTES && !text.includes('\\u0000')) return;
  throw new AppError({
    code: 'invalid',
    reason: 'facts',
    userMessage: "The device's facts are longer than 16 KiB, or hold a NUL character. Update the agent and try again.",
  });
}
