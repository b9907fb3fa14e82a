import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../runner/oip-request.ts';
import { RequestError } from '../runner/runner-error.ts';
import { copyBody, type Exchange, type ExchangeBody } from './exchange-tap.ts';
import type { Runner } from './runner.ts';

/** Connections to one runner: it runs one inference at a time and queues 128. */
const MAX_SOCKETS = 64;

/** Hop-by-hop headers are ours, not the runner's. */
const HOP_HEADERS = ['connection', 'keep-alive', 'transfer-encoding'];

/** A runner as the endpoint sees it. */
export class Backend {
  readonly modelName: string;
  readonly runner: Pick<Runner, 'address' | 'answered' | 'watch' | 'labels'>;
  #inFlight = 0;
  #onIdle: (() => void) | null = null;

  constructor(modelName: string, runner: Pick<Runner, 'address' | 'answered' | 'watch' | 'labels'>) {
    this.modelName = modelName;
    this.runner = runner;
  }

  enter(): void {
    this.#inFlight += 1;
  }

  leave(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  /** Resolves when no request is under way; only for a backend that gets no new ones. */
  whenIdle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }
}

/**
 * The device's own inference address: it stays while versions come and go behind it. Each request goes to the runner that
 * serves at the moment it arrives; changing that is one assignment, so there is no instant without one.
 */
export class OipEndpoint {
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  readonly #backends = new Map<string, Backend>();
  readonly #version: string;

  constructor(version: string) {
    this.#version = version;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Loopback only. Returns the address; port 0 takes any free one. */
  async start(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Points a slot to its runner, or to none. */
  point(slot: string, backend: Backend | null): void {
    if (backend) this.#backends.set(slot, backend);
    else this.#backends.delete(slot);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#agent.destroy();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [path = ''] = (request.url ?? '').split('?');
    const name = /^\/v2\/models\/([^/]+)/.exec(path)?.[1];
    const wanted = name === undefined ? null : safeDecode(name);
    const backend = [...this.#backends.values()].find(({ modelName }) => modelName === wanted);
    const own = this.#ownAnswer(path);
    if (own) send(response, own.status, own.body);
    else if (backend?.runner.labels && /\/labels$/.test(path)) void takeLabels(backend, request, response);
    else if (backend) this.#forward(backend, request, response);
    else if (name) send(response, 404, { error: `no model "${name}" is served here` });
    else send(response, 404, { error: `there is nothing at ${path}` });
  }

  #ownAnswer(path: string): { status: number; body: unknown } | null {
    const isReady = this.#backends.size > 0;
    switch (path) {
      case '/v2':
        return { status: 200, body: { name: 'flotilla', version: this.#version, extensions: ['binary_tensor_data'] } };
      case '/v2/health/live':
        return { status: 200, body: { live: true } };
      case '/v2/health/ready':
        return { status: isReady ? 200 : 503, body: { ready: isReady } };
      default:
        return null;
    }
  }

  #forward(backend: Backend, request: IncomingMessage, response: ServerResponse): void {
    backend.enter();
    const startedMs = performance.now();
    const isInference = request.method === 'POST' && /\/infer$/.test((request.url ?? '').split('?')[0] ?? '');
    const watch = isInference ? backend.runner.watch?.() : null;
    const asked = watch ? copyBody(request) : null;
    response.once('close', () => {
      backend.leave();
      const wasAnswered = response.headersSent && (response.writableFinished || response.statusCode >= 500);
      if (isInference && wasAnswered) backend.runner.answered?.(response.statusCode, performance.now() - startedMs);
    });
    const headers = { ...request.headers };
    for (const name of HOP_HEADERS) delete headers[name];
    const options = {
      ...backend.runner.address,
      agent: this.#agent,
      method: request.method,
      path: request.url,
      headers,
    };
    const upstream = httpRequest(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (watch && asked && answer.statusCode === 200) watchAnswer(watch, request, asked, answer);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    upstream.on('error', () => {
      if (response.headersSent) response.destroy();
      else send(response, 503, { error: 'the runner is starting again' }, { 'retry-after': '1' });
    });
    response.once('close', () => {
      if (!response.writableFinished) upstream.destroy();
    });
    request.pipe(upstream);
  }
}

/** Has a copy of request and answer read once the answer has passed. */
function watchAnswer(
  watch: (exchange: Exchange) => void,
  request: IncomingMessage,
  asked: () => ExchangeBody | null,
  answer: IncomingMessage,
): void {
  const answered = copyBody(answer);
  const label = request.headers['flotilla-label'];
  answer.once('end', () => {
    const exchange = { request: asked(), response: answered() };
    if (!exchange.request || !exchange.response) return;
    const { request: sent, response: got } = exchange;
    watch({ request: sent, response: got, ...(typeof label === 'string' && { label }) });
  });
}

async function takeLabels({ runner }: Backend, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    if (request.method === 'POST') send(response, 200, runner.labels?.(await readBody(request)));
    else send(response, 405, { error: 'use POST' });
  } catch (error) {
    if (!(error instanceof RequestError)) return void response.destroy();
    send(response, error.status, { error: error.message }, error.status === 413 ? { connection: 'close' } : {});
  }
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const json = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(json),
    ...headers,
  });
  response.end(json);
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
