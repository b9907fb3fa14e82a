import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OnnxFacts } from './facts.ts';
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
} from './test-encoder.ts';

const demoFolder = new URL('../../../agent/demo-models/', import.meta.url);

type DemoModel = { file: string; version: string; sizeBytes: number; parameters: number };
const demo = JSON.parse(readFileSync(new URL('models.json', demoFolder), 'utf8')) as { models: DemoModel[] };

function facts(bytes: Uint8Array): Promise<OnnxFacts> {
  return readOnnx(sourceOf(bytes));
}

describe('readOnnx', () => {
  it.each(demo.models)('reads the demo model $version', async ({ file, version, sizeBytes, parameters }) => {
    const result = await facts(readFileSync(new URL(file, demoFolder)));
    expect(OnnxFacts.parse(result)).toEqual(result);
    expect(result).toMatchObject({
      irVersion: 8,
      opset: 17,
      opsetImports: [{ domain: 'ai.onnx', version: 17 }],
      producerName: 'flotilla-train',
      modelVersion: Number.parseInt(version, 10),
      inputs: [{ name: 'signal', elementType: 'float32', shape: ['N', 256] }],
      outputs: [{ name: 'probabilities', elementType: 'float32', shape: ['N', 4] }],
      fileSizeBytes: sizeBytes,
      externalData: [],
      quantized: false,
    });
    // The weights, the one number that keeps the deviation from 0, and the axis of the convolution's Unsqueeze.
    const helpers = result.operators.some(({ opType }) => opType === 'Conv') ? 2 : 1;
    expect(result.parameters).toBe(parameters + helpers);
    expect(result.parameterBytes).toBe(4 * parameters + (helpers === 2 ? 4 + 8 : 4));
    expect(result.metadata.classes).toBe('healthy,imbalance,misalignment,bearing-fault');
    expect(result.operators.reduce((sum, { count }) => sum + count, 0)).toBe(result.nodeCount);
  });

  it('gives operators by frequency, and inputs that no initializer fills', async () => {
    expect(await facts(smallModel)).toMatchObject({
      graphName: 'small',
      operators: [
        { domain: 'ai.onnx', opType: 'MatMul', count: 2 },
        { domain: 'ai.onnx', opType: 'Add', count: 1 },
      ],
      nodeCount: 3,
      initializerCount: 2,
      parameters: 8,
      parameterBytes: 32,
      inputs: [{ name: 'x', elementType: 'float32', shape: ['N', 3] }],
      outputs: [{ name: 'y', elementType: 'float32', shape: ['N', 2, null, null] }],
    });
  });

  it('subtracts initializers from the inputs whichever of the two comes first', async () => {
    const { inputs } = await facts(model([...port(11, 'w', []), ...port(11, 'x', []), ...initializer('w', [2])]));
    expect(inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('reads packed dimensions and values outside of raw_data', async () => {
    const floats = len(4, new Array<number>(24).fill(0));
    const packed = len(5, [...len(1, [2, 3]), ...int(2, 1), ...floats, ...len(8, 'w')]);
    const half = len(5, [...len(1, [4]), ...int(2, 10), ...len(5, [0, 0, 0, 0]), ...len(8, 'h')]);
    expect(await facts(model([...packed, ...half]))).toMatchObject({ parameters: 10, parameterBytes: 32 });
  });

  it('counts the values of a sparse initializer, which fills the input of its name', async () => {
    const tensor = (name: string, type: number) => [...int(1, 4), ...int(2, type), ...len(8, name)];
    const sparse = len(15, [...len(1, tensor('s', 1)), ...len(2, tensor('', 7)), ...int(3, 100)]);
    const result = await facts(model([...sparse, ...port(11, 's', [])]));
    expect(result).toMatchObject({ parameters: 4, parameterBytes: 16, initializerCount: 1, inputs: [] });
  });

  it('counts nodes and initializers of subgraphs and of local functions', async () => {
    const branch = [...node('Relu'), ...node('Relu'), ...initializer('inner', [5])];
    const graph = [...node('If', '', [...subgraph('then_branch', branch), ...subgraph('else_branch', node('Gelu'))])];
    const localFunction = len(25, [...len(1, 'Gelu2'), ...len(7, node('Erf').slice(2)), ...len(10, 'local')]);
    const result = await facts(model([...graph, ...node('Gelu2', 'local')], localFunction));
    expect(result.nodeCount).toBe(6);
    expect(result.parameters).toBe(5);
    expect(result.operators).toContainEqual({ domain: 'ai.onnx', opType: 'Relu', count: 2 });
    expect(result.operators).toContainEqual({ domain: 'local', opType: 'Gelu2', count: 1 });
    expect(result.operators).toContainEqual({ domain: 'ai.onnx', opType: 'Erf', count: 1 });
  });

  it.each([
    ['QuantizeLinear', true],
    ['DynamicQuantizeLinear', true],
    ['MatMulInteger', true],
    ['QLinearConv', true],
    ['MatMulNBits', true],
    ['MatMul', false],
    ['Sqrt', false],
  ])('%s makes a model quantized: %s', async (opType, quantized) => {
    expect((await facts(model(node(opType)))).quantized).toBe(quantized);
  });

  it('names each external file once, with the span of its tensors', async () => {
    const graph = [
      ...externalInitializer('a', { location: './weights.bin', offset: '4096', length: '40' }),
      ...externalInitializer('b', { location: 'weights.bin', offset: '0', length: '40' }),
      ...externalInitializer('c', { location: 'parts/open.bin', offset: '0' }),
      ...node(
        'Constant',
        '',
        len(5, [...len(1, 'value'), ...len(5, externalInitializer('d', { location: 'd' }).slice(2))]),
      ),
    ];
    const result = await facts(model(graph));
    expect(result.externalData).toEqual([
      { location: 'weights.bin', offset: 0, length: 4136 },
      { location: 'parts/open.bin' },
      { location: 'd' },
    ]);
    expect(result.parameterBytes).toBe(120);
  });

  it('keeps texts within bounds and clean for a database', async () => {
    const metadata = Array.from({ length: 100 }, (_, index) =>
      len(14, [...len(1, `k${index}`), ...len(2, 'v')]),
    ).flat();
    const extra = [
      ...len(6, 'é'.repeat(5000)),
      ...len(3, '1\u0000.0'),
      ...int(5, -1),
      ...len(14, [...len(1, '__proto__'), ...len(2, 'x')]),
      ...len(14, [...len(1, 'long'), ...len(2, 'x'.repeat(100_000))]),
      ...metadata,
    ];
    const result = await facts(model(node('Relu'), extra));
    expect(result.docString).toBe('é'.repeat(2048));
    expect(result.producerVersion).toBe('1\ufffd.0');
    expect(result.modelVersion).toBe(-1);
    expect(Object.keys(result.metadata)).toHaveLength(64);
    expect(result.metadata.long).toHaveLength(16 * 1024);
    expect(Object.hasOwn(result.metadata, '__proto__')).toBe(false);
  });

  it('knows the operator sets, with 1 as the demand of a model that has no default one', async () => {
    const scikit = Uint8Array.from([
      ...int(1, 8),
      ...len(7, node('Scaler', 'ai.onnx.ml')),
      ...len(8, [...len(1, 'ai.onnx.ml'), ...int(2, 3)]),
    ]);
    expect(await facts(scikit)).toMatchObject({ opset: 1, opsetImports: [{ domain: 'ai.onnx.ml', version: 3 }] });
  });

  it('says what an input that is no tensor is', async () => {
    const sequence = len(11, [...len(1, 'boxes'), ...len(2, len(4, []))]);
    const { inputs } = await facts(model([...node('Relu'), ...sequence]));
    expect(inputs).toEqual([{ name: 'boxes', elementType: 'sequence', shape: [] }]);
  });
});
