import { type DeviceFacts, EnrollRequest, EnrollResponse, type TrustedKey } from '@flotilla/protocol';
import * as z from 'zod';
import { backoffMs } from '../backoff.ts';
import { agentUrl, callJson, HttpProblem } from '../connection/http.ts';
import { delay } from '../delay.ts';
import { type Logger, messageOf } from '../logger.ts';
import type { FileSystem } from '../state/file-system.ts';
import type { Layout } from '../state/layout.ts';
import { createCsr } from './csr.ts';
import { loadOrCreateKey } from './device-key.ts';
import { type Identity, identityFile } from './identity.ts';

const Pending = z.looseObject({ retryAfterS: z.number().min(0).max(3600) });

export type EnrollPorts = { fs: FileSystem; layout: Layout; logger: Logger; now: () => number; random: () => number };
export type EnrollOrder = { serverUrl: string; token: string; name?: string; facts: DeviceFacts; signal: AbortSignal };

/**
 * Joins the fleet, once: makes the key, asks until the server has answered, and saves the answer. Waits while an operator's
 * approval is pending and while the server cannot be reached; throws {@link HttpProblem} when it refuses. Running it again
 * after a crash at any point ends in the same device, because the server knows the key.
 */
export async function enroll(
  ports: EnrollPorts,
  order: EnrollOrder,
  saveTrustedKeys: (keys: TrustedKey[]) => Promise<void>,
): Promise<Identity> {
  const key = await loadOrCreateKey(ports.fs, ports.layout.key);
  const { token, facts, name } = order;
  const body = EnrollRequest.parse({ token, csr: createCsr(key), facts, ...(name && { name }) });
  const answer = await askUntilAnswered(ports, order, JSON.stringify(body));
  await saveTrustedKeys(answer.trustedKeys);
  const { deviceId, certificate, ca, mqttUrl, apiUrl } = answer;
  const identity = { deviceId, certificate, ca, mqttUrl, apiUrl };
  await identityFile(ports.fs, ports.layout).save(identity);
  return identity;
}

/** Sends an {@link EnrollRequest} until the server admits or refuses the device. */
export async function askUntilAnswered(
  ports: Pick<EnrollPorts, 'logger' | 'random'>,
  order: Pick<EnrollOrder, 'serverUrl' | 'signal'>,
  body: string,
): Promise<EnrollResponse> {
  const url = agentUrl(order.serverUrl, 'enroll');
  for (let attempt = 0; ; attempt++) {
    order.signal.throwIfAborted();
    try {
      const answer = await callJson({ url, method: 'POST', body, signal: order.signal });
      if (answer.status !== 202) return EnrollResponse.parse(answer.body);
      const { retryAfterS } = Pending.parse(answer.body);
      ports.logger.log('info', `waiting for an operator to approve this device; asking again in ${retryAfterS} s`);
      await delay(retryAfterS * 1000 * (1 + 0.1 * ports.random()), order.signal);
    } catch (error) {
      if (!isWorthAnotherTry(error)) throw error;
      const waitMs = backoffMs(attempt, ports.random());
      ports.logger.log('warn', `enrolment has not reached the server yet: ${messageOf(error)}`, { waitMs });
      await delay(waitMs, order.signal);
    }
  }
}

/** The server's own trouble and the network's pass; an answer that is a refusal or not in the protocol does not. */
function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof HttpProblem) return error.status >= 500 || error.status === 429;
  if (error instanceof Error && error.name === 'AbortError') return false;
  return error instanceof Error && 'code' in error;
}
