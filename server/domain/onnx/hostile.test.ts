import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeExternalPath } from './external-path.ts';
import { readOnnx } from './read-onnx.ts';
import {
  externalInitializer,
  initializer,
  int,
  len,
  model,
  node,
  port,
  smallModel,
  subgraph,
  varint,
} from './test-encoder.ts';
import { refusal } from './test-refusal.ts';

const zeros = (count: number) => new Array<number>(count).fill(0);

/** A model whose graph is one part, over and over. */
function flooded(part: number[], times: number): Uint8Array {
  const graph = Buffer.alloc(part.length * times, Uint8Array.from(part));
  return Buffer.concat([Uint8Array.from([...int(1, 8), 0x3a, ...varint(BigInt(graph.length))]), graph]);
}

describe('hostile files', () => {
  it('never make the reader fail in another way, whatever their bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        await refusal(bytes);
        await refusal([...int(1, 8), ...bytes]);
        await refusal([...int(1, 8), ...len(7, [...bytes])]);
      }),
      { numRuns: 400 },
    );
  });

  it('never make the reader fail in another way when a model is damaged somewhere', async () => {
    const change = fc.record({ at: fc.nat({ max: smallModel.length - 1 }), byte: fc.nat({ max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = smallModel.slice();
        for (const { at, byte } of changes) bytes[at] = byte;
        await refusal(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it('may nest graphs up to the limit and not beyond', async () => {
    const nested = (depth: number): number[] =>
      depth === 0 ? node('Relu') : node('If', '', subgraph('g', nested(depth - 1)));
    expect(await refusal(model(nested(16)))).toBeUndefined();
    expect((await refusal(model(nested(17))))?.code).toBe('too_deep');
    expect((await refusal(model(nested(300))))?.code).toBe('too_deep');
  });

  it.each([
    ['a number does not end', [...int(1, 8), 0x28, ...new Array<number>(12).fill(0xff)]],
    ['unknown kind 3', [...int(1, 8), 0x3b, 0x3c]],
    ['impossible number', [...int(1, 8), 0x02, 0x00]],
    ['negative length', [...int(1, 8), 0x3a, ...varint(2n ** 64n - 1n)]],
    ['should be a number', [...len(1, [0, 1])]],
    ['should be a text or a part', [...int(1, 8), ...int(7, 1)]],
    ['IR version is absurd', [...int(1, 123_456)]],
    ['second graph', [...model(node('Relu')), ...len(7, node('Relu'))]],
    ['longer than what it belongs to', [...int(1, 8), ...len(7, [0x0a, 0x05, 0x0a]), ...zeros(10)]],
    ['a name is 5000 bytes long', [...model(len(2, 'n'.repeat(5000)))]],
    ['impossible shape [-3]', [...model(len(5, [...int(1, -3), ...int(2, 1)]))]],
    ['impossible shape', [...model(len(5, [...int(1, 2 ** 40), ...int(1, 2 ** 40), ...int(2, 1)]))]],
    ['more than 64 numbers', [...model(len(5, len(1, new Array<number>(65).fill(1))))]],
    [
      'more than 64 dimensions',
      [
        ...model(
          len(
            5,
            zeros(65).flatMap(() => int(1, 1)),
          ),
        ),
      ],
    ],
    ['should hold 36 bytes and holds 4', [...model(len(5, [...int(1, 9), ...int(2, 1), ...len(9, [0, 0, 0, 0])]))]],
    ['is no number', [...model(externalInitializer('w', { location: 'w', length: '1e9' }))]],
  ])('are refused with the reason: %s', async (reason, bytes) => {
    const error = await refusal(bytes);
    expect(error?.code).toBe('not_onnx');
    expect(error?.message).toContain(reason);
  });

  it.each([
    ['inputs', () => model(Array.from({ length: 1001 }, (_, index) => port(11, `x${index}`, [])).flat())],
    ['kinds of operators', () => model(Array.from({ length: 2001 }, (_, index) => node(`Op${index}`)).flat())],
    ['nodes', () => flooded([0x0a, 0x00], 500_001)],
    ['initializers', () => flooded([0x2a, 0x00], 200_001)],
    ['fields', () => flooded([0x18, 0x00], 2_000_001)],
    ['bytes of names and texts', () => flooded(node('N'.repeat(4096)), 9000)],
  ])('are refused when they hold more %s than any model does', async (what, build) => {
    const error = await refusal(build());
    expect(error?.code).toBe('too_large_header');
    expect(error?.message).toContain(what);
  });

  it.each([
    '../weights.bin',
    'a/../../weights.bin',
    '/etc/passwd',
    'C:\\weights.bin',
    'C:weights.bin',
    'a\\b',
    'weights\u0000.bin',
    'weights\n.bin',
    '',
    '.',
    'a//b',
    '*/_ORT_MEM_ADDR_/*',
  ])('may not take weights from %j', async (location) => {
    const error = await refusal(model(externalInitializer('w', { location })));
    expect(error?.code).toBe('unsafe_external_path');
    // Also when the tensor says that its values are inside: a runtime might read the path all the same.
    expect((await refusal(model(externalInitializer('w', { location }, []))))?.code).toBe('unsafe_external_path');
  });

  it('may not take weights from elsewhere for constants and sparse tensors either', async () => {
    const tensor = externalInitializer('w', { location: '../w' }).slice(2);
    const attribute = (body: number[]) => node('Constant', '', len(5, [...len(1, 'value'), ...body]));
    const places = [
      attribute(len(5, tensor)),
      attribute(len(10, tensor)),
      attribute(len(22, len(1, tensor))),
      attribute(len(23, len(2, tensor))),
      len(15, len(1, tensor)),
      len(15, len(2, tensor)),
    ];
    for (const place of places) expect((await refusal(model(place)))?.code).toBe('unsafe_external_path');
  });

  it('may not name a file by more than 1024 bytes', async () => {
    const named = (length: number) => model(externalInitializer('w', { location: 'x'.repeat(length) }));
    expect(await refusal(named(1024))).toBeUndefined();
    expect((await refusal(named(1025)))?.code).toBe('unsafe_external_path');
  });

  it.each(['weights.bin', './weights.bin', 'parts/layer 1.bin', 'weights..bin', 'модель.bin'])(
    'may name %j',
    (location) => {
      expect(safeExternalPath(location)).toBe(location.replace('./', ''));
    },
  );
});

describe('large files', () => {
  it('are read without their tensors: below 1 MiB of 1 GiB', async () => {
    const giantBytes = 2 ** 30;
    const tensor = [...int(1, giantBytes / 4), ...int(2, 1), ...len(8, 'giant'), 0x4a, ...varint(BigInt(giantBytes))];
    const tensorLength = tensor.length + giantBytes;
    const before = [...node('MatMul'), ...initializer('small', [10])];
    const after = [...initializer('last', [10]), ...port(11, 'x', [int(1, 1)])];
    const opening = [...before, 0x2a, ...varint(BigInt(tensorLength)), ...tensor];
    const graphLength = opening.length + giantBytes + after.length;
    const start = [...int(1, 8), 0x3a, ...varint(BigInt(graphLength)), ...opening];
    const end = [...after, ...len(8, int(2, 17))];
    const sizeBytes = start.length + giantBytes + end.length;
    let readBytes = 0;
    const byteAt = (offset: number) => start[offset] ?? end[offset - start.length - giantBytes] ?? 0;
    const facts = await readOnnx({
      sizeBytes,
      async read(offset, length) {
        readBytes += length;
        return Uint8Array.from({ length }, (_, index) => byteAt(offset + index));
      },
    });
    expect(facts).toMatchObject({ fileSizeBytes: sizeBytes, parameters: giantBytes / 4 + 20, initializerCount: 3 });
    expect(facts.inputs).toHaveLength(1);
    expect(readBytes).toBeLessThan(1024 * 1024);
  });
});
