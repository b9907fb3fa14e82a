import { type FeatureOf, MAX_FEATURES, type ReferenceFeature } from '@flotilla/protocol';
import type { OnnxPort } from '../onnx/facts.ts';

/** An input of up to this many elements is watched element by element, a larger one by statistics over all its elements. */
const MAX_ELEMENTS = 16;

export type FeatureDefinition = Pick<ReferenceFeature, 'name' | 'input' | 'of'>;

/** What to watch of a model's inputs when nobody said: as many as one release may, in order of the inputs. */
export function defaultFeatures(inputs: readonly OnnxPort[]): FeatureDefinition[] {
  const all = inputs.flatMap((port): FeatureDefinition[] => {
    const input = port.name;
    const label = safeName(input);
    const elements = elementsOf(port);
    if (elements !== null && elements <= MAX_ELEMENTS)
      return Array.from({ length: elements }, (_, element) => ({
        name: `${label}[${element}]`,
        input,
        of: { element },
      }));
    return (['mean', 'sd', 'min', 'max'] as const).map((stat) => ({ name: `${label}.${stat}`, input, of: { stat } }));
  });
  const names = new Set<string>();
  return all.filter(({ name }) => !names.has(name) && names.add(name)).slice(0, MAX_FEATURES);
}

/**
 * Numbers in one sample of an input; null when the model leaves it open. The first of several dimensions counts samples when it is open
 * or 1, as devices take it.
 */
export function elementsOf({ shape }: OnnxPort): number | null {
  const isBatch = shape.length >= 2 && (typeof shape[0] !== 'number' || shape[0] === 1);
  const sizes = isBatch ? shape.slice(1) : shape;
  if (sizes.some((size) => typeof size !== 'number')) return null;
  return sizes.reduce<number>((product, size) => product * Number(size), 1);
}

/** One number of one sample's values; NaN when there is none, or it is not finite. */
export function featureValue(of: FeatureOf, values: readonly number[]): number {
  const value = 'element' in of ? (values[of.element as number] ?? Number.NaN) : statOf(of.stat as Stat, values);
  return Number.isFinite(value) ? value : Number.NaN;
}

type Stat = Extract<FeatureOf, { stat: unknown }>['stat'];

/** `sd` is of the values themselves, not an estimate for more of them. */
function statOf(stat: Stat, values: readonly number[]): number {
  const n = values.length;
  if (n === 0) return Number.NaN;
  const sum = (of: (value: number) => number) => values.reduce((total, value) => total + of(value), 0);
  switch (stat) {
    case 'mean':
      return sum((value) => value) / n;
    case 'sd': {
      const mean = sum((value) => value) / n;
      return Math.sqrt(sum((value) => (value - mean) ** 2) / n);
    }
    case 'rms':
      return Math.sqrt(sum((value) => value * value) / n);
    case 'min':
      return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
    case 'max':
      return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  }
}

function safeName(input: string): string {
  const safe = input.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 50);
  return /^[A-Za-z0-9_]/.test(safe) ? safe : `_${safe}`;
}
