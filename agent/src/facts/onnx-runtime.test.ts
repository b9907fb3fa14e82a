import { expect, test, vi } from 'vitest';
import { MAX_OPSET, ORT_VERSION } from './onnx-runtime.ts';

vi.stubEnv('ORT_DISABLE_TELEMETRY', '1');
const { env, InferenceSession } = await import('onnxruntime-node');

/** A protobuf field: a number as varint, bytes or text with their length. */
function field(number: number, value: number | string | Uint8Array): Buffer {
  if (typeof value === 'number') return Buffer.from([number << 3, value]);
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}
const message = (...fields: Buffer[]) => Buffer.concat(fields);

/** The smallest ONNX model there is: y = Identity(x), one float, in this opset (onnx.proto: ModelProto). */
function identityModel(opset: number): Buffer {
  const shape = field(2, field(1, field(1, 1)));
  const value = (name: string) => message(field(1, name), field(2, field(1, message(field(1, 1), shape))));
  const node = message(field(1, 'x'), field(2, 'y'), field(4, 'Identity'));
  const graph = message(field(1, node), field(2, 'g'), field(11, value('x')), field(12, value('y')));
  return message(field(1, 8), field(7, graph), field(8, message(field(1, ''), field(2, opset))));
}

test('the stated version is the one of the library', () => {
  expect(env.versions.node).toBe(ORT_VERSION);
});

test('the stated opset loads and the next one does not', async () => {
  await expect(InferenceSession.create(identityModel(MAX_OPSET))).resolves.toBeDefined();
  await expect(InferenceSession.create(identityModel(MAX_OPSET + 1))).rejects.toThrow(/opset/i);
});
