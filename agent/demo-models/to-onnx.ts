import { VIBRATION_SAMPLES, vibrationClasses } from '../src/runner/sources/vibration.ts';
import { padding } from './convolution.ts';
import { type Network, type PlacedLayer, STANDARD_EPSILON } from './network.ts';
import { encodeFloats, encodeIntegers, encodeModel, encodeNode, encodePort } from './onnx-writer.ts';
import type { Field } from './protobuf-writer.ts';

type Graph = { nodes: Field[]; tensors: Field[]; last: string };

/** A trained network as an ONNX file: `signal` [N,256] in, `probabilities` [N,4] out, normalisation included. */
export function networkToOnnx(
  network: Network,
  about: { graphName: string; modelVersion: number; description: string; metadata: Record<string, string> },
): Uint8Array {
  const graph: Graph = { nodes: [], tensors: [], last: 'signal' };
  addStandardisation(graph);
  let isSpatial = false;
  for (const [index, placed] of network.placed.entries())
    isSpatial = addLayer(graph, placed, `layer${index}`, isSpatial);
  graph.nodes.push(encodeNode('Softmax', [graph.last], 'probabilities', { axis: 1 }));
  return encodeModel({
    ...about,
    nodes: graph.nodes,
    tensors: graph.tensors,
    inputs: [encodePort('signal', ['N', VIBRATION_SAMPLES])],
    outputs: [encodePort('probabilities', ['N', vibrationClasses.length])],
  });
}

/** The same arithmetic as `standardise`: mean 0, deviation 1 for each signal of the batch. */
function addStandardisation(graph: Graph): void {
  graph.tensors.push(encodeFloats('epsilon', [1], Float32Array.of(STANDARD_EPSILON)));
  graph.nodes.push(
    encodeNode('ReduceMean', ['signal'], 'mean', { axes: [1], keepdims: 1 }),
    encodeNode('Sub', ['signal', 'mean'], 'centred'),
    encodeNode('Mul', ['centred', 'centred'], 'squares'),
    encodeNode('ReduceMean', ['squares'], 'variance', { axes: [1], keepdims: 1 }),
    encodeNode('Add', ['variance', 'epsilon'], 'safe_variance'),
    encodeNode('Sqrt', ['safe_variance'], 'deviation'),
    encodeNode('Div', ['centred', 'deviation'], 'standardised'),
  );
  graph.last = 'standardised';
}

/** Adds one layer and returns whether its output still has a time axis, [N,C,L] rather than [N,C]. */
function addLayer(graph: Graph, placed: PlacedLayer, name: string, isSpatial: boolean): boolean {
  const { spec, input } = placed;
  const append = (operator: string, extra: string[], attributes: Record<string, number | number[]>, output = name) => {
    graph.nodes.push(encodeNode(operator, [graph.last, ...extra], output, attributes));
    graph.last = output;
  };
  switch (spec.kind) {
    case 'convolution': {
      if (!isSpatial) {
        graph.tensors.push(encodeIntegers(`${name}_axis`, [1]));
        append('Unsqueeze', [`${name}_axis`], {}, `${name}_in`);
      }
      const pad = padding(spec.kernel);
      const extra = addWeights(graph, placed, name, [spec.outChannels, input.channels, spec.kernel]);
      append('Conv', extra, { kernel_shape: [spec.kernel], strides: [spec.stride], pads: [pad, pad] });
      return true;
    }
    case 'relu':
      append('Relu', [], {});
      return isSpatial;
    case 'dense': {
      if (isSpatial) append('Flatten', [], { axis: 1 }, `${name}_in`);
      const extra = addWeights(graph, placed, name, [spec.outputs, input.channels * input.length]);
      append('Gemm', extra, { transB: 1 });
      return false;
    }
  }
}

function addWeights(graph: Graph, { layer }: PlacedLayer, name: string, shape: number[]): string[] {
  const [weights, biases] = layer.parameters;
  if (!weights || !biases) throw new Error(`${name} has no weights`);
  graph.tensors.push(encodeFloats(`${name}_weights`, shape, weights));
  graph.tensors.push(encodeFloats(`${name}_biases`, [biases.length], biases));
  return [`${name}_weights`, `${name}_biases`];
}
