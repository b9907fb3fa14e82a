import { type ClientRequest, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type AddressPolicy, resolveAllowed } from './address-policy.ts';

/** A receiver that takes longer is tried again later. */
const TIMEOUT_MS = 10_000;

/** So much of an answer is read, for the reason of a refusal. */
const MAX_ANSWER_BYTES = 4_096;

/**
 * Posts JSON to an address that a person typed in: to the very address that was checked, without following redirects, and bounded in time
 * and size. Resolves for a 2xx answer. @throws Error that a person may read; it holds no part of the address but its host
 */
export async function postJson(
  to: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  policy: AddressPolicy,
): Promise<void> {
  const url = new URL(to);
  const { address, family } = await resolveAllowed(url.hostname, policy);
  const { status, text } = await send(url, body, headers, { address, family });
  if (status >= 200 && status < 300) return;
  const isRedirect = status >= 300 && status < 400;
  const why = isRedirect ? 'redirects are not followed' : text.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
  throw new Error(`${url.host} answered ${status}${why ? `: ${why}` : ''}.`);
}

function send(
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>>,
  { address, family }: { address: string; family: 4 | 6 },
): Promise<{ status: number; text: string }> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const options = {
    method: 'POST',
    agent: false as const,
    signal,
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'Flotilla',
      ...headers,
    },
    // The one address that was checked; asked for all of them or for one.
    lookup: ((_host: string, wanted: { all?: boolean }, done: (...answer: unknown[]) => void) =>
      wanted.all ? done(null, [{ address, family }]) : done(null, address, family)) as never,
  };
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      const code = (error as NodeJS.ErrnoException).code ?? error.message;
      reject(
        new Error(
          signal.aborted
            ? `${url.host} did not answer in ${TIMEOUT_MS / 1000} s.`
            : `${url.host} cannot be reached (${code}).`,
        ),
      );
    };
    const call: ClientRequest = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      const done = () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        call.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes > MAX_ANSWER_BYTES) return done();
        chunks.push(chunk);
      });
      response.on('end', done).on('error', fail);
    });
    call.on('error', fail).end(body);
  });
}
