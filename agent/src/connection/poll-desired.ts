import { MAX_STATE_BYTES } from '@flotilla/protocol';
import { agentUrl, openHttp, problemOf, readText } from './http.ts';

/** MQTT must have been away this long before the device asks over HTTPS, and how often it then asks. */
export const POLL_AFTER_OFFLINE_MS = 120_000;
export const POLL_EVERY_MS = 60_000;

export type PollPorts = { apiUrl: string; ca: string; token: () => Promise<string> };

/**
 * Asks for the desired state over HTTPS, where MQTT is blocked. `etag` is of the last answer; null when nothing is new or
 * nothing is desired yet.
 */
export async function pollDesired(
  ports: PollPorts,
  etag: string | null,
): Promise<{ jws: string; etag: string | null } | null> {
  const headers: Record<string, string> = { authorization: `Bearer ${await ports.token()}` };
  if (etag !== null) headers['if-none-match'] = etag;
  const response = await openHttp({ url: agentUrl(ports.apiUrl, 'desired'), headers, ca: ports.ca });
  const text = (await readText(response)).trim();
  const status = response.statusCode ?? 0;
  if (status === 304 || status === 404) return null;
  if (status >= 400) throw problemOf(status, text);
  if (text.length > MAX_STATE_BYTES) throw new Error(`the desired state is longer than ${MAX_STATE_BYTES} bytes`);
  return text === '' ? null : { jws: text, etag: response.headers.etag ?? null };
}
