import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OnnxFormatError } from './errors.ts';
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
  sourceOf,
  subgraph,
  varint,
} from './test-encoder.ts';

/** The refusal of a file, or undefined when it is read. Anything but an OnnxFormatError fails the test. */
async function refusal(bytes: Uint8Array | number[]): Promise<OnnxFormatError | undefined> {
  try {
    await readOnnx(sourceOf(Uint8Array.from(bytes)));
    return undefined;
  } catch (error) {
    if (error instanceof OnnxFormatError) return error;
    throw error;
  }
}

const ascii = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
const zeros = (count: number) => new Array<number>(count).fill(0);

describe('files that are not whole', () => {
  it('tells every shorter beginning of a model from a whole one', async () => {
    for (let length = 0; length < smallModel.length; length += 1) {
      const error = await refusal(smallModel.slice(0, length));
      expect(error?.code, `${length} bytes`).toBe(length < 2 ? 'not_onnx' : 'truncated');
    }
    expect(await refusal(smallModel)).toBeUndefined();
  });

  it('says where a file of weights was cut', async () => {
    const whole = readFileSync(new URL('../../../agent/demo-models/vibration-fault-2.0.0.onnx', import.meta.url));
    const error = await refusal(whole.subarray(0, 50_000));
    expect(error?.code).toBe('truncated');
    expect(error?.message).toMatch(/begins at byte \d+ would end at byte \d+, but the file ends at byte 50000/);
  });

  it('notices a source that ends before its stated size', async () => {
    const read = async (offset: number) => smallModel.slice(offset, 20);
    await expect(readOnnx({ sizeBytes: smallModel.length, read })).rejects.toMatchObject({ code: 'truncated' });
  });
});

describe('files of other formats', () => {
  it.each([
    ['PyTorch checkpoint', [...ascii('PK\x03\x04'), ...zeros(26), ...ascii('archive/data.pkl')]],
    ['zip archive', [...ascii('PK\x03\x04'), ...zeros(26), ...ascii('readme.txt')]],
    ['pickle', [0x80, 0x02, 0x63, 0x00]],
    ['PNG', ascii('\x89PNG\r\n\x1a\n')],
    ['text file', ascii('epoch,loss\n1,0.5\n')],
    ['text file', ascii(': this begins with the tag of a graph')],
    ['Git LFS', ascii('version https://git-lfs.github.com/spec/v1\noid sha256:0\n')],
    ['TensorFlow Lite', [0x1c, 0, 0, 0, ...ascii('TFL3')]],
    ['SavedModel', [0x08, 0x01, 0x12, 0xff, 0x7f, ...zeros(0x3fff)]],
    ['safetensors', [0x40, 0, 0, 0, 0, 0, 0, 0, ...ascii('{"w":1}')]],
    ['empty', []],
  ])('are called by their name: %s', async (name, bytes) => {
    const error = await refusal(bytes);
    expect(error?.code).toBe('not_onnx');
    expect(error?.message).toContain(name);
  });
});

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
    ['a number without an end', [...int(1, 8), 0x28, ...new Array<number>(12).fill(0xff)]],
    ['a group', [...int(1, 8), 0x3b, 0x3c]],
    ['field number 0', [...int(1, 8), 0x02, 0x00]],
    ['a length of 2^64 - 1', [...int(1, 8), 0x3a, ...varint(2n ** 64n - 1n)]],
    ['a text where a number belongs', [...len(1, 'eight')]],
    ['a number where the graph belongs', [...int(1, 8), ...int(7, 1)]],
    ['an absurd IR version', [...int(1, 123_456)]],
    ['two graphs', [...model(node('Relu')), ...len(7, node('Relu'))]],
    ['a part longer than its whole', [...int(1, 8), ...len(7, [0x0a, 0x05, 0x0a]), ...zeros(10)]],
    ['a name of 5000 bytes', [...model(len(2, 'n'.repeat(5000)))]],
    ['a negative dimension', [...model(len(5, [...int(1, -3), ...int(2, 1)]))]],
    [
      'more elements than there are numbers',
      [...model(len(5, [...int(1, 2 ** 40), ...int(1, 2 ** 40), ...int(2, 1)]))],
    ],
    ['65 dimensions', [...model(len(5, len(1, new Array<number>(65).fill(1))))]],
    ['raw values that are too few', [...model(len(5, [...int(1, 9), ...int(2, 1), ...len(9, [0, 0, 0, 0])]))]],
    ['an external length that is no number', [...model(externalInitializer('w', { location: 'w', length: '1e9' }))]],
  ])('are refused for %s', async (_, bytes) => {
    expect((await refusal(bytes))?.code).toBe('not_onnx');
  });

  it('are refused when they hold more than any model does', async () => {
    const inputs = Array.from({ length: 1001 }, (_, index) => port(11, `x${index}`, [])).flat();
    expect((await refusal(model(inputs)))?.code).toBe('too_large_header');
    const operators = Array.from({ length: 2001 }, (_, index) => node(`Op${index}`)).flat();
    expect((await refusal(model(operators)))?.code).toBe('too_large_header');
    const emptyNodes = new Uint8Array(1_000_002).fill(0).map((_, index) => (index % 2 === 0 ? 0x0a : 0));
    const tooMany = [...int(1, 8), 0x3a, ...varint(BigInt(emptyNodes.length))];
    expect((await refusal(Buffer.concat([Uint8Array.from(tooMany), emptyNodes])))?.code).toBe('too_large_header');
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
