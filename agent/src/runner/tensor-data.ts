import type { OipTensor, tensorTypes } from '@flotilla/protocol';
import { badRequest } from './runner-error.ts';

type OipType = (typeof tensorTypes)[number];
type OrtType = (typeof ortTypes)[OipType];

const ortTypes = {
  BOOL: 'bool',
  UINT8: 'uint8',
  INT8: 'int8',
  UINT16: 'uint16',
  INT16: 'int16',
  INT32: 'int32',
  UINT32: 'uint32',
  INT64: 'int64',
  UINT64: 'uint64',
  FP32: 'float32',
  FP64: 'float64',
} as const satisfies Record<OipType, string>;
const arrays = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** A tensor's content, without the runtime that computes with it: the agent reads requests too, and holds no ONNX Runtime. */
export type TensorData = {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: InstanceType<(typeof arrays)[OrtType]>;
};

/** The OIP name of a tensor type of ONNX Runtime; undefined for one that the protocol cannot carry. */
export function oipTypeOf(type: string): OipType | undefined {
  const found = Object.entries(ortTypes).find(([, each]) => each === type);
  return found?.[0] as OipType | undefined;
}

function typesOf(datatype: unknown, name: string) {
  const type = typeof datatype === 'string' && datatype in ortTypes ? ortTypes[datatype as OipType] : undefined;
  if (!type) throw badRequest('bad_datatype', `input "${name}": unknown datatype ${String(datatype)}`);
  return { type, Typed: arrays[type] };
}

/** Elements of a shape; throws for a shape that is none. */
function elementsOf(shape: unknown, name: string): number {
  const isShape = Array.isArray(shape) && shape.every((each) => Number.isInteger(each) && each >= 0);
  if (!isShape) throw badRequest('bad_shape', `input "${name}": shape must be a list of whole numbers`);
  return shape.reduce((product, each) => product * each, 1);
}

/** From the JSON form; `data` flat or nested, as OIP v2 allows both. */
export function dataFromJson(tensor: { name: string; shape: number[]; datatype: unknown; data?: unknown }): TensorData {
  const { name, shape, datatype } = tensor;
  const { type, Typed } = typesOf(datatype, name);
  if (!Array.isArray(tensor.data)) throw badRequest('bad_data', `input "${name}": data must be a list`);
  const flat: unknown[] = Array.isArray(tensor.data[0]) ? tensor.data.flat(Number.POSITIVE_INFINITY) : tensor.data;
  const count = elementsOf(shape, name);
  if (flat.length !== count) {
    throw badRequest('bad_data', `input "${name}": ${flat.length} values for a shape of ${count}`);
  }
  if (!flat.every((each) => typeof each === 'number' || typeof each === 'boolean')) {
    throw badRequest('bad_data', `input "${name}": data must be numbers or booleans`);
  }
  return { type, dims: shape, data: fill(Typed, flat as (number | boolean)[], name) };
}

function fill(Typed: (typeof arrays)[OrtType], values: (number | boolean)[], name: string) {
  try {
    if (Typed === BigInt64Array || Typed === BigUint64Array) return Typed.from(values.map(BigInt));
    return (Typed as Float32ArrayConstructor).from(values, Number);
  } catch {
    throw badRequest('bad_data', `input "${name}": 64-bit integers must be whole numbers`);
  }
}

/** From the binary extension: little-endian bytes, copied because what arrives by HTTP is not aligned. */
export function dataFromBytes(name: string, datatype: unknown, shape: number[], bytes: Uint8Array): TensorData {
  const { type, Typed } = typesOf(datatype, name);
  const expected = elementsOf(shape, name) * Typed.BYTES_PER_ELEMENT;
  if (bytes.length !== expected) {
    throw badRequest('bad_data', `input "${name}": ${bytes.length} bytes for a shape of ${expected} bytes`);
  }
  const buffer = new ArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return { type, dims: shape, data: new Typed(buffer) };
}

export function dataToJson(name: string, tensor: TensorData): OipTensor {
  const datatype = oipTypeFor(name, tensor.type);
  const values = Array.from(tensor.data as Iterable<number | bigint>, Number);
  const data = datatype === 'BOOL' ? values.map((value) => value !== 0) : values;
  return { name, datatype, shape: [...tensor.dims], data };
}

export function oipTypeFor(name: string, type: string): OipType {
  const datatype = oipTypeOf(type);
  if (!datatype) throw badRequest('bad_output', `output "${name}" has the type ${type}, which cannot be sent`);
  return datatype;
}
