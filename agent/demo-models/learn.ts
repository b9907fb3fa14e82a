import { createRandom, vibrationClasses } from '../src/runner/sources/vibration.ts';
import { createAdam } from './adam.ts';
import { createSamples, HELD_OUT_SAMPLES, HELD_OUT_SEED, TRAINING_SEED } from './dataset.ts';
import { createNetwork, learn, type Network } from './network.ts';
import type { ModelSpec } from './specs.ts';

const BATCH_SAMPLES = 32;

/** What a model got right on signals that it never saw. `recall` is by class: the share of its signals recognised. */
export type Judgement = {
  samples: number;
  accuracy: number;
  /** 95 % Wilson interval of the accuracy. */
  low: number;
  high: number;
  recall: Record<string, number>;
};

/** Trains one model. Equal specs give equal weights, bit for bit. */
export function trainNetwork(spec: ModelSpec): Network {
  const network = createNetwork(spec.layers, createRandom(spec.weightSeed));
  const improve = createAdam(network.placed.map(({ layer }) => layer));
  const next = createSamples(TRAINING_SEED);
  const steps = Math.floor(spec.trainingSamples / BATCH_SAMPLES);
  for (let step = 0; step < steps; step += 1) {
    for (let count = 0; count < BATCH_SAMPLES; count += 1) {
      const { signal, label } = next();
      learn(network, signal, label);
    }
    improve((spec.learningRate / 2) * (1 + Math.cos((Math.PI * step) / steps)), BATCH_SAMPLES);
  }
  return network;
}

/** Judges a network on the held-out signals. */
export function judge(network: Network): Judgement {
  const next = createSamples(HELD_OUT_SEED);
  const seen = vibrationClasses.map(() => 0);
  const right = vibrationClasses.map(() => 0);
  for (let count = 0; count < HELD_OUT_SAMPLES; count += 1) {
    const { signal, label } = next();
    seen[label] = (seen[label] ?? 0) + 1;
    if (highest(network.probabilities(signal)) === label) right[label] = (right[label] ?? 0) + 1;
  }
  const correct = right.reduce((total, count) => total + count, 0);
  return {
    samples: HELD_OUT_SAMPLES,
    accuracy: rounded(correct / HELD_OUT_SAMPLES),
    ...wilson(correct, HELD_OUT_SAMPLES),
    recall: Object.fromEntries(
      vibrationClasses.map((name, label) => [name, rounded((right[label] ?? 0) / (seen[label] ?? 1))]),
    ),
  };
}

/** Index of the largest value. */
export function highest(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index += 1) {
    if ((values[index] as number) > (values[best] as number)) best = index;
  }
  return best;
}

/** 95 % interval of a proportion (Wilson 1927), to four decimals. */
function wilson(correct: number, samples: number): { low: number; high: number } {
  const z = 1.959964;
  const share = correct / samples;
  const centre = share + z ** 2 / (2 * samples);
  const spread = z * Math.sqrt((share * (1 - share)) / samples + z ** 2 / (4 * samples ** 2));
  const scale = 1 + z ** 2 / samples;
  return { low: rounded((centre - spread) / scale), high: rounded((centre + spread) / scale) };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
