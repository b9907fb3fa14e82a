type ElementType = { name: string; bits: number | null };

/** TensorProto.DataType of onnx.proto by its number. Texts have no fixed size. */
const elementTypes: ReadonlyMap<number, ElementType> = new Map([
  [1, { name: 'float32', bits: 32 }],
  [2, { name: 'uint8', bits: 8 }],
  [3, { name: 'int8', bits: 8 }],
  [4, { name: 'uint16', bits: 16 }],
  [5, { name: 'int16', bits: 16 }],
  [6, { name: 'int32', bits: 32 }],
  [7, { name: 'int64', bits: 64 }],
  [8, { name: 'string', bits: null }],
  [9, { name: 'bool', bits: 8 }],
  [10, { name: 'float16', bits: 16 }],
  [11, { name: 'float64', bits: 64 }],
  [12, { name: 'uint32', bits: 32 }],
  [13, { name: 'uint64', bits: 64 }],
  [14, { name: 'complex64', bits: 64 }],
  [15, { name: 'complex128', bits: 128 }],
  [16, { name: 'bfloat16', bits: 16 }],
  [17, { name: 'float8e4m3fn', bits: 8 }],
  [18, { name: 'float8e4m3fnuz', bits: 8 }],
  [19, { name: 'float8e5m2', bits: 8 }],
  [20, { name: 'float8e5m2fnuz', bits: 8 }],
  [21, { name: 'uint4', bits: 4 }],
  [22, { name: 'int4', bits: 4 }],
  [23, { name: 'float4e2m1', bits: 4 }],
  [24, { name: 'float8e8m0', bits: 8 }],
]);

/** A type's name; a type that is newer than this table is called by its number. */
export function elementTypeName(dataType: number): string {
  return elementTypes.get(dataType)?.name ?? `type${dataType}`;
}

/** Bits of one element, or null for texts and types that this table does not know. */
export function elementBits(dataType: number): number | null {
  return elementTypes.get(dataType)?.bits ?? null;
}
