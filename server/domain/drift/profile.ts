import { CONFIDENCE_BINS, type ReferenceFeature, type ReferenceProfile } from '@flotilla/protocol';
import { type FeatureDefinition, featureValue } from './features.ts';

const BINS = 10;

/** Samples below which no profile is made: its deciles would be noise. */
export const MIN_PROFILE_SAMPLES = 200;

/** One sample: the values of each input, flat, by its name. */
export type Sample = ReadonlyMap<string, readonly number[]>;

/** Deciles of each feature over the samples. A feature that no sample has a number for is left out. */
export function profileFeatures(
  definitions: readonly FeatureDefinition[],
  samples: readonly Sample[],
): ReferenceFeature[] {
  return definitions.flatMap((definition) => {
    const values = samples.map((sample) => featureValue(definition.of, sample.get(definition.input) ?? []));
    const finite = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
    const edges = edgesOf(finite);
    if (edges.length === 0) return [];
    const counts = new Array<number>(edges.length + 1).fill(0);
    for (const value of finite) {
      const bin = edges.filter((edge) => edge <= value).length;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return [{ ...definition, edges, counts, missing: values.length - finite.length }];
  });
}

/** How answers were spread over the classes, and over the confidence. */
export function profileOutputs(
  rows: readonly (readonly number[])[],
  classes: number,
): NonNullable<ReferenceProfile['outputs']> {
  const classCounts = new Array<number>(classes).fill(0);
  const confidence = new Array<number>(CONFIDENCE_BINS).fill(0);
  for (const probabilities of rows) {
    const most = Math.max(...probabilities);
    const answer = probabilities.indexOf(most);
    classCounts[answer] = (classCounts[answer] ?? 0) + 1;
    const bin = Math.min(CONFIDENCE_BINS - 1, Math.max(0, Math.floor(most * CONFIDENCE_BINS)));
    confidence[bin] = (confidence[bin] ?? 0) + 1;
  }
  return { classCounts, confidence };
}

/** Deciles without repeats; around a value that never changes, one edge on it and one right above, so that a change on either side shows. */
function edgesOf(sorted: readonly number[]): number[] {
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return [];
  if (least === most) return [least, nextAbove(least)];
  const deciles = Array.from({ length: BINS - 1 }, (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / BINS)]);
  const edges = [...new Set(deciles.filter((edge) => edge !== undefined))];
  return edges.length > 1 || edges[0] !== least ? edges : [least, nextAbove(least)];
}

function nextAbove(value: number): number {
  return value + Math.max(Math.abs(value) * 2 ** -40, 2 ** -40);
}
