import { encodeFloats, encodeModel, encodeNode, encodePort } from '../demo-models/onnx-writer.ts';
import type { Field } from '../demo-models/protobuf-writer.ts';

const CHANNELS = 64;
const PIXELS = 56;
const CONVOLUTIONS = 3;
const CLASSES = 10;

type Parts = { nodes: Field[]; tensors: Field[] };

/** Weights that no kernel can leave out: small, of both signs, none of them 0. */
function weights(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => ((index * 2_654_435_761) % 1_000) / 10_000 - 0.0499);
}

/** A perceptron 4-16-3: what is left of its time is the cost of calling it. */
export function tinyModel(): Uint8Array {
  const { nodes, tensors }: Parts = { nodes: [], tensors: [] };
  tensors.push(encodeFloats('w1', [4, 16], weights(64)), encodeFloats('w2', [16, 3], weights(48)));
  nodes.push(
    encodeNode('MatMul', ['input', 'w1'], 'hidden'),
    encodeNode('Relu', ['hidden'], 'active'),
    encodeNode('MatMul', ['active', 'w2'], 'logits'),
    encodeNode('Softmax', ['logits'], 'probabilities', { axis: 1 }),
  );
  return model('tiny', { nodes, tensors }, [4], 3);
}

/** Three 3 × 3 convolutions over 64 channels of 56 × 56, as in the middle of a ResNet: 0.35 GMAC, some 10 ms of one core. */
export function largeModel(): Uint8Array {
  const { nodes, tensors }: Parts = { nodes: [], tensors: [] };
  let last = 'input';
  for (let layer = 1; layer <= CONVOLUTIONS; layer++) {
    tensors.push(encodeFloats(`w${layer}`, [CHANNELS, CHANNELS, 3, 3], weights(CHANNELS * CHANNELS * 9)));
    nodes.push(
      encodeNode('Conv', [last, `w${layer}`], `c${layer}`, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
      encodeNode('Relu', [`c${layer}`], `r${layer}`),
    );
    last = `r${layer}`;
  }
  tensors.push(encodeFloats('head', [CHANNELS, CLASSES], weights(CHANNELS * CLASSES)));
  nodes.push(
    encodeNode('GlobalAveragePool', [last], 'pooled'),
    encodeNode('Flatten', ['pooled'], 'flat', { axis: 1 }),
    encodeNode('MatMul', ['flat', 'head'], 'logits'),
    encodeNode('Softmax', ['logits'], 'probabilities', { axis: 1 }),
  );
  return model('large', { nodes, tensors }, [CHANNELS, PIXELS, PIXELS], CLASSES);
}

function model(graphName: string, { nodes, tensors }: Parts, input: number[], classes: number): Uint8Array {
  return encodeModel({
    graphName,
    modelVersion: 1,
    description: `the ${graphName} model of the agent's bench`,
    nodes,
    tensors,
    inputs: [encodePort('input', ['N', ...input])],
    outputs: [encodePort('probabilities', ['N', classes])],
    metadata: {},
  });
}
