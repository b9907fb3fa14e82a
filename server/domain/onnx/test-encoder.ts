import type { ByteSource } from './byte-source.ts';

/** Protobuf for tests. Not shared with the product, so that a mistake in one is not a mistake in both. */
export function int(field: number, value: number | bigint): number[] {
  return [...varint(BigInt(field) * 8n), ...varint(BigInt.asUintN(64, BigInt(value)))];
}

export function len(field: number, body: string | readonly number[]): number[] {
  const bytes = typeof body === 'string' ? [...new TextEncoder().encode(body)] : body;
  return [...varint(BigInt(field) * 8n + 2n), ...varint(BigInt(bytes.length)), ...bytes];
}

export function varint(value: bigint): number[] {
  return value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)];
}

export function node(opType: string, domain = '', attributes: number[] = []): number[] {
  return len(1, [...len(1, 'x'), ...len(2, 'y'), ...len(4, opType), ...attributes, ...(domain ? len(7, domain) : [])]);
}

export function subgraph(attributeName: string, graph: number[]): number[] {
  return len(5, [...len(1, attributeName), ...len(6, graph), ...int(20, 5)]);
}

/** A float32 initializer with unpacked dimensions and raw zeros. */
export function initializer(name: string, shape: number[]): number[] {
  const sizeBytes = 4 * shape.reduce((product, size) => product * size, 1);
  const values = len(9, new Array<number>(sizeBytes).fill(0));
  return len(5, [...shape.flatMap((size) => int(1, size)), ...int(2, 1), ...len(8, name), ...values]);
}

export function externalInitializer(name: string, entries: Record<string, string>, extra: number[] = int(14, 1)) {
  const data = Object.entries(entries).flatMap(([key, value]) => len(13, [...len(1, key), ...len(2, value)]));
  return len(5, [...int(1, 10), ...int(2, 1), ...len(8, name), ...data, ...extra]);
}

export function port(field: 11 | 12, name: string, dimensions: number[][]): number[] {
  const shape = len(
    2,
    dimensions.flatMap((dimension) => len(1, dimension)),
  );
  return len(field, [...len(1, name), ...len(2, len(1, [...int(1, 1), ...shape]))]);
}

/** A model whose last part, the operator sets, is mandatory: every shorter file is incomplete. */
export function model(graph: number[], extra: number[] = []): Uint8Array {
  return Uint8Array.from([...int(1, 8), ...len(2, 'test'), ...extra, ...len(7, graph), ...len(8, int(2, 17))]);
}

export const smallModel = model([
  ...node('MatMul'),
  ...node('Add'),
  ...node('MatMul'),
  ...len(2, 'small'),
  ...initializer('w', [3, 2]),
  ...initializer('b', [2]),
  ...port(11, 'x', [len(2, 'N'), int(1, 3)]),
  ...port(11, 'w', [int(1, 3), int(1, 2)]),
  ...port(12, 'y', [len(2, 'N'), int(1, 2), [], int(1, -1)]),
]);

/** A source over bytes that refuses to be read outside of itself. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    async read(offset, length) {
      if (offset < 0 || length < 1 || offset + length > bytes.length) throw new Error('read outside of the file');
      return bytes.slice(offset, offset + length);
    },
  };
}
