import type { LayerSpec } from './network.ts';

/** One model of the demo fleet: what it is made of and how long it learns. */
export type ModelSpec = {
  version: string;
  description: string;
  layers: readonly LayerSpec[];
  /** Simulated signals seen once each, so that nothing can be learnt by heart. */
  trainingSamples: number;
  /** Adam's first step size; it falls to 0 along half a cosine. */
  learningRate: number;
  /** Seed of the first weights. */
  weightSeed: number;
};

export const modelName = 'vibration-fault';

/** The story of a fleet: a useful first model, a better and slower successor, and a fast one that should be stopped. */
export const modelSpecs: readonly ModelSpec[] = [
  {
    version: '1.0.0',
    description: 'Three dense layers: good at tones, poor at blows that may start anywhere',
    layers: [
      { kind: 'dense', outputs: 64 },
      { kind: 'relu' },
      { kind: 'dense', outputs: 32 },
      { kind: 'relu' },
      { kind: 'dense', outputs: 4 },
    ],
    trainingSamples: 16_000,
    learningRate: 0.003,
    weightSeed: 11,
  },
  {
    version: '2.0.0',
    description: 'Two convolutions, which find a pattern wherever it starts, and two dense layers',
    layers: [
      { kind: 'convolution', outChannels: 16, kernel: 31, stride: 4 },
      { kind: 'relu' },
      { kind: 'convolution', outChannels: 24, kernel: 9, stride: 2 },
      { kind: 'relu' },
      { kind: 'dense', outputs: 48 },
      { kind: 'relu' },
      { kind: 'dense', outputs: 4 },
    ],
    trainingSamples: 16_000,
    learningRate: 0.003,
    weightSeed: 12,
  },
  {
    version: '3.0.0',
    description: 'Two narrow dense layers: cheapest to run, too small for the task',
    layers: [{ kind: 'dense', outputs: 9 }, { kind: 'relu' }, { kind: 'dense', outputs: 4 }],
    trainingSamples: 20_000,
    learningRate: 0.003,
    weightSeed: 13,
  },
];
