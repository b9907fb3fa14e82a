import type { IncomingMessage } from 'node:http';
import { badRequest, RequestError } from './runner-error.ts';
import { dataFromBytes, dataFromJson, type TensorData } from './tensor-data.ts';

/** Longest request body: a 4K colour frame as FP32 is 100 MB and belongs into a source; half that fits here. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Most inputs of one request. */
const MAX_INPUTS = 64;

/** Longest id of an inference: as long as one that is reported. */
const MAX_ID_LENGTH = 128;

/** `label`: the true class or value, as the request's parameter of that name. */
export type InferRequest = {
  id?: string;
  label?: string | number;
  inputs: Record<string, TensorData>;
  wantsBinary: boolean;
};

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
  const { json, binary } = splitBody(body, headerBytes);
  if (!Array.isArray(json.inputs) || json.inputs.length === 0 || json.inputs.length > MAX_INPUTS) {
    throw badRequest('bad_request', `inputs must be a list of 1 to ${MAX_INPUTS} tensors`);
  }
  const inputs: InferRequest['inputs'] = Object.create(null);
  for (const input of json.inputs) inputs[nameOf(input)] = tensorOf(input, binary);
  const { binary_data_output: wanted, label } = asObject(json.parameters);
  return {
    ...(typeof json.id === 'string' && json.id !== '' && { id: json.id.slice(0, MAX_ID_LENGTH) }),
    ...((typeof label === 'string' || typeof label === 'number') && { label }),
    inputs,
    wantsBinary: wanted === true,
  };
}

/** Reads the outputs of an answer to an inference request, in either form. Throws {@link RequestError} for one that is none. */
export function parseInferResponse(body: Buffer, headerBytes: number | null): Record<string, TensorData> {
  const { json, binary } = splitBody(body, headerBytes);
  const outputs: Record<string, TensorData> = Object.create(null);
  for (const output of Array.isArray(json.outputs) ? json.outputs : []) {
    outputs[nameOf(output)] = tensorOf(output, binary);
  }
  return outputs;
}

function splitBody(body: Buffer, headerBytes: number | null) {
  if (headerBytes !== null && !(headerBytes >= 0 && headerBytes <= body.length)) {
    throw badRequest('bad_header', 'inference-header-content-length is not within the body');
  }
  const json = parseObject(headerBytes === null ? body : body.subarray(0, headerBytes));
  return { json, binary: { bytes: body, at: headerBytes ?? body.length } };
}

type Loose = Record<string, unknown>;

function tensorOf(input: Loose, binary: { bytes: Buffer; at: number }) {
  const name = nameOf(input);
  const shape = input.shape as number[];
  const sizeBytes = asObject(input.parameters).binary_data_size;
  if (sizeBytes === undefined) return dataFromJson({ name, shape, datatype: input.datatype, data: input.data });
  const end = binary.at + Number(sizeBytes);
  if (!(Number.isInteger(sizeBytes) && Number(sizeBytes) >= 0 && end <= binary.bytes.length)) {
    throw badRequest('bad_data', `input "${name}": binary_data_size goes beyond the body`);
  }
  const bytes = binary.bytes.subarray(binary.at, end);
  binary.at = end;
  return dataFromBytes(name, input.datatype, shape, bytes);
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
