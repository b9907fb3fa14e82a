import { Agent, request as httpRequest } from 'node:http';
import { OipInferResponse, type OipTensor } from '@flotilla/protocol';
import * as z from 'zod';
import { readText } from '../connection/http.ts';
import { ReasonError } from '../reason-error.ts';

const INFER_TIMEOUT_MS = 60_000;
const HEALTH_TIMEOUT_MS = 2_000;

const TensorMetadata = z.looseObject({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.union([z.number(), z.string()])),
});
const ModelMetadata = z.looseObject({
  name: z.string(),
  inputs: z.array(TensorMetadata),
  outputs: z.array(TensorMetadata).default([]),
});
export type ModelMetadata = z.infer<typeof ModelMetadata>;

export type TcpAddress = { host: string; port: number };

/** One model of a server that speaks the Open Inference Protocol v2, as the agent asks it. */
export class OipClient {
  readonly #address: TcpAddress;
  readonly #base: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(address: TcpAddress, modelName: string) {
    this.#address = address;
    this.#base = `/v2/models/${encodeURIComponent(modelName)}`;
  }

  /** The server and the model in it. Nothing that answers is not ready; neither is no answer. */
  async isReady(): Promise<boolean> {
    for (const path of ['/v2/health/ready', `${this.#base}/ready`]) {
      const answer = await this.#ask('GET', path, undefined, HEALTH_TIMEOUT_MS).catch(() => null);
      if (answer?.status !== 200) return false;
    }
    return true;
  }

  async metadata(): Promise<ModelMetadata> {
    const { status, text } = await this.#ask('GET', this.#base, undefined, INFER_TIMEOUT_MS);
    if (status !== 200) throw new ReasonError('runner.load', `status ${status} for the model's metadata`);
    return parse(ModelMetadata, text);
  }

  /** A 4xx says that the model does not take these inputs. */
  async infer(inputs: OipTensor[]): Promise<{ outputs: OipTensor[]; ms: number }> {
    const body = JSON.stringify({ inputs });
    const startedMs = performance.now();
    const { status, text } = await this.#ask('POST', `${this.#base}/infer`, body, INFER_TIMEOUT_MS);
    const ms = performance.now() - startedMs;
    if (status === 200) return { outputs: parse(OipInferResponse, text).outputs, ms };
    const code = status >= 400 && status < 500 ? 'proof.golden' : 'runner.crashed';
    throw new ReasonError(code, `status ${status}: ${text.slice(0, 300)}`);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #ask(method: string, path: string, body: string | undefined, timeoutMs: number) {
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const fail = (error: Error) => reject(new ReasonError('runner.timeout', `${method} ${path}: ${error.message}`));
      const request = httpRequest({ ...this.#address, agent: this.#agent, method, path, headers, timeout: timeoutMs });
      request.on('timeout', () => request.destroy(new Error(`no answer in ${timeoutMs} ms`)));
      request.on('error', fail);
      request.on('response', (response) => {
        readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), fail);
      });
      request.end(body);
    });
  }
}

function parse<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ReasonError('runner.load', 'the image does not answer as the Open Inference Protocol says', { cause });
  }
}
