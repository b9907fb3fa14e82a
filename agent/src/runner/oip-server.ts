import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Tensor } from 'onnxruntime-node';
import type { Inference } from './inference.ts';
import { takeLabels } from './label-request.ts';
import { type InferRequest, parseInferRequest, readBody } from './oip-request.ts';
import { RequestError } from './runner-error.ts';
import { tensorToBytes, tensorToJson, toTensors } from './tensors.ts';

/** Header with which a caller gives the true class of its one sample. */
const LABEL_HEADER = 'flotilla-label';

/** Serves one model by the Open Inference Protocol v2, JSON and binary tensors. */
export function createOipServer(inference: Inference, agentVersion: string): Server {
  const server = createServer((request, response) => {
    answer(inference, agentVersion, request, response).catch((error: unknown) => sendError(response, error));
  });
  server.keepAliveTimeout = 60_000;
  return server;
}

async function answer(inference: Inference, version: string, request: IncomingMessage, response: ServerResponse) {
  const [path = ''] = (request.url ?? '').split('?');
  const { model } = inference;
  if (path === '/v2') return send(response, { name: 'flotilla-runner', version, extensions: ['binary_tensor_data'] });
  if (path === '/v2/health/live') return send(response, { live: true });
  if (path === '/v2/health/ready') return send(response, { ready: true });
  const [, name, rest = ''] =
    /^\/v2\/models\/([^/]+)(?:\/versions\/[^/]+)?(\/ready|\/infer|\/labels)?$/.exec(path) ?? [];
  if (name === undefined) throw new RequestError(404, 'not_found', `there is nothing at ${path}`);
  if (decodeURIComponent(name) !== model.name) throw new RequestError(404, 'unknown_model', `no model "${name}" here`);
  if (rest === '/ready') return send(response, { name: model.name, ready: true });
  if (rest === '') return send(response, describe(inference));
  if (request.method !== 'POST') throw new RequestError(405, 'bad_method', 'use POST');
  if (rest === '/labels') return send(response, takeLabels(inference.monitor, await readBody(request)));
  await infer(inference, request, response);
}

async function infer(inference: Inference, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked = await readRequest(request).catch((error: unknown) => {
    inference.refuse(error);
    throw error;
  });
  const header = request.headers[LABEL_HEADER];
  const label = asked.label ?? (typeof header === 'string' ? header : undefined);
  const { id, outputs } = await inference.infer(toTensors(asked.inputs), { id: asked.id, label });
  const { name: model_name, version: model_version } = inference.model;
  const head = { model_name, model_version, id };
  if (asked.wantsBinary) sendBinary(response, head, outputs);
  else send(response, { ...head, outputs: Object.entries(outputs).map(([name, each]) => tensorToJson(name, each)) });
}

async function readRequest(request: IncomingMessage): Promise<InferRequest> {
  const header = request.headers['inference-header-content-length'];
  return parseInferRequest(await readBody(request), header === undefined ? null : Number(header));
}

function sendBinary(response: ServerResponse, head: object, outputs: Record<string, Tensor>): void {
  const tensors = Object.entries(outputs).map(([name, each]) => tensorToBytes(name, each));
  const described = tensors.map(({ bytes, ...each }) => ({ ...each, parameters: { binary_data_size: bytes.length } }));
  const json = Buffer.from(JSON.stringify({ ...head, outputs: described }));
  const body = Buffer.concat([json, ...tensors.map(({ bytes }) => bytes)]);
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': json.length,
    'content-length': body.length,
  });
  response.end(body);
}

function describe({ model }: Inference) {
  const { name, version, inputs, outputs } = model;
  return { name, versions: [version], platform: 'onnxruntime_onnx', inputs, outputs };
}

function send(response: ServerResponse, body: unknown, status = 200): void {
  const json = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) });
  response.end(json);
}

function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const isAsked = error instanceof RequestError;
  if (isAsked && error.status === 413) response.setHeader('connection', 'close');
  send(response, { error: isAsked ? error.message : 'the runner failed' }, isAsked ? error.status : 500);
}
