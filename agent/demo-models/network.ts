import { VIBRATION_SAMPLES, vibrationClasses } from '../src/runner/sources/vibration.ts';
import { convolutionLength, createConvolution } from './convolution.ts';
import { createDense, createRelu, type Layer } from './layers.ts';

/** A network as data: the trainer and the ONNX writer both read it. Shapes follow from the signal's length. */
export type LayerSpec =
  | { kind: 'convolution'; outChannels: number; kernel: number; stride: number }
  | { kind: 'relu' }
  | { kind: 'dense'; outputs: number };

/** A layer's place in the network, with sizes as channels and samples per channel. */
export type PlacedLayer = { spec: LayerSpec; layer: Layer; input: Size; output: Size };
type Size = { channels: number; length: number };

export type Network = { placed: PlacedLayer[]; probabilities: (signal: Float32Array) => Float32Array };

/** Kept out of the standard deviation's zero: a dead sensor gives a flat line, and must not give NaN. */
export const STANDARD_EPSILON = 1e-6;

/** Builds a network with fresh weights drawn from `random`. The last layer must give one value for each class. */
export function createNetwork(specs: readonly LayerSpec[], random: () => number): Network {
  const placed: PlacedLayer[] = [];
  let size: Size = { channels: 1, length: VIBRATION_SAMPLES };
  for (const spec of specs) {
    const layer = placeLayer(spec, size, random);
    placed.push(layer);
    size = layer.output;
  }
  if (size.channels * size.length !== vibrationClasses.length) throw new Error('The last layer must give every class');
  const probabilities = (signal: Float32Array) => {
    let values = standardise(signal);
    for (const { layer } of placed) values = layer.forward(values);
    return softmax(values);
  };
  return { placed, probabilities };
}

function placeLayer(spec: LayerSpec, input: Size, random: () => number): PlacedLayer {
  const values = input.channels * input.length;
  switch (spec.kind) {
    case 'convolution': {
      const shape = { ...spec, inChannels: input.channels, length: input.length };
      const output = { channels: spec.outChannels, length: convolutionLength(shape) };
      return { spec, layer: createConvolution(shape, random), input, output };
    }
    case 'relu':
      return { spec, layer: createRelu(values), input, output: input };
    case 'dense':
      return {
        spec,
        layer: createDense(values, spec.outputs, random),
        input,
        output: { channels: spec.outputs, length: 1 },
      };
  }
}

/** One learning sample: adds the gradient of its cross-entropy to the layers. */
export function learn(network: Network, signal: Float32Array, label: number): void {
  const predicted = network.probabilities(signal);
  // Softmax with cross-entropy has the gradient p - y.
  let gradient: Float32Array = predicted.map((value, index) => value - (index === label ? 1 : 0));
  for (const { layer } of network.placed.toReversed()) gradient = layer.backward(gradient);
}

/** A signal with mean 0 and deviation 1: sensor offset and gain are gone before the first weight. */
export function standardise(signal: Float32Array): Float32Array {
  let sum = 0;
  for (const value of signal) sum += value;
  const mean = sum / signal.length;
  let squares = 0;
  for (const value of signal) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / signal.length + STANDARD_EPSILON);
  return signal.map((value) => (value - mean) / deviation);
}

function softmax(values: Float32Array): Float32Array {
  const highest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - highest));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}
