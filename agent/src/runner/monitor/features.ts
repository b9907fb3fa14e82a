import type { FeatureCounts, FeatureOf, ReferenceProfile } from '@flotilla/protocol';
import type { TensorData } from '../tensor-data.ts';
import { EdgeBins, type FeatureBins, SketchBins } from './feature-bins.ts';
import { featureValue, type InputShape, type Stats, samplesOf, statsOf } from './feature-values.ts';

/** Features counted of a model without a reference profile. */
const MAX_AUTOMATIC = 8;

/** An input of at most so many elements is counted element by element. */
const MAX_VECTOR = 8;

/** Longest part of an input's name in a feature's. */
const MAX_NAME_LENGTH = 56;

/** Inputs larger than this are looked at at most every {@link LARGE_EVERY_MS}: a pass over them is not free. */
const LARGE_ELEMENTS = 8_192;
const LARGE_EVERY_MS = 200;

type Feature = { name: string; input: string; of: FeatureOf; bins: FeatureBins };
type Tensors = Readonly<Record<string, TensorData>>;

/**
 * Counts what comes into a model, one number a sample and feature. With a profile its features on its edges; without one each element of
 * a small vector, else mean and spread of each input.
 */
export class InputFeatures {
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #now: () => number;
  #byInput: Map<string, Feature[]> | null;
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** `now` is monotonic, in milliseconds. */
  constructor(profile: ReferenceProfile | null, inputs: readonly InputShape[], now: () => number) {
    this.#shapes = new Map(inputs.map(({ name, shape }) => [name, shape]));
    this.#now = now;
    const features = profile?.features.map(({ name, input, of, edges }) => ({
      name,
      input,
      of,
      bins: new EdgeBins(edges),
    }));
    this.#byInput = features ? grouped(features) : null;
  }

  add(inputs: Tensors): void {
    if (Object.values(inputs).some(({ data }) => data.length > LARGE_ELEMENTS)) {
      const nowMs = this.#now();
      if (nowMs - this.#lookedMs < LARGE_EVERY_MS) return;
      this.#lookedMs = nowMs;
    }
    this.#byInput ??= grouped(automaticFeatures(inputs, this.#shapes));
    for (const [input, features] of this.#byInput) this.#addInput(inputs[input], this.#shapes.get(input), features);
  }

  take(): Record<string, FeatureCounts> | undefined {
    const counted = [...(this.#byInput?.values() ?? [])].flat().flatMap(({ name, bins }) => {
      const counts = bins.take();
      return counts ? [[name, counts] as const] : [];
    });
    return counted.length > 0 ? Object.fromEntries(counted) : undefined;
  }

  #addInput(tensor: TensorData | undefined, shape: readonly number[] | undefined, features: Feature[]): void {
    if (!tensor) {
      for (const { bins } of features) bins.add(Number.NaN);
      return;
    }
    const { rows, width, numbers } = samplesOf(shape, tensor);
    for (let row = 0; row < rows; row++) {
      const from = row * width;
      let stats: Stats | undefined;
      const statsOnce = () => {
        stats ??= statsOf(numbers, from, width);
        return stats;
      };
      for (const { of, bins } of features) bins.add(featureValue(of, numbers, from, width, statsOnce));
    }
  }
}

function grouped(features: readonly Feature[]): Map<string, Feature[]> {
  return Map.groupBy(features, ({ input }) => input);
}

function automaticFeatures(inputs: Tensors, shapes: ReadonlyMap<string, readonly number[]>): Feature[] {
  const features = Object.entries(inputs).flatMap(([input, tensor]): Omit<Feature, 'bins'>[] => {
    const name = safeName(input);
    const { width } = samplesOf(shapes.get(input), tensor);
    if (width >= 1 && width <= MAX_VECTOR) {
      return Array.from({ length: width }, (_, element) => ({ name: `${name}[${element}]`, input, of: { element } }));
    }
    return (['mean', 'sd'] as const).map((stat) => ({ name: `${name}.${stat}`, input, of: { stat } }));
  });
  const names = new Set<string>();
  const distinct = features.filter(({ name }) => !names.has(name) && names.add(name));
  return distinct.slice(0, MAX_AUTOMATIC).map((each) => ({ ...each, bins: new SketchBins() }));
}

/** What the protocol takes as the name of a feature. */
function safeName(input: string): string {
  return (
    input
      .replaceAll(/[^A-Za-z0-9_.:-]/g, '_')
      .replace(/^[^A-Za-z0-9_]/, '_')
      .slice(0, MAX_NAME_LENGTH) || '_'
  );
}
