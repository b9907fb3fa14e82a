import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { rootCertificates } from 'node:tls';
import { Problem } from '@flotilla/protocol';

/** An answer longer than this is not one of ours. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** No byte for this long means the connection is dead. */
export const STALL_TIMEOUT_MS = 30_000;

export type HttpCall = {
  url: string;
  method?: 'GET' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** PEM of the CA of an installation with certificates of its own; the public ones are trusted as well. */
  ca?: string;
  signal?: AbortSignal;
  stallTimeoutMs?: number;
};

export function agentUrl(apiUrl: string, path: string): string {
  return `${apiUrl.replace(/\/+$/, '')}/api/agent/v1/${path}`;
}

/** The server answered with an error; `detail` is its sentence. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.name = 'HttpProblem';
    this.status = status;
    this.code = code;
  }
}

/** Sends one request and resolves with the answer's head; the caller reads the body. Rejects when the network fails. */
export function openHttp(call: HttpCall): Promise<IncomingMessage> {
  const url = new URL(call.url);
  const isSecure = url.protocol === 'https:';
  const { method = 'GET', headers = {}, body, signal, stallTimeoutMs = STALL_TIMEOUT_MS } = call;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options = { method, headers: { ...headers, ...length }, timeout: stallTimeoutMs, ...(signal && { signal }) };
  return new Promise((resolve, reject) => {
    const request = isSecure
      ? httpsRequest(url, { ...options, ...(call.ca && { ca: [...rootCertificates, call.ca] }) })
      : httpRequest(url, options);
    request.on('socket', keepHarmless);
    request.on('timeout', () => request.destroy(new Error(`no byte from ${url.host} for ${stallTimeoutMs} ms`)));
    request.on('error', reject);
    request.on('response', resolve);
    request.end(body);
  });
}

const harmless = new WeakSet<Socket>();

/** From one request to the next nobody listens to a connection that is kept: what happens to it then must not end the process. */
function keepHarmless(socket: Socket): void {
  if (harmless.has(socket)) return;
  harmless.add(socket);
  socket.on('error', () => undefined);
}

/** Sends one request and reads a JSON answer; throws {@link HttpProblem} for a status of 400 or more. */
export async function callJson(
  call: HttpCall,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: unknown }> {
  const headers = {
    accept: 'application/json',
    ...(typeof call.body === 'string' && { 'content-type': 'application/json' }),
    ...call.headers,
  };
  const response = await openHttp({ ...call, headers });
  const text = await readText(response);
  const status = response.statusCode ?? 0;
  if (status >= 400) throw problemOf(status, text);
  return { status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

export async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_ANSWER_BYTES) throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function problemOf(status: number, text: string): HttpProblem {
  try {
    const problem = Problem.parse(JSON.parse(text));
    return new HttpProblem(status, problem.code, problem.detail);
  } catch {
    return new HttpProblem(status, 'http', `the server answered with status ${status}`);
  }
}
