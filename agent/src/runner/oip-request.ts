import type { IncomingMessage } from 'node:http';
import type { Inputs } from './model.ts';
import { badRequest, RequestError } from './runner-error.ts';
import { tensorFromBytes, tensorFromJson } from './tensors.ts';

/** Longest request body: a 4K colour frame as FP32 is 100 MB and belongs into a source; half that fits here. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Most inputs of one request. */
const MAX_INPUTS = 64;

export type InferRequest = { id?: string; inputs: Inputs; wantsBinary: boolean };

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES)
      throw new RequestError(413, 'too_large', `a request may have ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads an OIP v2 inference request: JSON, or JSON of `headerBytes` followed by the tensors' bytes (binary tensor data
 * extension). Throws {@link RequestError} 400 with a sentence that names the input.
 */
export function parseInferRequest(body: Buffer, headerBytes: number | null): InferRequest {
  if (headerBytes !== null && !(headerBytes >= 0 && headerBytes <= body.length)) {
    throw badRequest('bad_header', 'inference-header-content-length is not within the body');
  }
  const json = parseObject(headerBytes === null ? body : body.subarray(0, headerBytes));
  const binary = { bytes: body, at: headerBytes ?? body.length };
  if (!Array.isArray(json.inputs) || json.inputs.length === 0 || json.inputs.length > MAX_INPUTS) {
    throw badRequest('bad_request', `inputs must be a list of 1 to ${MAX_INPUTS} tensors`);
  }
  const inputs: Inputs = Object.create(null);
  for (const input of json.inputs) inputs[nameOf(input)] = tensorOf(input, binary);
  const wantsBinary = asObject(json.parameters).binary_data_output === true;
  return { ...(typeof json.id === 'string' && { id: json.id.slice(0, 200) }), inputs, wantsBinary };
}

type Loose = Record<string, unknown>;

function tensorOf(input: Loose, binary: { bytes: Buffer; at: number }) {
  const name = nameOf(input);
  const shape = input.shape as number[];
  const sizeBytes = asObject(input.parameters).binary_data_size;
  if (sizeBytes === undefined) return tensorFromJson({ name, shape, datatype: input.datatype, data: input.data });
  const end = binary.at + Number(sizeBytes);
  if (!(Number.isInteger(sizeBytes) && Number(sizeBytes) >= 0 && end <= binary.bytes.length)) {
    throw badRequest('bad_data', `input "${name}": binary_data_size goes beyond the body`);
  }
  const bytes = binary.bytes.subarray(binary.at, end);
  binary.at = end;
  return tensorFromBytes(name, input.datatype, shape, bytes);
}

function nameOf(input: unknown): string {
  const { name } = asObject(input);
  if (typeof name !== 'string' || name === '') throw badRequest('bad_request', 'every input needs a name');
  return name;
}

function parseObject(bytes: Buffer): Loose {
  try {
    return asObject(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw badRequest('bad_json', 'the request is not JSON');
  }
}

function asObject(value: unknown): Loose {
  return typeof value === 'object' && value !== null ? (value as Loose) : {};
}
