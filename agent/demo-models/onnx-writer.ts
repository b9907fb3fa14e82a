import { bytes, type Field, integer, join } from './protobuf-writer.ts';

/** Field numbers are those of onnx.proto (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto). */
const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

export const IR_VERSION = 8;
export const OPSET = 17;

export type OnnxModel = {
  graphName: string;
  modelVersion: number;
  description: string;
  nodes: Field[];
  tensors: Field[];
  inputs: Field[];
  outputs: Field[];
  metadata: Record<string, string>;
};

/** A whole .onnx file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return join([
    integer(1, IR_VERSION),
    bytes(2, 'flotilla-train'),
    bytes(3, `${model.modelVersion}.0.0`),
    integer(5, model.modelVersion),
    bytes(6, model.description),
    bytes(7, [
      ...model.nodes.map((node) => bytes(1, [node])),
      bytes(2, model.graphName),
      ...model.tensors.map((tensor) => bytes(5, [tensor])),
      ...model.inputs.map((input) => bytes(11, [input])),
      ...model.outputs.map((output) => bytes(12, [output])),
    ]),
    bytes(8, [bytes(1, ''), integer(2, OPSET)]),
    ...Object.entries(model.metadata).map(([key, value]) => bytes(14, [bytes(1, key), bytes(2, value)])),
  ]);
}

/** One operator. A number becomes an INT attribute, a list an INTS attribute. */
export function encodeNode(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Record<string, number | readonly number[]> = {},
): Field {
  return join([
    ...inputs.map((input) => bytes(1, input)),
    bytes(2, output),
    bytes(3, output),
    bytes(4, operator),
    ...Object.entries(attributes).map(([name, value]) => bytes(5, encodeAttribute(name, value))),
  ]);
}

/** A float32 initializer, little-endian as ONNX demands. */
export function encodeFloats(name: string, shape: readonly number[], values: Float32Array): Field {
  const raw = new Uint8Array(values.length * 4);
  const view = new DataView(raw.buffer);
  for (const [index, value] of values.entries()) view.setFloat32(index * 4, value, true);
  return encodeTensor(name, FLOAT, shape, raw);
}

/** An int64 initializer. */
export function encodeIntegers(name: string, values: readonly number[]): Field {
  const raw = new Uint8Array(values.length * 8);
  const view = new DataView(raw.buffer);
  for (const [index, value] of values.entries()) view.setBigInt64(index * 8, BigInt(value), true);
  return encodeTensor(name, INT64, [values.length], raw);
}

/** A float32 graph input or output. A text in the shape is a dimension that the caller chooses, such as the batch. */
export function encodePort(name: string, shape: readonly (number | string)[]): Field {
  const dimensions = shape.map((size) => bytes(1, [typeof size === 'number' ? integer(1, size) : bytes(2, size)]));
  return join([bytes(1, name), bytes(2, [bytes(1, [integer(1, FLOAT), bytes(2, dimensions)])])]);
}

function encodeTensor(name: string, elementType: number, shape: readonly number[], raw: Uint8Array): Field {
  return join([...shape.map((size) => integer(1, size)), integer(2, elementType), bytes(8, name), bytes(9, raw)]);
}

function encodeAttribute(name: string, value: number | readonly number[]): Field[] {
  if (typeof value === 'number') return [bytes(1, name), integer(3, value), integer(20, ATTRIBUTE_INT)];
  return [bytes(1, name), ...value.map((item) => integer(8, item)), integer(20, ATTRIBUTE_INTS)];
}
