import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { readText } from '../../connection/http.ts';
import { messageOf } from '../../logger.ts';
import { ReasonError, reasonErrorOf } from '../../reason-error.ts';

/** The newest version of the API that this client was written for; an older engine is spoken to in its own. */
const API_VERSION = '1.47';

/** Creating and starting take a second on a slow board; an engine that is silent for longer hangs. */
const CALL_TIMEOUT_MS = 60_000;

const Version = z.looseObject({
  Version: z.string(),
  ApiVersion: z.string(),
  MinAPIVersion: z.string().optional(),
  Os: z.string(),
});
const Message = z.looseObject({ message: z.string() });

/** The engine said no; `status` is the HTTP status. */
export class EngineError extends ReasonError {
  readonly status: number;

  constructor(status: number, detail: string) {
    super('container.engine', detail);
    this.status = status;
  }
}

export type EngineCall = {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** 0: waits for as long as it takes. */
  timeoutMs?: number;
};

/**
 * Docker Engine's API over its unix socket. What it refuses is a {@link ReasonError} with the code `container.engine`; no answer at all
 * is `container.engine_away`.
 */
export class Engine {
  readonly #socketPath: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32 });
  #prefix: string | null = null;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** The engine's version; null when none answers. */
  async version(): Promise<string | null> {
    const answer = await this.#negotiate().catch(() => null);
    return answer?.Version ?? null;
  }

  /** Resolves with a 2xx answer's head. A 304 (already so) is an answer too. */
  async open(call: EngineCall, body?: AsyncIterable<Uint8Array>): Promise<IncomingMessage> {
    if (this.#prefix === null) await this.#negotiate();
    const response = await this.#send(call, `${this.#prefix}${call.path}`, body);
    const status = response.statusCode ?? 0;
    if (status < 400) return response;
    const text = await readText(response);
    throw new EngineError(status, `${call.method} ${call.path}: ${sentenceOf(text) || `status ${status}`}`);
  }

  async json<T>(call: EngineCall, schema: z.ZodType<T>): Promise<T> {
    const text = await this.#text(call);
    const parsed = schema.safeParse(text === '' ? null : JSON.parse(text));
    if (parsed.success) return parsed.data;
    throw new ReasonError('container.engine', `${call.path}: ${z.prettifyError(parsed.error).slice(0, 300)}`);
  }

  async run(call: EngineCall): Promise<void> {
    await this.#text(call);
  }

  /** null when there is no such thing. */
  async find<T>(call: EngineCall, schema: z.ZodType<T>): Promise<T | null> {
    return await this.json(call, schema).catch(orNull);
  }

  /** Missing is fine. */
  async remove(path: string, query: Record<string, string> = {}): Promise<void> {
    await this.run({ method: 'DELETE', path, query }).catch(orNull);
  }

  async #text(call: EngineCall): Promise<string> {
    const response = await this.open(call);
    return await readText(response).catch((error: unknown) => Promise.reject(awayError(call.path, error)));
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Asked again after every failure to connect: an engine that was upgraded may speak another version. */
  async #negotiate(): Promise<z.infer<typeof Version>> {
    const response = await this.#send({ method: 'GET', path: '/version', timeoutMs: 5_000 }, '/version');
    const version = Version.parse(JSON.parse(await readText(response)));
    if (version.MinAPIVersion && compareVersions(version.MinAPIVersion, API_VERSION) > 0) {
      throw new ReasonError(
        'container.engine',
        `the engine wants API ${version.MinAPIVersion}, newer than ${API_VERSION}`,
      );
    }
    const spoken = compareVersions(version.ApiVersion, API_VERSION) < 0 ? version.ApiVersion : API_VERSION;
    this.#prefix = `/v${spoken}`;
    return version;
  }

  #send(call: EngineCall, path: string, body?: AsyncIterable<Uint8Array>): Promise<IncomingMessage> {
    const { method, query, signal, timeoutMs = CALL_TIMEOUT_MS } = call;
    const json = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = {
      ...call.headers,
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(body && { 'content-type': 'application/x-tar' }),
    };
    const search = query ? `?${new URLSearchParams(query)}` : '';
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        this.#prefix = null;
        reject(signal?.aborted || error instanceof ReasonError ? error : awayError(path, error));
      };
      const request = httpRequest({
        socketPath: this.#socketPath,
        agent: this.#agent,
        method,
        path: `${path}${search}`,
        headers,
        timeout: timeoutMs,
        ...(signal && { signal }),
      });
      request.on('timeout', () => request.destroy(new Error(`no answer for ${timeoutMs} ms`)));
      request.on('error', fail);
      request.on('response', resolve);
      if (body) pipeline(Readable.from(named(body)), request).catch(fail);
      else request.end(json);
    });
  }
}

/** A body that cannot be read is no fault of the engine. */
async function* named(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw reasonErrorOf(error);
  }
}

/** The engine did not answer, or not to the end. */
export function awayError(path: string, error: unknown): ReasonError {
  return new ReasonError('container.engine_away', `${path}: ${messageOf(error)}`, { cause: error });
}

function orNull(error: unknown): null {
  if (error instanceof EngineError && error.status === 404) return null;
  throw error;
}

function sentenceOf(text: string): string {
  try {
    return Message.parse(JSON.parse(text)).message.trim();
  } catch {
    return text.trim().slice(0, 300);
  }
}

/** `1.9` is older than `1.41`. */
function compareVersions(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number);
  return leftMajor - rightMajor || leftMinor - rightMinor;
}
